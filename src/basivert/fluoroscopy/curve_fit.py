"""An arc fitted to the middles and ends of a tool's shadow in two pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from basivert.arrays import Matrix, Point, Vector
from basivert.constants.model import Table
from basivert.fluoroscopy.arcs import Arc
from basivert.fluoroscopy.curve_search import STILL_SHAFT, Kit, Metal
from basivert.geometry.rigid import unit

ROUNDS = 4
STEP_MM = 1.0
# What pictures and prior say of a number at least, so that what they do not tell has a large SD.
UNTOLD = 1e-4
# The shadow's middle is looked for within this of the line in the picture, mm in the patient.
BESIDE_MM, FINE_MM = 2.5, 0.2
SHAFT_MM = np.arange(-25.0, -3.0, STEP_MM)
# What is looked at on both sides of an end, mm.
AROUND_MM, AHEAD_MM, NEAR_MM = 8.0, 14.0, 2.0
# Steps of the numbers for derivatives: mm (3), radians (3), mm (2).
STEPS = np.array([0.05, 0.05, 0.05, 1e-3, 1e-3, 5e-3, 0.05, 0.05])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fit:
    """An arc with the covariance (8, 8) of `Arc.moved_by`'s numbers; mm and radians.

    shown: share of the arc's length whose shadow was met, mean of the views.
    ends: in how many views the arc's end was seen.  apart: how far the worst of them is off, SD.
    off_mm: root mean square distance of the arc and its shaft from the shadows' middles, mm at the
        tool, both views together.
    """

    arc: Arc
    covariance: Matrix
    shown: float
    ends: int
    apart: float
    off_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Seen:
    """What one picture says about a first arc.

    length: (n,) places along it; off: (n,) mm, the shadow's middle aside from them.
    across: (n, 3) unit, the direction in space that this is measured in.
    slant: (n,) share of a length along it that the picture shows, 0–1.
    end_mm, tip_mm: where arc and shaft end along it, None where not seen; sd of each, mm.
    """

    length: Vector
    off: Vector
    across: Matrix
    slant: Vector
    end_mm: float | None
    end_sd: float
    tip_mm: float | None
    tip_sd: float
    shown: float


def fitted(
    first: Arc, views: Sequence[Metal], kit: Kit, prior_sd: Vector, table: Table
) -> Fit:  # fmt: skip
    """The arc that fits best, from a first one within some mm and degrees.

    Args:
        prior_sd: (8,) of `Arc.moved_by`'s numbers about the first arc; infinite: free.
        table: `registration`, rows curve.*.
    """
    arc, jacobian = first, np.zeros((0, 8))
    shown, ends = 0.0, list[_Seen]()
    for _ in range(ROUNDS):
        seen = [_seen(one, arc, kit, table) for one in views]
        shown = float(np.mean([one.shown for one in seen]))
        ends = [one for one in seen if one.end_mm is not None]
        back = _numbers(first, arc)
        begun = arc

        def residual(
            x: Vector, begun: Arc = begun, seen: Sequence[_Seen] = seen, back: Vector = back
        ) -> Vector:
            now = begun.moved_by(x * STEPS)
            told = [_residual(one, begun, now, table) for one in seen]
            prior = (back + x * STEPS) / prior_sd
            return np.concatenate([_soft(np.concatenate([*told, prior[:-1]])), prior[-1:]])

        found = least_squares(residual, np.zeros(8), max_nfev=20)
        arc, jacobian = arc.moved_by(found.x * STEPS), found.jac / STEPS
        if arc.deployed_mm < STEP_MM or arc.radius_mm < 1.0:
            break
    apart = max(
        (abs((one.end_mm or 0.0) - arc.deployed_mm) / one.end_sd for one in ends), default=0.0
    )
    off = np.concatenate([_seen(one, arc, kit, table).off for one in views])
    off_mm = float(np.sqrt(np.mean(off**2))) if len(off) else float("inf")
    # What fits worse than a right one does is known worse.
    told = jacobian.T @ jacobian
    worse = max(off_mm / table["curve.left"].value, 1.0) if len(off) else 1.0
    return Fit(arc=arc, covariance=worse**2 * np.linalg.inv(told + UNTOLD * np.eye(8)), shown=shown,
               ends=len(ends), apart=apart, off_mm=off_mm)  # fmt: skip


def _soft(off: Vector) -> Vector:
    """What is far off counts by its distance and not by the square.

    Middles may be of bone. The known radius they may not buy off: it stays square.
    """
    return np.sign(off) * np.sqrt(2.0 * (np.sqrt(1.0 + off**2) - 1.0))


def _numbers(first: Arc, now: Arc) -> Vector:
    """(8,) how far an arc has come from the first one, as `Arc.moved_by` would be told."""
    other = np.cross(first.axis, first.zero)
    off = now.start - first.start
    return np.array([
        off @ first.axis, off @ first.zero, off @ other, now.axis @ first.zero, now.axis @ other,
        now.turn - first.turn, now.deployed_mm - first.deployed_mm, now.radius_mm - first.radius_mm,
    ])  # fmt: skip


def _residual(seen: _Seen, begun: Arc, now: Arc, table: Table) -> Vector:
    """Distances from middles and ends, each by its SD; one number for each kind of each picture."""
    change = now.at(seen.length) - begun.at(seen.length)
    aside = (change * seen.across).sum(axis=1) - seen.off
    # Places next to each other in the picture are drawn aside together by the same bone.
    share = np.sqrt(STEP_MM * seen.slant / table["curve.together"].value)
    told = [share * aside / table["curve.middle"].value]
    if seen.end_mm is not None:
        told.append(np.array([(now.deployed_mm - seen.end_mm) / seen.end_sd]))
    if seen.tip_mm is not None:
        slid = (now.start - begun.start) @ begun.axis
        told.append(np.array([(slid - seen.tip_mm) / seen.tip_sd]))
    return np.concatenate(told)


def _seen(view: Metal, arc: Arc, kit: Kit, table: Table) -> _Seen:
    """Middles and ends about an arc in one picture."""
    inside = np.arange(STEP_MM, max(arc.deployed_mm - 0.5, STEP_MM + 0.1), STEP_MM)
    length = np.concatenate([SHAFT_MM, inside])
    offset = np.arange(-BESIDE_MM, BESIDE_MM + FINE_MM / 2, FINE_MM)
    points, (across, slant) = arc.at(length), _across(view, arc, length)
    picture = view.sampled(view.ridge, points[:, None] + offset[:, None] * across[:, None])
    broad = view.sampled(view.shaft, points[:, None] + offset[:, None] * across[:, None])
    on_shaft = length < 0.0
    picture = np.where(on_shaft[:, None], broad, picture)
    least = np.where(on_shaft, 0.5, 1.0)
    peak = picture.max(axis=1)
    held = np.maximum(picture - 0.6 * peak[:, None], 0.0)
    middle = (held @ offset) / np.maximum(held.sum(axis=1), 1e-9)
    met = (peak >= least) & (np.abs(middle) < BESIDE_MM - 0.5)
    end, end_sd = _end(view, arc, table)
    tip, tip_sd = _tip(view, arc, kit, table)
    shown = float(np.mean(met[~on_shaft])) if (~on_shaft).any() else 0.0
    # Beside the bright end of the shaft, and where it crosses it, a line's middle is drawn aside.
    from_shaft = np.cumsum(np.where(on_shaft, 0.0, STEP_MM * slant))
    crossed = view.sampled(view.shaft, points) > STILL_SHAFT
    met &= on_shaft | ((from_shaft > kit.shaft_mm + kit.curve_mm) & ~crossed)
    return _Seen(length=length[met], off=middle[met], across=across[met], slant=slant[met],
                 end_mm=end, end_sd=end_sd, tip_mm=tip, tip_sd=tip_sd, shown=shown)  # fmt: skip


def _across(view: Metal, arc: Arc, length: Vector) -> tuple[Matrix, Vector]:
    """Directions that the picture measures at places of the line, and how much of it is seen.

    Returns: (n, 3) unit, at right angles to the line and to the ray; (n,) sine between them, 0–1.
    """
    way = unit(arc.at(length + 0.25) - arc.at(length - 0.25))
    found = np.cross(way, unit(arc.at(length) - view.carm.source))
    slant = np.linalg.norm(found, axis=1)
    return found / np.maximum(slant, 1e-12)[:, None], slant


def _slant(view: Metal, arc: Arc, at: float) -> float:
    """Share of a length that is seen at one place of the line."""
    return float(_across(view, arc, np.array([at]))[1][0])


def _end(view: Metal, arc: Arc, table: Table) -> tuple[float | None, float]:
    """Where along the line the curve's shadow falls to half, mm from the shaft's tip; SD."""
    grid = np.arange(max(arc.deployed_mm - AROUND_MM, 1.0), arc.deployed_mm + AHEAD_MM, 0.2)
    bright = view.sampled(view.ridge, arc.at(grid))
    about = _parted(grid, bright)
    return _fall(grid, bright, about, _slant(view, arc, about), table)


def _parted(grid: Vector, bright: Vector) -> float:
    """The place that parts a profile into two levels with the least spread about them."""
    count = np.arange(1, len(grid))
    sums, whole = np.cumsum(bright)[:-1], bright.sum()
    between = sums**2 / count + (whole - sums) ** 2 / (len(grid) - count)
    return float(grid[1 + int(np.argmax(between))])


def _tip(view: Metal, arc: Arc, kit: Kit, table: Table) -> tuple[float | None, float]:
    """Where the shaft's width falls to the curve's, mm along the line, and its SD."""
    grid = np.arange(-AROUND_MM, min(AROUND_MM, arc.deployed_mm - 1.0), 0.2)
    offset = np.arange(-1.2, 1.21, 0.1) * kit.shaft_mm
    points, (across, _) = arc.at(grid), _across(view, arc, grid)
    area = view.sampled(view.thin, points[:, None] + offset[:, None] * across[:, None]).mean(axis=1)
    return _fall(grid, area, 0.0, _slant(view, arc, 0.0), table)


def _fall(
    grid: Vector, bright: Vector, about: float, slant: float, table: Table
) -> tuple[float | None, float]:
    """Where a profile falls half way between what it has before and after a place."""
    before, after = bright[grid < about - NEAR_MM], bright[grid > about + NEAR_MM]
    sd = table["curve.end"].value / max(slant, 0.05)
    if len(before) < 5 or len(after) < 5:
        return None, sd
    high, low = float(np.median(before)), float(np.median(after))
    if high - low < table["curve.fall"].value * high:
        return None, sd
    edge = np.where(bright > 0.5 * (high + low), 1.0, 0.0)
    # The place that parts the profile best: most above the middle before, most below after.
    cost = np.cumsum(1.0 - edge) + edge.sum() - np.cumsum(edge)
    return float(grid[int(np.argmin(cost))]) + 0.1, sd


def turn_sd(fit: Fit) -> float:
    """One SD of the turn, radians, of an arc's bend about its own axis."""
    return float(np.sqrt(fit.covariance[5, 5]))


def tip_sd_mm(fit: Fit) -> float:
    """One SD of the arc's tip in the direction that is known worst, mm."""
    here = fit.arc.tip
    change: list[Point] = [
        (fit.arc.moved_by(np.eye(8)[n] * STEPS[n]).tip - here) / STEPS[n] for n in range(8)
    ]
    spread = np.stack(change, axis=1) @ fit.covariance @ np.stack(change)
    return float(np.sqrt(np.linalg.eigvalsh(spread)[-1]))
