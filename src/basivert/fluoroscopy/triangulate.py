"""Points and lines in space from two views."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.arrays import Matrix, Point
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm
from basivert.geometry.rigid import moved, unit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """A straight tool in space.

    tip: (3,) LPS mm.  axis: (3,) unit LPS, towards the tip.
    missed_mm: how far the two rays to the tip pass each other; None where no two rays were taken
        to meet, as for a tool fitted whole to its shadows.
    off_shadow_mm: of such a tool, root mean square distance from the middles of its shadows; else
        None.
    angle_deg: between the two views' central rays.  sd_mm: of the tip, each direction at worst.
    axis_sd_deg: of the axis; large where the tool lies near the plane of both beams; None where
        it lies in that plane: the turn of `axis` within it is then the expected one, not measured.
    """

    tip: Point
    axis: Point
    missed_mm: float | None
    off_shadow_mm: float | None
    angle_deg: float
    sd_mm: float
    axis_sd_deg: float | None


def ray(carm: CArm, pixel: np.ndarray) -> Point:
    """(3,) unit LPS direction from the source to a pixel (column, row)."""
    on_detector = moved(carm.lps_from_pixel, np.array([pixel[0], pixel[1], 0.0]))
    return unit(on_detector - carm.source)


def view_angle_deg(one: CArm, other: CArm) -> float:
    """Angle between two central rays, 0–90: views from opposite sides count as the same."""
    return float(np.degrees(np.arccos(min(abs(float(one.axes[2] @ other.axes[2])), 1.0))))


def check_angle(carms: Sequence[CArm], table: Table) -> float:
    """Angle between two views, degrees. Raises InputError where it is too small for depth."""
    angle = view_angle_deg(carms[0], carms[1])
    least = table["views.least_angle"]
    if angle < least.value:
        raise InputError(
            f"The two views are {angle:.0f}° apart; depth needs at least {least.value:g}°.",
            fix="Take an AP and a lateral frame.", angle_deg=angle,
        )  # fmt: skip
    return angle


def point(carms: Sequence[CArm], pixels: Matrix) -> tuple[Point, float]:
    """Where two rays come closest: (3,) LPS mm half way, and how far they miss each other, mm.

    Args:
        carms: two views.
        pixels: (2, 2) column and row in each.
    """
    a, b = carms[0].source, carms[1].source
    u, v = ray(carms[0], pixels[0]), ray(carms[1], pixels[1])
    s, t = np.linalg.lstsq(np.stack([u, -v], axis=1), b - a, rcond=None)[0]
    one, other = a + s * u, b + t * v
    return 0.5 * (one + other), float(np.linalg.norm(one - other))


def tool(
    carms: Sequence[CArm], lines: Sequence[Matrix], expected: Point, table: Table
) -> Seen:  # fmt: skip
    """A straight tool from its middle line in two views.

    Each line and its source span a plane; the tool is where the two planes meet. Its tip is the
    point nearest to both rays.

    Args:
        carms: two views.
        lines: each (n, 2) column and row, tip first.
        expected: (3,) unit LPS direction of the tool, where the views cannot tell it.
        table: `registration`, rows views.*.

    Raises: InputError where the views are too close or the two shadows are not of one tip.
    """
    angle = check_angle(carms, table)
    tip, missed = point(carms, np.stack([line[0] for line in lines]))
    limit = table["views.missed"].value
    if missed > limit:
        raise InputError(
            f"The rays to the tip pass each other by {missed:.1f} mm (limit {limit:g} mm).",
            fix="The tool moved between the frames, the tips are of two tools, or an angle is "
            "wrong.",
            missed_mm=missed,
        )
    normals = [_plane(carm, line) for carm, line in zip(carms, lines, strict=True)]
    axis = np.cross(normals[0], normals[1])
    turn = float(np.linalg.norm(axis))
    sd = table["views.pointing"].value / float(np.sin(np.radians(angle)))
    if turn < np.sin(np.radians(table["views.least_plane"].value)):
        common = normals[0] + np.sign(normals[0] @ normals[1]) * normals[1]
        return Seen(
            tip=tip, axis=unit(expected - (expected @ unit(common)) * unit(common)),
            missed_mm=missed, off_shadow_mm=None, angle_deg=angle, sd_mm=sd, axis_sd_deg=None,
        )  # fmt: skip
    back = moved(carms[0].lps_from_pixel, np.array([*lines[0][-1], 0.0])) - carms[0].source
    ahead = moved(carms[0].lps_from_pixel, np.array([*lines[0][0], 0.0])) - carms[0].source
    axis = axis / turn * np.sign((unit(ahead) - unit(back)) @ axis)
    return Seen(
        tip=tip, axis=axis, missed_mm=missed, off_shadow_mm=None, angle_deg=angle, sd_mm=sd,
        axis_sd_deg=table["views.line"].value / turn,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shaft:
    """A straight shaft in space whose tip is not known along it.

    point: (3,) LPS mm on it, about where it ends.  axis: (3,) unit LPS, towards the tip.
    across: (3,) unit, at right angles to the axis.
    measured: False where the shaft lies in the plane of both beams: its place along `across` and
        its turn within that plane are then the expected ones.
    """

    point: Point
    axis: Point
    across: Point
    measured: bool


def shaft(
    carms: Sequence[CArm], lines: Sequence[Matrix], expected: Point, table: Table
) -> Shaft:  # fmt: skip
    """A shaft from its middle line in two views, as `tool` takes them; its tips need not meet.

    Raises: InputError where the views are too close.
    """
    check_angle(carms, table)
    normals = [_plane(carm, line) for carm, line in zip(carms, lines, strict=True)]
    tips = np.stack([line[0] for line in lines])
    axis = np.cross(normals[0], normals[1])
    turn = float(np.linalg.norm(axis))
    middle, _ = point(carms, tips)
    if turn < np.sin(np.radians(table["views.least_plane"].value)):
        common = unit(normals[0] + np.sign(normals[0] @ normals[1]) * normals[1])
        axis = unit(expected - (expected @ common) * common)
        return Shaft(point=middle, axis=axis, across=np.cross(axis, common), measured=False)
    axis = axis / turn
    axis = axis if axis @ expected > 0.0 else -axis
    # On both planes, and nearest to where the two tips' rays come closest.
    rows = np.stack([normals[0], normals[1], axis])
    heights = [normals[0] @ carms[0].source, normals[1] @ carms[1].source, axis @ middle]
    across = unit(np.cross(axis, carms[0].axes[2]))
    return Shaft(point=np.linalg.solve(rows, np.array(heights)), axis=axis, across=across,
                 measured=True)  # fmt: skip


def _plane(carm: CArm, line: Matrix) -> Point:
    """(3,) unit normal of the plane of a source and a straight line in its picture."""
    rays = np.stack([ray(carm, pixel) for pixel in line])
    return np.linalg.svd(rays)[2][-1]
