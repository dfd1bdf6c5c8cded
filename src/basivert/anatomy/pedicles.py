"""The pedicle's isthmus on each side: the section of least area along the pedicle's own axis."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from basivert.anatomy.isthmus import Section, across_axes, described
from basivert.anatomy.model import Canal, Pedicle, PosteriorWall, Side
from basivert.anatomy.surface import Refined
from basivert.arrays import Affine, Point, Vector
from basivert.geometry.grids import interpolated
from basivert.geometry.morphology import pieces
from basivert.geometry.rigid import unit

# First look: sections behind the wall; a lumbar pedicle is shorter than this.
LOOK_MM = (0.0, 11.0)
LOOK_ASIDE_MM = 8.0
# Cost of leaving the expected way: a deeper point this much further off is not the pedicle.
AWAY_COST = 0.04
# The pars further back can be narrower than a broad L5 pedicle: sections far behind the wall count
# as larger, doubled at this distance.
BEHIND_MM = 10.0
STEP_MM = 0.5
SECTIONS_MM = 1.0
PATCH_MM = 15.0
AXIS_SPAN_MM = 3.5
AXIS_ROUNDS = 3
# Directions tried for the axis (radians): turned to the midline, and tilted down.
COARSE_TURN = np.radians(np.arange(-18.0, 19.0, 6.0))  # about the level's published turn
COARSE_TILT = np.radians(np.arange(-24.0, 25.0, 6.0))
FINE_STEPS = np.radians(np.array([-6.0, -3.0, 0.0, 3.0, 6.0]))
AREA_OFFSETS_MM = np.array([-1.5, 0.0, 1.5])
RAYS, RAY_STEP_MM = 24, 0.75
# An isthmus further than this from the first look has slipped into the arch.
STRAY_MM = 6.0
# Smallest section that is taken for a pedicle and not for a spur, mm².
LEAST_AREA_MM2 = 25.0
# A pedicle's middle lies about this far outside the canal's border.
BESIDE_CANAL_MM = 5.0


def pedicle(
    refined: Refined, wall: PosteriorWall, canal: Canal, lps_from_body: Affine, side: Side,
    expected_turn_deg: float,
) -> Pedicle | None:  # fmt: skip
    """The pedicle of one side, or None where no bone bridges body and arch there."""
    expected = float(np.radians(expected_turn_deg))
    sign = 1.0 if side == "left" else -1.0
    start = _first_guess(refined, wall, canal, sign, expected)
    if start is None:
        return None
    centre, axis = start
    for _ in range(AXIS_ROUNDS):
        offsets, sections = _along(refined, centre, axis)
        if len(sections) < 5:
            return None
        moved_centre, axis = _refined_axis(refined, offsets, sections, expected)
        if np.linalg.norm(moved_centre - start[0]) > STRAY_MM:
            break
        centre = moved_centre
    _, sections = _along(refined, centre, axis, span=1.0)
    return described(refined, sections, centre, axis, lps_from_body, side)


def _first_guess(
    refined: Refined, wall: PosteriorWall, canal: Canal, sign: float, expected: float
) -> tuple[Point, Point] | None:
    """Isthmus and axis from sections square to the level's published direction.

    The sections start where wall and canal meet and go backwards; in each the bone's deepest point
    near the way is the pedicle's middle, as long as it lies beside the canal.
    """
    axis = _directions(np.array(expected), np.array(0.0), sign)
    across, up = across_axes(axis)
    aside = sign * (0.5 * canal.width_mm.value + BESIDE_CANAL_MM)
    start = np.array([aside, float(wall.y_mm(np.array(aside), np.array(0.0))), 2.0])
    t = np.arange(-LOOK_ASIDE_MM, LOOK_ASIDE_MM + 0.1, 1.0)
    best: tuple[float, Point] | None = None
    for back in np.arange(*LOOK_MM, 1.0):
        plane = start - back * axis + t[:, None, None] * across + t[None, :, None] * up
        phi = interpolated(refined.phi, refined.body_from_index, plane, outside=20.0)
        cost = phi + AWAY_COST * (t[:, None] ** 2 + t[None, :] ** 2)
        seed = plane[np.unravel_index(np.argmin(cost), cost.shape)]
        area = float(_areas(refined, seed, axis[None, None])[0, 0])
        weighed = area * (1.0 + (back / BEHIND_MM) ** 2)
        if cost.min() < 0 and area > LEAST_AREA_MM2 and (best is None or weighed < best[0]):
            best = (weighed, seed)
    return None if best is None else (best[1], _squared_axis(refined, best[1], sign, expected))


def _squared_axis(refined: Refined, centre: Point, sign: float, expected: float) -> Point:
    """Direction through `centre` whose cross-section is smallest: the pedicle's axis.

    An oblique cut through a tube is larger than the square one by 1/cos of the error, whatever the
    tube's width. `expected`: published turn of this level, radians; the search stays within three
    SD of it. A line through section centroids turns towards processes that join the arch.
    """
    turn, tilt = np.meshgrid(expected + COARSE_TURN, COARSE_TILT, indexing="ij")
    area = _areas(refined, centre, _directions(turn, tilt, sign))
    best = np.unravel_index(np.argmin(area), area.shape)
    turn, tilt = np.meshgrid(turn[best] + FINE_STEPS, tilt[best] + FINE_STEPS, indexing="ij")
    area = _areas(refined, centre, _directions(turn, tilt, sign))
    best = _vertex(turn, tilt, area)
    return _directions(best[:1], best[1:], sign)[0]


def _directions(turn: np.ndarray, tilt: np.ndarray, sign: float) -> np.ndarray:
    """(..., 3) unit directions towards the body, body frame; radians."""
    return np.stack(
        [-sign * np.sin(turn) * np.cos(tilt), -np.cos(turn) * np.cos(tilt), -np.sin(tilt)], axis=-1
    )


def _areas(refined: Refined, centre: Point, axes: np.ndarray) -> np.ndarray:
    """(a, b) mean area, mm², of sections square to each axis (a, b, 3), from rays to the border."""
    across = unit(np.cross(axes, np.array([0.0, 0.0, 1.0])))
    up = np.cross(across, axes)
    angle = np.linspace(0.0, 2.0 * np.pi, RAYS, endpoint=False)[:, None]
    heading = np.cos(angle) * across[..., None, :] + np.sin(angle) * up[..., None, :]
    r = np.arange(0.0, PATCH_MM, RAY_STEP_MM)
    start = centre + AREA_OFFSETS_MM[:, None] * axes[..., None, :]
    points = start[..., None, None, :] + r[:, None] * heading[..., None, :, None, :]
    phi = interpolated(refined.phi, refined.body_from_index, points, outside=20.0)
    out = phi > 0
    first = np.maximum(np.argmax(out, axis=-1), 1)[..., None]
    a = np.take_along_axis(phi, first - 1, axis=-1)[..., 0]
    b = np.take_along_axis(phi, first, axis=-1)[..., 0]
    share = np.clip(-a / np.maximum(b - a, 1e-6), 0.0, 1.0)
    border = np.where(out.any(axis=-1), r[first[..., 0] - 1] + RAY_STEP_MM * share, PATCH_MM)
    return (np.pi * np.mean(border**2, axis=-1)).mean(axis=-1)


def _vertex(turn: np.ndarray, tilt: np.ndarray, area: np.ndarray) -> Vector:
    """(2,) turn and tilt of least area by a quadratic through the lattice, kept inside it."""
    u, v = turn - turn.mean(), tilt - tilt.mean()
    terms = np.stack([np.ones_like(u), u, v, u * u, u * v, v * v], axis=-1).reshape(-1, 6)
    c = np.linalg.lstsq(terms, area.ravel(), rcond=None)[0]
    hessian = np.array([[2 * c[3], c[4]], [c[4], 2 * c[5]]])
    if np.linalg.eigvalsh(hessian).min() <= 0:
        best = np.unravel_index(np.argmin(area), area.shape)
        return np.array([turn[best], tilt[best]])
    step = np.clip(-np.linalg.solve(hessian, c[1:3]), FINE_STEPS[0], FINE_STEPS[-1])
    return np.array([turn.mean(), tilt.mean()]) + step


def _along(
    refined: Refined, centre: Point, axis: Point, span: float = AXIS_SPAN_MM + 2.5
) -> tuple[Vector, list[Section]]:
    """Sections across `axis` at offsets about `centre`."""
    across, up = across_axes(axis)
    t = np.arange(-PATCH_MM, PATCH_MM + STEP_MM / 2, STEP_MM)
    offsets = np.arange(-span, span + SECTIONS_MM / 2, SECTIONS_MM)
    points = (
        centre
        + offsets[:, None, None, None] * axis
        + t[None, :, None, None] * across
        + t[None, None, :, None] * up
    )
    phi = interpolated(refined.phi, refined.body_from_index, points, outside=20.0)
    kept, sections = [], []
    for offset, patch, where in zip(offsets, phi, points, strict=True):
        section = _section(patch, where, t)
        if section is not None:
            kept.append(offset)
            sections.append(section)
    return np.array(kept), sections


def _section(phi: np.ndarray, where: np.ndarray, t: np.ndarray) -> Section | None:
    """Area and moments of the piece nearest the patch's middle, with soft edges."""
    parts, count = pieces(phi < 0)
    if not count:
        return None
    rows, columns = np.nonzero(parts)
    nearest = np.argmin(t[rows] ** 2 + t[columns] ** 2)
    if np.hypot(t[rows[nearest]], t[columns[nearest]]) > 3.0:
        return None
    mine = ndimage.binary_dilation(parts == parts[rows[nearest], columns[nearest]])
    share = np.clip(0.5 - phi / STEP_MM, 0.0, 1.0) * mine
    total = share.sum()
    a, b = np.meshgrid(t, t, indexing="ij")
    mean = np.array([(share * a).sum(), (share * b).sum()]) / total
    da, db = a - mean[0], b - mean[1]
    moments = np.array(
        [[(share * da * da).sum(), (share * da * db).sum()],
         [(share * da * db).sum(), (share * db * db).sum()]]
    ) / total  # fmt: skip
    centre = np.tensordot(share, where, axes=([0, 1], [0, 1])) / total
    return Section(area=float(total * STEP_MM**2), centre=centre, moments=moments)


def _refined_axis(
    refined: Refined, offsets: Vector, sections: list[Section], expected: float
) -> tuple[Point, Point]:
    """Move to the least area (vertex of a parabola) and square the axis."""
    areas = np.array([section.area for section in sections])
    best = int(np.argmin(ndimage.gaussian_filter1d(areas, 0.5 / SECTIONS_MM, mode="nearest")))
    near = np.abs(offsets - offsets[best]) <= AXIS_SPAN_MM
    bend, slope, _ = np.polyfit(offsets[near], areas[near], 2)
    least = offsets[best]
    if bend > 1e-3:
        least = float(np.clip(-slope / (2 * bend), offsets[best] - 1.5, offsets[best] + 1.5))
    points = np.array([section.centre for section in sections])
    at = np.array([np.interp(least, offsets, points[:, k]) for k in range(3)])
    return at, _squared_axis(refined, at, float(np.sign(at[0])), expected)
