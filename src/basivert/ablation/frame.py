"""Where the grid lies in the patient: points ↔ angle, depth along the probe, distance from it.

Up to its surface the grid follows the probe exactly; far out it runs straight, so that cells on the
inside of a bend never fold. Between the two it blends, slowly at first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from basivert.ablation import bends
from basivert.ablation.grid import Resolution
from basivert.ablation.model import Probe
from basivert.arrays import Point, Points, Vector
from basivert.errors import InputError, NumericsError

# A centre line closer than this to its chord counts as straight, mm.
STRAIGHT_MM = 1e-6
# Spacing at which a bent centre line is sampled, mm.
STEP_MM = 0.25
# Smallest volume of a cell relative to a straight cylinder's.
LEAST_STRETCH = 0.08


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """A centre line with its cross directions, as splines over depth from the tip, mm.

    centre, side, up: depth → (n, 3); side and up turn as little as possible along the line.
    """

    centre: CubicSpline
    side: CubicSpline
    up: CubicSpline

    @property
    def pieces(self) -> np.ndarray:
        """(n, 4, 9) coefficients of centre, side and up, see `bends`."""
        whole = np.concatenate([part.c for part in (self.centre, self.side, self.up)], axis=2)
        return np.ascontiguousarray(whole.transpose(1, 0, 2))


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
        if self.line is None:
            across = x[..., None] * self.side + y[..., None] * self.up
            return self.tip + depth[..., None] * self.back + across
        return self._looked_up(bends.places, x, y, depth)

    def coordinates(self, points: Points) -> tuple[Vector, Vector, Vector]:
        """Angle (rad, 0 to 2π), depth and distance (mm) of (n, 3) points, LPS mm.

        Raises: NumericsError where a point has no place on the bent grid.
        """
        if self.line is None:
            from_tip = points - self.tip
            x, y, depth = from_tip @ self.side, from_tip @ self.up, from_tip @ self.back
        else:
            found = np.empty((len(points), 3))
            wanted = np.ascontiguousarray(points, float)
            worst = bends.inverted(wanted, *self._course(), found)
            if worst >= bends.NEWTON_MM:
                raise NumericsError(
                    f"A point could not be placed on the bent grid ({worst:.3g} mm off)."
                )
            x, y, depth = found.T
        return np.mod(np.arctan2(y, x), 2 * np.pi), depth, np.hypot(x, y)

    def jacobian(self, angle: np.ndarray, depth: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """(…, 3, 3) columns: what a mm across, around and along is in the patient; broadcast."""
        c, s = np.cos(angle)[..., None], np.sin(angle)[..., None]
        slopes = self._slopes(distance * np.cos(angle), distance * np.sin(angle), depth)
        x, y = slopes[..., 0], slopes[..., 1]
        return np.stack([c * x + s * y, c * y - s * x, slopes[..., 2]], axis=-1)

    def stretch(self, angle: np.ndarray, depth: np.ndarray, distance: np.ndarray) -> np.ndarray:
        """(…) volume at places relative to a straight cylinder's; broadcast."""
        if self.line is None:
            return np.ones(np.broadcast(angle, depth, distance).shape)
        x, y = distance * np.cos(angle), distance * np.sin(angle)
        return self._looked_up(bends.volumes, x, y, depth)

    def _slopes(self, x: np.ndarray, y: np.ndarray, depth: np.ndarray) -> np.ndarray:
        """(…, 3, 3) slopes of places by x, y (cross-section) and depth; broadcast."""
        if self.line is None:
            straight = np.stack([self.side, self.up, self.back], axis=-1)
            return np.broadcast_to(straight, (*np.broadcast(x, depth).shape, 3, 3))
        return self._looked_up(bends.slopes, x, y, depth)

    def _looked_up(
        self, kernel: Callable[..., np.ndarray], x: np.ndarray, y: np.ndarray, depth: np.ndarray
    ) -> np.ndarray:
        """What a kernel of `bends` finds at places that broadcast."""
        whole = np.broadcast_arrays(x, y, depth)
        found = kernel(*(np.ravel(part) for part in whole), *self._course())
        return found.reshape(*whole[0].shape, *found.shape[1:])

    def _course(self) -> tuple[np.ndarray, np.ndarray, bends.Sizes]:
        """The bent line as `bends` wants it."""
        assert self.line is not None
        sizes = (float(self.line.centre.x[0]), STEP_MM, self.radius_mm, self.reach_mm)
        axes = np.stack([self.side, self.up, self.back, self.tip])
        return self.line.pieces, axes, sizes


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
    out = np.linspace(0, resolution.reach_mm, 12)
    least = made.stretch(*np.ix_(turn, depth[::4], out)).min()
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
