"""`plan.json`: the stable form of a plan for programs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from basivert.anatomy.model import Foramen, Partial, Vertebra
from basivert.errors import Finding
from basivert.estimate import Estimate
from basivert.instruments.model import Instrument
from basivert.planning.model import CasePlan, LevelPlan, Path, Plan
from basivert.provenance import Provenance

SCHEMA = "basivert.plan/1"


def plan_document(
    case_plan: CasePlan, scan: Mapping[str, str | int] | None = None
) -> dict[str, Any]:
    """The document; points are LPS mm, every measured value carries unit, interval and basis.

    Args:
        case_plan: what was planned.
        scan: where scan and labels lie, so that later steps find them again.
    """
    return {
        "schema": SCHEMA,
        "research_use_only": True,
        "frame": "LPS mm",
        "warnings": [warning(finding) for finding in case_plan.findings],
        "instrument": {
            "name": case_plan.instrument.name,
            "title": case_plan.instrument.title,
            "edition": case_plan.instrument.edition,
            "assumptions": list(case_plan.instrument.assumptions),
            "definition": _definition(case_plan.instrument),
        },
        "editions": dict(case_plan.provenance.editions),
        "inputs": dict(case_plan.provenance.inputs),
        "versions": dict(case_plan.provenance.versions),
        "seed": case_plan.provenance.seed,
        "scan": dict(scan or {}),
        "vertebrae": [_level(level) for level in case_plan.levels],
    }


def heading(schema: str, provenance: Provenance) -> dict[str, Any]:
    """What a document made from a plan begins with."""
    return {
        "schema": schema,
        "research_use_only": True,
        "frame": "LPS mm",
        "editions": dict(provenance.editions),
        "inputs": dict(provenance.inputs),
        "versions": dict(provenance.versions),
    }


def anatomy_document(found: tuple[Vertebra | Partial, ...]) -> dict[str, Any]:
    """Anatomy alone, in the same form as inside a plan."""
    return {
        "schema": "basivert.anatomy/1",
        "research_use_only": True,
        "frame": "LPS mm",
        "vertebrae": [
            {"level": v.level, "status": "failed" if v.failed else "partial", "reason": v.reason}
            if isinstance(v, Partial)
            else {"level": v.level, "status": "measured", "reason": "", **_anatomy(v)}
            for v in found
        ],
    }


def _level(level: LevelPlan) -> dict[str, Any]:
    vertebra = level.vertebra
    head: dict[str, Any] = {"level": level.level, "status": level.status, "reason": _reason(level)}
    head["warnings"] = [warning(finding) for finding in vertebra.findings]
    if isinstance(vertebra, Partial):
        return {**head, "plans": [], "refusals": []}
    return {
        **head,
        **_anatomy(vertebra),
        "plans": [_plan(plan) for plan in level.plans],
        "refusals": [
            {"side": r.side, "reason": r.reason, "tried": list(r.tried)} for r in level.refusals
        ],
        "pareto": {
            side: [{"margin_mm": float(m), "reach": float(r)} for m, r in points]
            for side, points in level.front.items()
        },
    }


def _reason(level: LevelPlan) -> str:
    if isinstance(level.vertebra, Partial):
        return level.vertebra.reason
    return " ".join(f"{r.side}: {r.reason}" for r in level.refusals)


def _anatomy(vertebra: Vertebra) -> dict[str, Any]:
    return {
        "lps_from_body": rounded(vertebra.lps_from_body),
        "foramen": _foramen(vertebra),
        "target": {
            "density": {
                "weights": rounded(vertebra.target.weights),
                "means_mm": rounded(vertebra.target.means),
                "covariances_mm2": rounded(vertebra.target.covariances),
            },
            "centre_mm": rounded(vertebra.target.centre),
            "sd_mm": rounded(vertebra.target.sd_mm),
            "basis": vertebra.target.basis,
            "windows": [
                {"name": w.name, "low": w.low, "high": w.high, "point_mm": rounded(w.middle),
                 "ends_mm": rounded(w.points), "source": w.source}
                for w in vertebra.target.windows
            ],
        },
        "endplates": {
            name: {
                "centre_mm": rounded(plate.centre), "normal": rounded(plate.normal),
                "sagittal": interval(plate.sagittal_deg), "coronal": interval(plate.coronal_deg),
                "concavity": interval(plate.concavity_mm),
            }
            for name, plate in (("upper", vertebra.upper_endplate),
                                ("lower", vertebra.lower_endplate))
        },
        "size": {
            name: interval(getattr(vertebra.size, name)) for name in vertebra.size.__slots__
        },
        "posterior_wall": {
            "midline_mm": rounded(vertebra.posterior_wall.midline),
            "bulge": interval(vertebra.posterior_wall.bulge_mm),
        },
        "canal": {
            "width": interval(vertebra.canal.width_mm), "depth": interval(vertebra.canal.depth_mm)
        },
        "pedicles": {
            side: {
                "centre_mm": rounded(p.centre), "centre_sd_mm": rounded(p.centre_sd_mm),
                "axis": rounded(p.axis), "width": interval(p.width_mm),
                "height": interval(p.height_mm),
                "cortex": None if p.cortex_mm is None else interval(p.cortex_mm),
                "transverse": interval(p.transverse_deg), "sagittal": interval(p.sagittal_deg),
            }
            for side, p in vertebra.pedicles.items()
        },
        "bone_density": {
            "body": interval(vertebra.density.body_hu),
            "regions": {k: interval(v) for k, v in vertebra.density.regions_hu.items()},
            "meaning": vertebra.density.meaning, "source": vertebra.density.source,
        },
        "surface_sd_mm": vertebra.surface.sd_mm,
    }  # fmt: skip


def _foramen(vertebra: Vertebra) -> dict[str, Any]:
    found = vertebra.foramen
    if isinstance(found, Foramen):
        return {
            "visible": True, "centre_mm": rounded(found.centre), "sd_mm": rounded(found.sd_mm),
            "width": interval(found.width_mm), "height": interval(found.height_mm),
            "openings_mm": rounded(found.openings), "contrast_to_noise": found.contrast_to_noise,
        }  # fmt: skip
    return {
        "visible": False, "centre_mm": rounded(found.expected), "sd_mm": rounded(found.sd_mm),
        "prior": found.prior, "contrast_to_noise": found.contrast_to_noise,
    }  # fmt: skip


def _plan(plan: Plan) -> dict[str, Any]:
    robust = plan.robustness
    return {
        "side": plan.side, "instrument": plan.instrument.name, "rank": plan.rank,
        "route": plan.route, **_path(plan.path),
        "partner": None if plan.partner is None else _path(plan.partner),
        "margins_mm": {m.wall: interval(m.value_mm) | {"at_depth_mm": m.at_depth_mm}
                       for m in plan.margins},
        "canal_rule": {name: interval(getattr(plan.canal, name)) for name in (
            "aim_to_wall_mm", "aim_to_canal_mm", "edge_to_wall_mm", "edge_to_canal_mm")},
        "p_breach": interval(robust.p_breach), "p_unsafe": interval(robust.p_unsafe),
        "p_breach_by_wall": dict(robust.by_wall), "grade": dict(robust.grade),
        "p_reach": interval(robust.p_reach), "reach_exact": plan.reach,
        "errors": dict(robust.errors), "draws": robust.draws, "seed": robust.seed,
        "depths_mm": {name: getattr(plan.depths, name) for name in plan.depths.__slots__},
        "views": [{"name": v.name, "primary_deg": v.primary_deg, "secondary_deg": v.secondary_deg,
                   "reachable": v.reachable} for v in plan.views],
        "path_hu": interval(plan.path_hu),
        "path_hu_by_part": {part: interval(hu) for part, hu in plan.path_hu_by_part.items()},
        "on_pareto": plan.on_pareto,
        "warnings": [warning(finding) for finding in plan.findings],
    }  # fmt: skip


def _path(path: Path) -> dict[str, Any]:
    return {
        "entry_skin_mm": None if path.entry_skin is None else rounded(path.entry_skin),
        "entry_bone_mm": rounded(path.entry_bone), "axis": rounded(path.axis),
        "curve_start_mm": rounded(path.curve_start), "tip_mm": rounded(path.tip),
        "curve_mm": rounded(path.centre_line), "radius_mm": rounded(path.radius_mm),
        "active_mm": rounded(path.active), "roll_deg": path.roll_deg,
        "deployment_mm": path.deployment_mm, "bend_radius_mm": path.bend_radius_mm,
    }  # fmt: skip


def path_from(document: Mapping[str, Any]) -> Path:
    """The path of a plan in a document, as `_path` wrote it."""

    def points(key: str) -> np.ndarray:
        return np.asarray(document[key], float)

    skin = document["entry_skin_mm"]
    return Path(
        entry_skin=None if skin is None else points("entry_skin_mm"),
        entry_bone=points("entry_bone_mm"), axis=points("axis"),
        curve_start=points("curve_start_mm"), tip=points("tip_mm"),
        centre_line=points("curve_mm"), radius_mm=points("radius_mm"), active=points("active_mm"),
        roll_deg=float(document["roll_deg"]), deployment_mm=float(document["deployment_mm"]),
        bend_radius_mm=document["bend_radius_mm"],
    )  # fmt: skip


def _definition(instrument: Instrument) -> dict[str, Any]:
    """The instrument's own file, as `read_instrument` takes it."""
    return json.loads(json.dumps(asdict(instrument)))


def interval(estimate: Estimate) -> dict[str, Any]:
    """Value, interval, level, unit and basis."""
    return {
        "value": estimate.value, "low": estimate.low, "high": estimate.high,
        "level": estimate.level, "unit": estimate.unit, "basis": estimate.basis,
    }  # fmt: skip


def warning(finding: Finding) -> dict[str, str]:
    """A warning as a row."""
    return {
        "code": finding.code, "severity": finding.severity, "what": finding.what,
        "level": finding.level, "source": finding.source,
    }  # fmt: skip


def rounded(array: np.ndarray) -> Any:
    """Nested lists, rounded to a micrometre."""
    return np.round(np.asarray(array, float), 6).tolist()
