"""One pose as a finely sampled track, and as a path in the patient's frame."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Vector
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.geometry.curves import deployed_curve
from basivert.geometry.rigid import moved, turned
from basivert.instruments.model import Instrument
from basivert.planning.access import STEP_MM, access, skin_point
from basivert.planning.depths import bone_entry_mm
from basivert.planning.gates import Gate
from basivert.planning.margins import Track
from basivert.planning.model import Path
from basivert.planning.poses import (
    CURVATURE,
    DEPLOY,
    DEPTH,
    ROLL,
    TILT,
    TURN,
    axes,
    bends,
    curve_radii_mm,
    heating_zones,
    through,
)
from basivert.planning.robustness import Insertion
from basivert.volume.model import Volume

SPACING_MM = 0.25


def track(vertebra: Vertebra, gate: Gate, pose: Vector, instrument: Instrument) -> Track:
    """The path of one pose (8,) from bone entry to tip, body frame."""
    axis = axes(pose[TURN : TURN + 1], pose[TILT : TILT + 1], gate.sign)[0]
    middle = through(pose[None], gate)[0]
    entry = bone_entry_mm(vertebra, middle, axis)
    count = int(np.ceil((entry + pose[DEPTH]) / SPACING_MM)) + 1
    shaft_mm = np.linspace(-entry, pose[DEPTH], max(count, 2))
    shaft = middle + shaft_mm[:, None] * axis
    bend = bends(axis[None], pose[ROLL : ROLL + 1], gate.sign)[0]
    radius = 1.0 / pose[CURVATURE] if pose[CURVATURE] > 0 else np.inf
    curve = deployed_curve(shaft[-1], axis, bend, bend_radius_mm=radius,
                           length_mm=float(pose[DEPLOY]), spacing_mm=SPACING_MM)[1:]  # fmt: skip
    beyond = np.linspace(0.0, pose[DEPLOY], len(curve) + 1)[1:]
    wide = np.full(len(shaft), instrument.introducer_diameter_mm.value / 2)
    depth = np.concatenate([shaft_mm + entry, pose[DEPTH] + entry + beyond])
    return Track(
        points=np.concatenate([shaft, curve]),
        depth_mm=depth,
        radius_mm=np.concatenate([wide, curve_radii_mm(instrument, pose[DEPLOY] - beyond)]),
        axis=axis,
        entry_mm=entry,
        deployed=np.arange(len(depth)) >= len(shaft),
        counts=depth >= entry - gate.behind_mm,
    )


def insertion(vertebra: Vertebra, gate: Gate, pose: Vector) -> Insertion:
    """The pose as something to be disturbed about its entry into bone."""
    axis = axes(pose[TURN : TURN + 1], pose[TILT : TILT + 1], gate.sign)[0]
    entry = bone_entry_mm(vertebra, through(pose[None], gate)[0], axis)
    return Insertion(pose=pose, gate=gate, entry_mm=entry)


def path(
    vertebra: Vertebra, ct: Volume, gate: Gate, pose: Vector, way: Track, instrument: Instrument,
    thresholds: Table,
) -> tuple[Path, tuple[Finding, ...]]:  # fmt: skip
    """The track in LPS with its skin entry, and what was met between skin and bone."""
    centre_line = moved(vertebra.lps_from_body, way.points)
    axis = turned(vertebra.lps_from_body, way.axis)
    out = access(ct, vertebra, way.points[:1], way.axis[None], thresholds, STEP_MM)
    active = heating_zones(pose[None], gate, instrument)[0]
    found = Path(
        entry_skin=skin_point(out, 0, centre_line[0], axis),
        entry_bone=centre_line[0],
        axis=axis,
        curve_start=centre_line[~way.deployed][-1],
        tip=centre_line[-1],
        centre_line=centre_line,
        radius_mm=way.radius_mm,
        active=moved(vertebra.lps_from_body, active),
        roll_deg=float(np.degrees(pose[ROLL])),
        deployment_mm=float(pose[DEPLOY]),
        bend_radius_mm=float(1.0 / pose[CURVATURE]) if pose[CURVATURE] > 0 else None,
    )
    return found, _met(vertebra.level, found, float(out.bone_mm[0]), thresholds)


def _met(level: str, found: Path, bone_mm: float, thresholds: Table) -> tuple[Finding, ...]:
    """Bone on the way that is not this vertebra, and a skin that the scan does not show."""
    findings = []
    if np.isfinite(bone_mm):
        findings.append(Finding(
            code="route-through-bone", severity="caution", level=level,
            what=f"The straight way from the skin meets other bone {bone_mm:.0f} mm above the bone "
            "entry (facet, rib or crest); no shaft that fits avoids it.",
            source=thresholds["route.bone"].source,
        ))  # fmt: skip
    if found.entry_skin is None:
        findings.append(Finding(
            code="skin-outside-scan", severity="info", level=level,
            what="The scan ends before the skin: no skin entry, no skin-to-bone depth, and the "
            "instrument's length could not be checked.",
        ))  # fmt: skip
    return tuple(findings)


def skin_to_bone_mm(found: Path) -> float | None:
    """Straight distance, mm; None where the skin is outside the scan."""
    if found.entry_skin is None:
        return None
    return float(np.linalg.norm(found.entry_skin - found.entry_bone))
