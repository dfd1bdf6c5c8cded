"""Where the grid lies in the patient: points ↔ angle, depth along the probe, distance from it.

Up to its surface the grid follows the probe exactly; far out it runs straight, so that cells on the
inside of a bend never fold. Between the two it blends, slowly at first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial import KDTree

from basivert.ablation.grid import Resolution
from basivert.ablation.model import Probe
from basivert.arrays import Point, Points, Vector
from basivert.errors import InputError, NumericsError

# A centre line closer than this to its chord counts as straight, mm.
STRAIGHT_MM = 1e-6
# Spacing at which a bent centre line is sampled, mm.
STEP_MM = 0.25
# Distance from the surface over which the blend picks up its pace, mm.
ONSET_MM = 3.0
# Smallest volume of a cell relative to a straight cylinder's.
LEAST_STRETCH = 0.08
NEWTON_STEPS = 40
NEWTON_MM = 1e-7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A centre line with its cross directions, as splines over depth from the tip, mm.

    centre, side, up: depth → (n, 3); side and up turn as little as possible along the line.
    """

    centre: CubicSpline
    side: CubicSpline
    up: CubicSpline


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """The probe's own axes.

    tip: (3,) LPS mm where depth is 0.  back, side, up: (3,) unit vectors of the straight outer
    part; angle 0 is `side`.  line: a bent probe's own course, else None.  radius_mm: of the probe.
    reach_mm: distance at which the grid is straight.
    """

    tip: Point
    back: Point
    side: Point
    up: Point
    line: Line | None
    radius_mm: float
    reach_mm: float

    def points(self, angle: np.ndarray, depth: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """(…, 3) LPS mm of angles (rad), depths from the tip and distances (mm), broadcast."""
        x, y = distance * np.cos(angle), distance * np.sin(angle)
        straight = self._straight(x, y, depth)
        if self.line is None:
            return straight
        side, up = self.line.side(depth), self.line.up(depth)
        near = self.line.centre(depth) + x[..., None] * side + y[..., None] * up
        return straight + self._share(np.hypot(x, y))[0][..., None] * (near - straight)

    def coordinates(self, points: Points) -> tuple[Vector, Vector, Vector]:
        """Angle (rad, 0 to 2π), depth and distance (mm) of (n, 3) points, LPS mm."""
        from_tip = points - self.tip
        x, y, depth = from_tip @ self.side, from_tip @ self.up, from_tip @ self.back
        if self.line is not None:
            x, y, depth = self._inverted(points, x, y, depth)
        return np.mod(np.arctan2(y, x), 2 * np.pi), depth, np.hypot(x, y)

    def jacobian(self, angle: np.ndarray, depth: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """(…, 3, 3) columns: what a mm across, around and along is in the patient; broadcast."""
        c, s = np.cos(angle)[..., None], np.sin(angle)[..., None]
        slopes = self._slopes(distance * np.cos(angle), distance * np.sin(angle), depth)
        x, y = slopes[..., 0], slopes[..., 1]
        return np.stack([c * x + s * y, c * y - s * x, slopes[..., 2]], axis=-1)

    def stretch(self, angle: Vector, depth: Vector, distance: Vector) -> np.ndarray:
        """(t, s, r) volume at grid places relative to a straight cylinder's."""
        if self.line is None:
            return np.ones((len(angle), len(depth), len(distance)))
        grid = np.meshgrid(angle, depth, distance, indexing="ij", sparse=True)
        return np.linalg.det(self.jacobian(*grid))

    def _straight(self, x: np.ndarray, y: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """Places on the straight grid."""
        across = x[..., None] * self.side + y[..., None] * self.up
        return self.tip + depth[..., None] * self.back + across

    def _share(self, distance: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How much of the bent grid there is in the blend, and its slope per mm.

        All of it within the probe: a share that falls from the axis on would push the surface off
        its centre line.
        """
        gone = np.maximum(distance - self.radius_mm, 0.0)
        whole = self.reach_mm - self.radius_mm
        scale = (whole + ONSET_MM) / whole**2
        share = 1.0 - scale * gone**2 / (gone + ONSET_MM)
        slope = -scale * gone * (gone + 2 * ONSET_MM) / (gone + ONSET_MM) ** 2
        inside = distance < self.reach_mm
        return np.where(inside, share, 0.0), np.where(inside, slope, 0.0)

    def _slopes(self, x: np.ndarray, y: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """(…, 3, 3) slopes of places by x, y (cross-section) and depth; broadcast."""
        straight = np.stack([self.side, self.up, self.back], axis=-1)
        if self.line is None:
            return np.broadcast_to(straight, (*np.broadcast(x, depth).shape, 3, 3))
        line, r, x3, y3 = self.line, np.hypot(x, y), x[..., None], y[..., None]
        side, up = line.side(depth), line.up(depth)
        apart = line.centre(depth) + x3 * side + y3 * up - self._straight(x, y, depth)
        along = line.centre(depth, 1) + x3 * line.side(depth, 1) + y3 * line.up(depth, 1)
        share, slope = self._share(r)
        share, fall = share[..., None], slope / np.maximum(r, 1e-12)
        found = np.empty((*apart.shape, 3))
        found[..., 0] = self.side + share * (side - self.side) + (fall * x)[..., None] * apart
        found[..., 1] = self.up + share * (up - self.up) + (fall * y)[..., None] * apart
        found[..., 2] = self.back + share * (along - self.back)
        return found

    def _inverted(
        self, points: Points, x: Vector, y: Vector, depth: Vector
    ) -> tuple[Vector, Vector, Vector]:
        """Newton's method from the place of the nearest point of the centre line."""
        assert self.line is not None
        near = np.linspace(self.line.centre.x[0], self.line.centre.x[-1], 400)
        gap, closest = KDTree(self.line.centre(near)).query(points)
        beside = gap < 0.5 * self.reach_mm
        off = points - self.line.centre(near[closest])
        x = np.where(beside, np.sum(off * self.line.side(near[closest]), axis=1), x)
        y = np.where(beside, np.sum(off * self.line.up(near[closest]), axis=1), y)
        at = np.stack([x, y, np.where(beside, near[closest], depth)], axis=1)
        miss = np.zeros_like(points)
        for _ in range(NEWTON_STEPS):
            x, y, depth = at.T
            miss = points - self.points(np.arctan2(y, x), depth, np.hypot(x, y))
            if np.abs(miss).max(initial=0.0) < NEWTON_MM:
                return x, y, depth
            step = np.linalg.solve(self._slopes(x, y, depth), miss[..., None])[..., 0]
            size = np.linalg.norm(step, axis=1, keepdims=True)
            at = at + step * np.minimum(1.0, 5.0 / np.maximum(size, 1e-12))
        worst = float(np.abs(miss).max())
        raise NumericsError(f"A point could not be placed on the bent grid ({worst:.3g} mm off).")


def frame(probe: Probe, resolution: Resolution) -> Frame:
    """Axes of a probe.

    Raises: InputError when the bend is too sharp for a grid around it.
    """
    chord = probe.line[-1] - probe.line[0]
    back = chord / np.linalg.norm(chord)
    off = probe.line - probe.line[0]
    bent = np.linalg.norm(off - np.outer(off @ back, back), axis=1).max() > STRAIGHT_MM
    if not bent:
        side, up = _across(back)
        return Frame(
            tip=np.array(probe.line[0]), back=back, side=side, up=up, line=None,
            radius_mm=probe.radius_mm, reach_mm=resolution.reach_mm,
        )  # fmt: skip
    return _bent(probe, resolution)


def _bent(probe: Probe, resolution: Resolution) -> Frame:
    line = course(probe, resolution.ahead_mm, resolution.behind_mm)
    depth = line.centre.x
    spots = line.centre(depth)
    middle, mean = depth.mean(), spots.mean(axis=0)
    back = np.linalg.svd(spots - mean, full_matrices=False)[2][0]
    back *= np.sign((spots[-1] - spots[0]) @ back)
    side = line.side(depth).mean(axis=0)
    side = side - (side @ back) * back
    side /= np.linalg.norm(side)
    made = Frame(
        tip=mean - middle * back, back=back, side=side, up=np.cross(back, side), line=line,
        radius_mm=probe.radius_mm, reach_mm=resolution.reach_mm,
    )  # fmt: skip
    turn = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    least = made.stretch(turn, depth[::4], np.linspace(0, resolution.reach_mm, 12)).min()
    if least < LEAST_STRETCH:
        raise InputError(
            f"The probe bends too sharply for a grid around it (cells shrink to {least:.2f}).",
            fix="Give a centre line without kinks, or a resolution that reaches further out.",
        )
    return made


def course(probe: Probe, ahead_mm: float, behind_mm: float) -> Line:
    """The centre line from ahead of the tip to behind the grid, straight beyond its ends."""
    steps = np.linalg.norm(np.diff(probe.line, axis=0), axis=1)
    depth = np.concatenate([[0.0], np.cumsum(steps)])
    inner = CubicSpline(depth, probe.line)
    wanted = np.arange(-ahead_mm, behind_mm + STEP_MM, STEP_MM)
    held = np.clip(wanted, 0.0, depth[-1])
    slopes = inner(held, 1)
    slopes /= np.linalg.norm(slopes, axis=1, keepdims=True)
    spots = inner(held) + (wanted - held)[:, None] * slopes
    side = np.empty_like(slopes)
    side[0] = _across(slopes[0])[0]
    for n in range(1, len(slopes)):
        carried = side[n - 1] - (side[n - 1] @ slopes[n]) * slopes[n]
        side[n] = carried / np.linalg.norm(carried)
    up = np.cross(slopes, side)
    return Line(
        centre=CubicSpline(wanted, spots), side=CubicSpline(wanted, side),
        up=CubicSpline(wanted, up),
    )  # fmt: skip


def _across(back: Point) -> tuple[Point, Point]:
    """Two unit vectors at right angles to `back` and to each other."""
    side = np.cross(back, np.eye(3)[np.argmin(np.abs(back))])
    side /= np.linalg.norm(side)
    return side, np.cross(back, side)
