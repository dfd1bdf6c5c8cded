"""One chosen pose as a complete plan: path, exact margins, depths, views, robustness."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from basivert.anatomy.model import Side, Vertebra
from basivert.arrays import Point, Points, Vector
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.estimate import Estimate, normal
from basivert.geometry.curves import deployed_curve
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved, turned
from basivert.instruments.model import Instrument
from basivert.planning.clearance import canal_distance_mm
from basivert.planning.depths import bone_entry_mm, crossing_mm, route_findings, skin
from basivert.planning.margins import wall_margins
from basivert.planning.model import CanalDistance, Depths, Path, Plan
from basivert.planning.poses import (
    DEPLOY,
    DEPTH,
    ROLL,
    TILT,
    TURN,
    Approach,
    axes,
    bends,
    curve_radius_mm,
    lines,
)
from basivert.planning.robustness import errors_at, robustness
from basivert.planning.views import views
from basivert.volume.model import Volume

SPACING_MM = 0.25
PATH_HU_RADIUS_MM = 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Context:
    """What all plans of one vertebra share.

    hubs: (h, 3) places of the hub, body frame.  vessels: name → (m, 3) LPS points.
    """

    vertebra: Vertebra
    ct: Volume
    instrument: Instrument
    errors: Table
    thresholds: Table
    seed: int
    hubs: Points
    vessels: Mapping[str, Points]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """A path in the body frame: points (n, 3), depth from bone entry (n,), radius (n,).

    entry_mm: distance from bone entry to the isthmus.
    """

    points: Points
    depth_mm: Vector
    radius_mm: Vector
    axis: Point
    entry_mm: float


def described(
    context: Context, side: Side, way: Approach, pose: Vector, *, rank: int, reach: float,
    on_pareto: bool,
) -> Plan:  # fmt: skip
    """The plan that a pose row stands for, with every number a reader gets."""
    vertebra, instrument = context.vertebra, context.instrument
    track = _track(vertebra, way, pose, instrument)
    centre_line = moved(vertebra.lps_from_body, track.points)
    path, route, skin_mm = _path(context, way, pose, track, centre_line)
    depth = track.depth_mm
    counts = depth >= track.entry_mm - way.behind_mm
    margins = wall_margins(vertebra, centre_line, track.radius_mm, depth, counts, instrument,
                           context.vessels)  # fmt: skip
    errors = errors_at(vertebra.level, context.errors, vertebra.surface.sd_mm)
    return Plan(
        level=vertebra.level, side=side, rank=rank, route="transpedicular", instrument=instrument,
        path=path, partner=None, margins=margins, canal=_canal(context, path), reach=reach,
        depths=_depths(vertebra, track, pose, skin_mm),
        views=views(vertebra, path.axis, context.thresholds),
        robustness=robustness(
            vertebra, pose, way, instrument, context.hubs, errors, context.thresholds,
            track.entry_mm, context.seed,
        ),
        path_hu=_path_hu(vertebra, track), on_pareto=on_pareto,
        findings=(*route, *_length_finding(vertebra, instrument, depth[-1], skin_mm)),
    )  # fmt: skip


def _track(vertebra: Vertebra, way: Approach, pose: Vector, instrument: Instrument) -> Track:
    axis = axes(pose[TURN : TURN + 1], pose[TILT : TILT + 1], way.sign)[0]
    through = way.centre + pose[0] * way.width_axis + pose[1] * way.height_axis
    entry = bone_entry_mm(vertebra, through, axis)
    count = int(np.ceil((entry + pose[DEPTH]) / SPACING_MM)) + 1
    shaft_mm = np.linspace(-entry, pose[DEPTH], count)
    shaft = through + shaft_mm[:, None] * axis
    bend = bends(axis[None], pose[ROLL : ROLL + 1], way.sign)[0]
    curve = deployed_curve(shaft[-1], axis, bend, bend_radius_mm=curve_radius_mm(instrument),
                           length_mm=float(pose[DEPLOY]), spacing_mm=SPACING_MM)[1:]  # fmt: skip
    beyond = np.linspace(0.0, pose[DEPLOY], len(curve) + 1)[1:]
    radius = np.concatenate([
        np.full(len(shaft), instrument.introducer_diameter_mm.value / 2),
        np.full(len(curve), instrument.curve_diameter_mm.value / 2),
    ])  # fmt: skip
    return Track(
        points=np.concatenate([shaft, curve]),
        depth_mm=np.concatenate([shaft_mm + entry, pose[DEPTH] + entry + beyond]),
        radius_mm=radius, axis=axis, entry_mm=entry,
    )  # fmt: skip


def _path(
    context: Context, way: Approach, pose: Vector, track: Track, centre_line: Points
) -> tuple[Path, tuple[Finding, ...], float | None]:
    """The path in LPS, what was met between skin and bone, and that distance."""
    vertebra = context.vertebra
    axis = turned(vertebra.lps_from_body, track.axis)
    entry_skin, hu, points = skin(context.ct, centre_line[0], axis, context.thresholds)
    inside = moved(inverse(vertebra.lps_from_body), points)
    findings = route_findings(hu, points, vertebra, inside, context.thresholds)
    if entry_skin is None:
        findings = (*findings, Finding(
            code="skin-outside-scan", severity="info", level=vertebra.level,
            what="The scan ends before the skin: no skin entry and no skin-to-bone depth.",
        ))  # fmt: skip
    active = lines(pose[None], way, context.instrument).active[0]
    start = int(np.searchsorted(track.depth_mm, track.entry_mm + pose[DEPTH]))
    path = Path(
        entry_skin=entry_skin, entry_bone=centre_line[0], axis=axis,
        curve_start=centre_line[min(start, len(centre_line) - 1)], tip=centre_line[-1],
        centre_line=centre_line, radius_mm=track.radius_mm,
        active=moved(vertebra.lps_from_body, active), roll_deg=float(np.degrees(pose[ROLL])),
        deployment_mm=float(pose[DEPLOY]),
    )  # fmt: skip
    depth = None if entry_skin is None else float(np.linalg.norm(entry_skin - centre_line[0]))
    return path, findings, depth


def _canal(context: Context, path: Path) -> CanalDistance:
    """Both readings of the 10 mm rule, to wall and to canal."""
    vertebra, lesion = context.vertebra, context.instrument.lesion_radius_mm
    aim = path.active.mean(axis=0)
    inside = moved(inverse(vertebra.lps_from_body), aim)
    wall = vertebra.posterior_wall.y_mm(inside[0], inside[2]) - inside[1]
    canal = float(canal_distance_mm(vertebra.canal, inside[None])[0])
    sd, basis = vertebra.surface.sd_mm, "surface position"
    edge_sd = float(np.hypot(sd, lesion.tolerance))
    edge_basis = "surface position and the lesion's assumed radius"
    # The zone is a capsule: its edge comes nearest from the end nearest to the canal.
    ends = moved(inverse(vertebra.lps_from_body), path.active)
    nearest = float(canal_distance_mm(vertebra.canal, ends).min()) - lesion.value
    walls = vertebra.posterior_wall.y_mm(ends[:, 0], ends[:, 2]) - ends[:, 1]
    return CanalDistance(
        aim_to_wall_mm=normal(float(wall), sd, "mm", basis),
        aim_to_canal_mm=normal(canal, sd, "mm", basis),
        edge_to_wall_mm=normal(float(walls.min()) - lesion.value, edge_sd, "mm", edge_basis),
        edge_to_canal_mm=normal(nearest, edge_sd, "mm", edge_basis),
        lesion_radius_mm=lesion.value,
    )


def _depths(vertebra: Vertebra, track: Track, pose: Vector, skin_mm: float | None) -> Depths:
    wall, points = vertebra.posterior_wall, track.points
    zero = np.zeros(len(points))
    return Depths(
        skin_to_bone_mm=skin_mm,
        isthmus_mm=track.entry_mm,
        wall_line_mm=crossing_mm(track.depth_mm, points, wall.y_mm(zero, points[:, 2])),
        true_wall_mm=crossing_mm(track.depth_mm, points, wall.y_mm(points[:, 0], points[:, 2])),
        curve_start_mm=float(track.entry_mm + pose[DEPTH]),
        tip_mm=float(track.depth_mm[-1]),
    )


def _path_hu(vertebra: Vertebra, track: Track) -> Estimate:
    """Mean HU along the centre line in bone, from the isthmus to the tip."""
    points = track.points[track.depth_mm >= track.entry_mm]
    field = vertebra.field
    hu = interpolated(field.hu, field.body_from_index, points, outside=0.0)
    independent = max(1.0, len(hu) * SPACING_MM / PATH_HU_RADIUS_MM)
    return normal(float(hu.mean()), float(hu.std() / np.sqrt(independent)), "HU",
                  "scatter along the path; not calibrated")  # fmt: skip


def _length_finding(
    vertebra: Vertebra, instrument: Instrument, tip_mm: float, skin_mm: float | None
) -> tuple[Finding, ...]:
    longest = instrument.introducer_length_mm.value
    if skin_mm is None or skin_mm + tip_mm <= longest:
        return ()
    return (Finding(
        code="too-deep", severity="stop", level=vertebra.level,
        what=f"Skin to tip is {skin_mm + tip_mm:.0f} mm; the instrument reaches {longest:.0f} mm.",
        source=instrument.introducer_length_mm.source,
    ),)  # fmt: skip
