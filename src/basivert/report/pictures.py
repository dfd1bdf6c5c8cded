"""Slices of the scan through a vertebra with the plan drawn true to size."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved, turned, unit
from basivert.planning.model import Plan
from basivert.report.model import Picture
from basivert.report.overlays import instrument, leaders, marks, outlines
from basivert.report.planes import Plane, letters_of
from basivert.volume.model import Volume

MM_PER_PIXEL = 0.2
WINDOW_HU = (-250.0, 950.0)
OUTSIDE_HU = -1024.0
CONTOUR_STEP_MM = 0.8


def plan_pictures(
    vertebra: Vertebra, ct: Volume, plan: Plan | None, thresholds: Table
) -> tuple[Picture, ...]:
    """Axial and sagittal through the target; with a plan also along and across its shaft.

    Args:
        vertebra: what was measured.
        ct: the scan, HU.
        plan: what to draw, or None.
        thresholds: rows `margin.*`, for the colours of the margins.
    """
    target = moved(inverse(vertebra.lps_from_body), vertebra.target.centre)
    x, y, z = np.eye(3)
    axial = Plane(centre=np.array([0, 12.0, target[2]]), right=x, down=y, half_mm=(42.0, 42.0))
    sagittal = Plane(centre=np.array([0, 10.0, 0]), right=y, down=-z, half_mm=(42.0, 30.0))
    drawn = "" if plan is None else f" Instrument: {plan.side}, plan {plan.rank}."
    cuts = [
        (axial, f"{vertebra.level} axial through the target",
         f"In the plane of the endplates, seen from below.{drawn}"),
        (sagittal, f"{vertebra.level} mid-sagittal",
         f"In the plane of symmetry of this vertebra. Bars: published target windows.{drawn}"),
    ]  # fmt: skip
    if plan is not None:
        cuts += [_along(vertebra, plan), _across(vertebra, plan)]
    return tuple(_picture(vertebra, ct, cut, plan, thresholds) for cut in cuts)


Cut = tuple[Plane, str, str]


def _along(vertebra: Vertebra, plan: Plan) -> Cut:
    """The plane of shaft and curve; of a straight shaft the one that holds the midline's side."""
    body_from_lps = inverse(vertebra.lps_from_body)
    axis = plan_axis(vertebra, plan)
    entry, start, tip = (
        moved(body_from_lps, point)
        for point in (plan.path.entry_bone, plan.path.curve_start, plan.path.tip)
    )
    aside = (tip - start) - ((tip - start) @ axis) * axis
    medial = np.array([-np.sign(entry[0]), 0.0, 0.0])
    aside = aside if np.linalg.norm(aside) > 1.0 else medial - (medial @ axis) * axis
    right = unit(aside) if unit(aside)[0] > 0 else -unit(aside)
    plane = Plane(centre=0.5 * (entry + tip), right=right, down=-axis, half_mm=(42.0, 42.0))
    return plane, f"{vertebra.level} along the {plan.side} cannula", (
        "Oblique plane that holds the straight shaft and the curve. Numbers: room to the walls in "
        "this cut, mm; the smallest in any direction is in the table."
    )  # fmt: skip


def _across(vertebra: Vertebra, plan: Plan) -> Cut:
    """Across the shaft where it passes the pedicle's isthmus or enters the body beside it."""
    axis = plan_axis(vertebra, plan)
    entry = moved(inverse(vertebra.lps_from_body), plan.path.entry_bone)
    crossing = entry + plan.depths.isthmus_mm * axis
    across = unit(np.cross(np.array([0.0, 0.0, 1.0]), -axis))
    across = across if across[0] > 0 else -across
    up = unit(np.cross(axis, across))
    up = up if up[2] > 0 else -up
    plane = Plane(centre=crossing, right=across, down=-up, half_mm=(26.0, 26.0))
    where = (
        "where the shaft enters the body" if plan.route == "extrapedicular" else "at the isthmus"
    )
    return plane, f"{vertebra.level} {plan.side} pedicle, section {where}", (
        "Across the shaft; patient's left is on the right. Numbers: room in this section, mm."
    )  # fmt: skip


def plan_axis(vertebra: Vertebra, plan: Plan) -> Point:
    """(3,) direction of the shaft, inwards, body frame."""
    return turned(inverse(vertebra.lps_from_body), plan.path.axis)


def _picture(
    vertebra: Vertebra, ct: Volume, cut: Cut, plan: Plan | None, thresholds: Table
) -> Picture:
    """One cut with outline, canal, density, foramen, windows, instrument and margins."""
    plane, title, caption = cut
    pixels = greys(vertebra, ct, plane, MM_PER_PIXEL)
    right, down = (turned(vertebra.lps_from_body, a) for a in (plane.right, plane.down))
    shapes = [*outlines(vertebra, plane, CONTOUR_STEP_MM), *marks(vertebra, plane)]
    if plan is not None:
        shapes += instrument(vertebra, plane, plan.path)
        # A section shows what it cuts; the partner lies elsewhere.
        if plan.partner is not None and not plane.faces(plan_axis(vertebra, plan)):
            shapes += instrument(vertebra, plane, plan.partner)
        shapes += leaders(vertebra, plane, plan, thresholds)
    letters = (letters_of(-right), letters_of(right), letters_of(-down), letters_of(down))
    return Picture(title=title, caption=caption, pixels=pixels, mm_per_pixel=MM_PER_PIXEL,
                   letters=letters, shapes=tuple(shapes))  # fmt: skip


def greys(vertebra: Vertebra, ct: Volume, plane: Plane, mm_per_pixel: float) -> np.ndarray:
    """(rows, columns) uint8 of the scan in a plane of the vertebra."""
    points = moved(vertebra.lps_from_body, plane.grid(mm_per_pixel))
    hu = interpolated(ct.values, ct.lps_from_index, points, outside=OUTSIDE_HU)
    low, high = WINDOW_HU
    return np.clip((hu - low) / (high - low) * 255.0, 0, 255).astype(np.uint8)
