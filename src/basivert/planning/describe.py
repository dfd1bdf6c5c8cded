"""Chosen poses as complete plans: path, exact margins, depths, views, robustness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Side, Vertebra
from basivert.arrays import Points, Vector
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.estimate import Estimate, normal
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.model import Instrument
from basivert.planning.clearance import canal_distance_mm
from basivert.planning.depths import depths
from basivert.planning.gates import Gate
from basivert.planning.margins import Around, Track, wall_margins
from basivert.planning.model import CanalDistance, Path, Plan
from basivert.planning.robustness import errors_at, robustness
from basivert.planning.tracks import SPACING_MM, insertion, path, skin_to_bone_mm, track
from basivert.planning.views import views
from basivert.volume.model import Volume

PATH_HU_RADIUS_MM = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """What all plans of one vertebra share.

    hubs: (h, 3) places of the hub, body frame.  near: what margins are measured to.
    """

    vertebra: Vertebra
    ct: Volume
    instrument: Instrument
    errors: Table
    thresholds: Table
    technique: Table
    carm: Table
    seed: int
    hubs: Points
    near: Around


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Choice:
    """One chosen insertion.  gates, poses: this side's, then the partner's of a pair."""

    side: Side
    gates: Sequence[Gate]
    poses: Sequence[Vector]
    reach: float
    on_pareto: bool


def described(context: Context, choice: Choice, rank: int) -> Plan:
    """The plan that a choice stands for, with every number a reader gets."""
    vertebra, instrument = context.vertebra, context.instrument
    tracks = [track(vertebra, gate, pose, instrument)
              for gate, pose in zip(choice.gates, choice.poses, strict=True)]  # fmt: skip
    made = [
        path(vertebra, context.ct, gate, pose, way, instrument, context.thresholds)
        for gate, pose, way in zip(choice.gates, choice.poses, tracks, strict=True)
    ]
    (own, met), gate, way = made[0], choice.gates[0], tracks[0]
    skin_mm = skin_to_bone_mm(own)
    depth = depths(vertebra, way, skin_mm)
    path_hu, by_part = _path_hu(vertebra, way, depth.true_wall_mm)
    errors = errors_at(vertebra.level, context.errors, vertebra.surface.sd_mm)
    insertions = [insertion(vertebra, gate_, pose)
                  for gate_, pose in zip(choice.gates, choice.poses, strict=True)]  # fmt: skip
    return Plan(
        level=vertebra.level, side=choice.side, rank=rank, route=gate.route,
        instrument=instrument, path=own, partner=made[1][0] if len(made) > 1 else None,
        margins=wall_margins(context.near, way, gate.passed, instrument),
        canal=_canal(context, [found for found, _ in made]), reach=choice.reach,
        depths=depth, views=views(vertebra, own.axis, context.carm),
        robustness=robustness(vertebra, insertions, instrument, context.hubs, errors,
                              context.thresholds, context.seed),
        path_hu=path_hu, path_hu_by_part=by_part, on_pareto=choice.on_pareto,
        findings=(*met, *_route_findings(vertebra, gate),
                  *_length_finding(vertebra, instrument, way, skin_mm)),
    )  # fmt: skip


def _canal(context: Context, paths: Sequence[Path]) -> CanalDistance:
    """Both readings of the 10 mm rule, to wall and to canal; the nearest probe of a pair counts."""
    vertebra, lesion = context.vertebra, context.instrument.lesion_radius_mm
    zones = moved(inverse(vertebra.lps_from_body), np.array([found.active for found in paths]))
    aims = zones.mean(axis=1)
    wall = vertebra.posterior_wall.y_mm(aims[:, 0], aims[:, 2]) - aims[:, 1]
    canal = canal_distance_mm(vertebra.canal, aims)
    sd, basis = vertebra.surface.sd_mm, "surface position"
    edge_sd = float(np.hypot(sd, lesion.tolerance))
    edge_basis = "surface position and the lesion's assumed radius"
    # The zone is a capsule: its edge comes nearest from the end nearest to the canal.
    ends = zones.reshape(-1, 3)
    nearest = float(canal_distance_mm(vertebra.canal, ends).min()) - lesion.value
    walls = vertebra.posterior_wall.y_mm(ends[:, 0], ends[:, 2]) - ends[:, 1]
    return CanalDistance(
        aim_to_wall_mm=normal(float(wall.min()), sd, "mm", basis),
        aim_to_canal_mm=normal(float(canal.min()), sd, "mm", basis),
        edge_to_wall_mm=normal(float(walls.min()) - lesion.value, edge_sd, "mm", edge_basis),
        edge_to_canal_mm=normal(nearest, edge_sd, "mm", edge_basis),
        lesion_radius_mm=lesion.value,
    )


def _path_hu(
    vertebra: Vertebra, way: Track, wall_mm: float
) -> tuple[Estimate, dict[str, Estimate]]:
    """Mean HU along the centre line in bone, from the gate to the tip, in all and by part."""
    field = vertebra.field
    hu = interpolated(field.hu, field.body_from_index, way.points, outside=0.0)
    inside = way.depth_mm >= way.entry_mm
    behind = way.depth_mm < wall_mm
    parts = {
        "pedicle": inside & behind,
        "body, straight": inside & ~behind & ~way.deployed,
        "body, deployed": way.deployed & ~behind,
    }
    by_part = {name: _mean_hu(hu[part]) for name, part in parts.items() if part.any()}
    return _mean_hu(hu[inside]), by_part


def _mean_hu(hu: np.ndarray) -> Estimate:
    independent = max(1.0, len(hu) * SPACING_MM / PATH_HU_RADIUS_MM)
    return normal(float(hu.mean()), float(hu.std() / np.sqrt(independent)), "HU",
                  "scatter along the path; not calibrated")  # fmt: skip


def _route_findings(vertebra: Vertebra, gate: Gate) -> tuple[Finding, ...]:
    if gate.route != "extrapedicular":
        return ()
    return (Finding(
        code="extrapedicular", severity="caution", level=vertebra.level,
        what="The path enters the body beside the pedicle because none through it was found. "
        "Nerve roots and segmental vessels lie there and are not seen in this scan.",
        source="tech.extrapedicular; pedicle.neighbours: lateral root distance 2.4–9.6 mm",
    ),)  # fmt: skip


def _length_finding(
    vertebra: Vertebra, instrument: Instrument, way: Track, skin_mm: float | None
) -> tuple[Finding, ...]:
    """The introducer must reach from the skin to where the curve starts."""
    longest = instrument.introducer_length_mm.value
    straight = float(way.depth_mm[~way.deployed][-1])
    if skin_mm is None or skin_mm + straight <= longest:
        return ()
    return (Finding(
        code="too-deep", severity="stop", level=vertebra.level,
        what=f"Skin to the introducer's tip is {skin_mm + straight:.0f} mm; the introducer is "
        f"{longest:.0f} mm long.", source=instrument.introducer_length_mm.source,
    ),)  # fmt: skip
