"""What heat does in one patient: lesions, what they reach, what they spare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.spatial import KDTree

from basivert.ablation.fields import Fields, Readings
from basivert.ablation.lesion import Region, above
from basivert.ablation.patient.structures import Kind, Structure
from basivert.ablation.uncertainty.model import Endpoint
from basivert.arrays import Points, Vector
from basivert.constants.model import Table

Verdict = Literal["go", "caution", "stop"]
SEVERITY: tuple[Verdict, ...] = ("go", "caution", "stop")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesion:
    """The region that one endpoint calls dead.

    region: None where nothing reaches it.  coverage: probability that the nerve's hub lies in it.
    margins_mm: structure → distance from the lesion; negative = the lesion reaches into it.
    """

    endpoint: Endpoint
    region: Region | None
    coverage: float
    margins_mm: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dose:
    """What one structure gets: the worst of its points over the whole burn.

    omega: law → Ω.  verdict: None for landmarks.  why: the limit that decided, in words.
    """

    structure: str
    kind: Kind
    peak_degc: float
    cem43_min: float
    omega: Mapping[str, float]
    verdict: Verdict | None
    why: str


def lesion(
    fields: Fields, endpoint: Endpoint, hub: Points, weights: Vector,
    structures: Mapping[str, Structure],
) -> Lesion:  # fmt: skip
    """Lesion at the end of a burn under one endpoint.

    Args:
        fields: state at the end.
        endpoint: rule of death.
        hub, weights: (n, 3) LPS mm and (n,) probability of places of the nerve's hub.
        structures: what the distances are measured to.
    """
    grown = {"temperature": fields.temperature_degc, "cem43": fields.log_cem43, **fields.log_omega}
    region = above(fields, grown[endpoint.field], endpoint.threshold)
    if region is None:
        return Lesion(endpoint=endpoint, region=None, coverage=0.0, margins_mm={})
    tree = KDTree(region.surface)
    margins: dict[str, float] = {}
    for name, structure in structures.items():
        away = tree.query(structure.points)[0]
        dead = _dead(fields.sampled(structure.points), endpoint)
        margins[name] = float(-away[dead].max()) if dead.any() else float(away.min())
    covered = float(weights @ _dead(fields.sampled(hub), endpoint))
    return Lesion(endpoint=endpoint, region=region, coverage=covered, margins_mm=margins)


def _dead(readings: Readings, endpoint: Endpoint) -> np.ndarray:
    if endpoint.field == "temperature":
        return readings.temperature_degc >= endpoint.threshold
    if endpoint.field == "cem43":
        return np.log(readings.cem43_min) >= endpoint.threshold
    return np.log(readings.omega[endpoint.field]) >= endpoint.threshold


def doses(
    moments: Sequence[Fields], structures: Mapping[str, Structure], damage: Table
) -> tuple[Dose, ...]:
    """Dose of every structure, over all kept moments.

    Args:
        moments: states close enough in time not to miss a peak, the end last.
        structures: what is at risk.
        damage: table of limits.
    """
    found: list[Dose] = []
    for name, structure in structures.items():
        peak = max(float(degc.max()) for degc in courses(moments, structure.points))
        last = moments[-1].sampled(structure.points)
        cem = float(last.cem43_min.max())
        verdict, why = _judged(structure.kind, peak, cem, damage)
        found.append(Dose(
            structure=name, kind=structure.kind, peak_degc=peak, cem43_min=cem,
            omega={law: float(v.max()) for law, v in last.omega.items()}, verdict=verdict, why=why,
        ))  # fmt: skip
    return tuple(found)


def courses(moments: Sequence[Fields], points: Points) -> list[Vector]:
    """Temperature of (n, 3) points, LPS mm, at each of the moments, °C."""
    found: list[Vector] = []
    mesh, read = None, None
    for moment in moments:
        # Where points lie on a grid is looked up once for all moments on it.
        if read is None or moment.mesh is not mesh:
            mesh, read = moment.mesh, moment.mesh.reader(points)
        found.append(read(moment.temperature_degc, moment.body_degc))
    return found


def _judged(kind: Kind, degc: float, cem43: float, table: Table) -> tuple[Verdict | None, str]:
    """Verdict and the limit behind it; bone heals, so that it is never a reason to stop."""
    if kind == "wall":
        return None, "a landmark without a limit of its own"
    if kind == "bone":
        limit = table["limit.bone_cem43"]
        over = cem43 >= limit.value
        words = f"CEM43 {cem43:.3g} min, limit {limit.value:g} min ({limit.source})"
        return ("caution" if over else "go"), words
    for verdict, word in (("stop", "stop"), ("caution", "warn")):
        hot, dose = table[f"limit.{word}_temperature"], table[f"limit.{word}_cem43"]
        if degc >= hot.value or cem43 >= dose.value:
            return verdict, (  # type: ignore[return-value]
                f"{degc:.1f} °C and CEM43 {cem43:.3g} min against {hot.value:g} °C and "
                f"{dose.value:g} min ({hot.source})"
            )
    hot, dose = table["limit.warn_temperature"], table["limit.warn_cem43"]
    return "go", f"below {hot.value:g} °C and {dose.value:g} min ({hot.source})"


def worst(found: tuple[Dose, ...]) -> Verdict:
    """The gravest verdict of all."""
    given = [SEVERITY.index(dose.verdict) for dose in found if dose.verdict is not None]
    return SEVERITY[max(given, default=0)]
