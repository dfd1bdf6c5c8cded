"""`heat.json`: the stable form of a plan's heat for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from basivert.ablation import control
from basivert.ablation.change import Adjustment, Reached, Refusal
from basivert.ablation.model import Course, Material
from basivert.ablation.patient.model import Heat
from basivert.ablation.patient.outcome import Dose, Lesion
from basivert.ablation.uncertainty.model import HeatUncertainty, Quantity
from basivert.edge.codec import heading, interval, rounded, warning
from basivert.provenance import Provenance

SCHEMA = "basivert.heat/1"
DOING = {
    control.ON: "on", control.PAUSED: "paused", control.ROLLED_OFF: "rolled off",
    control.IMPEDANCE_STOP: "stopped by impedance", control.DONE: "done",
}  # fmt: skip
# A course is written at most this often, s.
COURSE_S = 1.0


def heat_document(heats: Sequence[Heat], provenance: Provenance) -> dict[str, Any]:
    """The document; points are LPS mm, every number carries its unit in its name."""
    return {
        **heading(SCHEMA, provenance),
        "seed": provenance.seed,
        "heats": [_heat(heat) for heat in heats],
    }


def _heat(heat: Heat) -> dict[str, Any]:
    made = heat.setup
    return {
        "level": made.vertebra.level, "side": made.planned.side, "rank": made.planned.rank,
        "instrument": made.planned.instrument.name, "protocol": made.protocol.name,
        "protocol_edition": made.protocol.edition, "verdict": heat.verdict,
        "known": {"age_years": made.known.age_years, "modic": dict(made.known.modic)},
        "marrow": {
            part or "body": {"yellow_share": m.yellow, "flow_ml_min_kg": m.flow_ml_min_kg}
            for part, m in made.tissues.parts.items()
        },
        "probes": [
            {
                "line_mm": rounded(p.line), "radius_mm": p.radius_mm, "sensor_mm": p.sensor_mm,
                "electrodes": [
                    {"start_mm": e.start_mm, "end_mm": e.end_mm, "potential": e.potential}
                    for e in p.electrodes
                ],
            }
            for p in made.probes
        ],
        "default_endpoint": heat.lesion.endpoint.name,
        "lesions": [_lesion(lesion) for lesion in heat.lesions],
        "structures": [_dose(heat, dose) for dose in heat.doses],
        "course": _course(heat.course),
        "balance": {
            "given_j": heat.balance.given_j, "stored_j": heat.balance.stored_j,
            "perfused_j": heat.balance.perfused_j, "conducted_j": heat.balance.conducted_j,
            "missing_share": heat.balance.error,
        },
        "effort": {name: getattr(heat.effort, name) for name in heat.effort.__slots__},
        "materials": [_material(m) for m in heat.materials],
        "uncertainty": None if heat.uncertainty is None else _uncertainty(heat.uncertainty),
        "adjustment": None if heat.adjustment is None else _adjustment(heat.adjustment),
        "log": None if heat.comparison is None else [
            {name: getattr(row, name) for name in row.__slots__}
            for row in heat.comparison.disagreements
        ],
        "warnings": [warning(finding) for finding in heat.findings],
    }  # fmt: skip


def _lesion(lesion: Lesion) -> dict[str, Any]:
    rule, region = lesion.endpoint, lesion.region
    head = {
        "endpoint": rule.name, "field": rule.field, "threshold": rule.threshold,
        "weight": rule.weight, "coverage": lesion.coverage,
        "margins_mm": dict(lesion.margins_mm),
    }  # fmt: skip
    if region is None:
        return head | {"volume_ml": 0.0, "centre_mm": None, "axes": None, "lengths_mm": None}
    return head | {
        "volume_ml": region.volume_ml, "centre_mm": rounded(region.centre),
        "axes": rounded(region.axes), "lengths_mm": rounded(region.lengths_mm),
    }  # fmt: skip


def _dose(heat: Heat, dose: Dose) -> dict[str, Any]:
    safety = heat.uncertainty.safety.get(dose.structure) if heat.uncertainty else None
    return {
        "name": dose.structure, "kind": dose.kind, "peak_degc": dose.peak_degc,
        "cem43_min": dose.cem43_min, "omega": dict(dose.omega), "verdict": dose.verdict,
        "why": dose.why,
        "p_safe": None if safety is None else interval(safety.p_safe),
    }  # fmt: skip


def _course(course: Course) -> dict[str, Any]:
    """The generator's display, thinned to what a plot needs; changes of its state are kept."""
    slot = np.floor(course.time_s / COURSE_S)
    kept = np.flatnonzero(np.diff(slot, prepend=-1.0) + np.abs(np.diff(course.doing, prepend=-1)))
    kept = np.unique(np.append(kept, len(course.time_s) - 1))
    return {
        "time_s": rounded(course.time_s[kept]), "voltage_v": rounded(course.voltage_v[kept]),
        "power_w": rounded(course.power_w[kept]),
        "impedance_ohm": rounded(course.impedance_ohm[kept]),
        "sensor_degc": rounded(course.sensor_degc[kept]),
        "doing": [DOING[int(code)] for code in course.doing[kept]],
    }  # fmt: skip


def _material(material: Material) -> dict[str, Any]:
    return {name: getattr(material, name) for name in material.__slots__}


def _uncertainty(found: HeatUncertainty) -> dict[str, Any]:
    return {
        "samples": found.samples, "seed": found.seed,
        "quantities": {name: _quantity(q) for name, q in found.quantities.items()},
        "surrogate_error": {name: getattr(found.error, name) for name in found.error.__slots__},
        "lesion_leaves_view": found.cut,
    }  # fmt: skip


def _quantity(quantity: Quantity) -> dict[str, Any]:
    return {
        "estimate": interval(quantity.estimate), "mean": quantity.mean,
        "by_endpoint": dict(quantity.by_endpoint), "unexplained": quantity.unexplained,
        "indices": [{name: getattr(i, name) for name in i.__slots__} for i in quantity.indices],
    }  # fmt: skip


def _adjustment(found: Adjustment | Refusal) -> dict[str, Any]:
    """The suggested change, or what comes nearest and why it does not serve."""
    serves = isinstance(found, Adjustment)
    change = found.change if serves else found.best
    return {
        "found": serves, "why": "" if serves else found.why,
        "change": {name: getattr(change, name) for name in change.__slots__},
        "now": _reached(found.now), "verified": _reached(found.verified),
        "predicted": _reached(found.predicted) if serves else None,
    }  # fmt: skip


def _reached(found: Reached) -> dict[str, Any]:
    return {
        "coverage": found.coverage, "peak_degc": dict(found.peak_degc),
        "cem43_min": dict(found.cem43_min),
    }  # fmt: skip
