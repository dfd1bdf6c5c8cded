"""A straight or gently curved tool in one frame: its middle line and its two ends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.ndimage import map_coordinates

from basivert.arrays import Matrix, frozen
from basivert.constants.model import Table
from basivert.fluoroscopy.frame import Frame, slim_pieces, thin_parts

STEP_PX = 4.0
FINE_PX = 0.25
INSIDE_PX = 14.0
REFITS = 4
HALF_WIDTHS = 2.0
BORDER_PX = 3
# A bent shadow is straight in this share at its far end, at least so many places, and further on
# while its middle stays so near to that line.
TAIL_SHARE, LEAST_TAIL, STRAIGHT_OFF_PX = 0.5, 4, 0.8
# So many pixels of a bent piece are joined in pairs; what lies so near to their line counts.
MOST_TRIED, STRAIGHT_PX = 60, 2.5
# Rows metal.*: how dark at least, and how near to the place; "" is the whole picture.
LEAST, RADII = ("likely", "dark", "sure"), ("", "near", "nearer")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shadow:
    """A tool's shadow.

    line: (n, 2) column and row of its middle, tip first.
    leaves: whether its other end runs out of the picture.
    bend_px: largest distance of the middle line from the straight line through its ends.
    """

    line: Matrix
    leaves: bool
    bend_px: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "line", frozen(self.line))


def shadow(frame: Frame, expected: np.ndarray, table: Table) -> Shadow | None:
    """The longest tool in a frame that points at a place, or None where there is none.

    Args:
        frame: −log of counts; its metal must be seen.
        expected: (2,) column and row that the tool points at, such as the hub's place.
        table: `registration`, rows metal.*.
    """
    picture = frame.picture
    thin = thin_parts(picture, frame.carm, table)
    coords = _longest(thin, frame, expected, table)
    if coords is None:
        return None
    pixels = _straight(coords[:, ::-1].astype(float), table)
    middle = pixels.mean(axis=0)
    along = np.linalg.svd(pixels - middle, full_matrices=False)[2][0]
    line = _middle_line(thin, pixels, middle, along)
    line = _tip_first(line, picture.shape, expected)
    chord = line[-1] - line[0]
    off = line - line[0]
    bend = np.abs(off[:, 0] * chord[1] - off[:, 1] * chord[0]) / np.linalg.norm(chord)
    return Shadow(line=line, leaves=_at_border(line[-1], picture.shape), bend_px=float(bend.max()))


def straight_part(line: Matrix) -> Matrix:
    """Of a middle line (n, 2), tip first, the straight part from its other end on, tip first.

    A curve at the tip is left out, so that it does not turn the line.
    """
    kept = max(round(TAIL_SHARE * len(line)), min(LEAST_TAIL, len(line)))
    while True:
        middle = line[-kept:].mean(axis=0)
        along = np.linalg.svd(line[-kept:] - middle, full_matrices=False)[2][0]
        off = line - middle
        away = np.abs(off[:, 0] * along[1] - off[:, 1] * along[0])
        # The end itself lies on the trend of all and not on the shadow's middle.
        longer = kept + 1
        if longer >= len(line) or away[-longer] > STRAIGHT_OFF_PX:
            break
        kept = longer
    places = (line[-kept:] - middle) @ along
    return middle + places[[0, -1], None] * along


def _longest(thin: np.ndarray, frame: Frame, expected: np.ndarray, table: Table
             ) -> np.ndarray | None:  # fmt: skip
    """Pixels (n, 2), row and column, of the longest piece that points at the place.

    Where the tool runs into the dark edge of the body no piece is slim: then only what is darker
    than that edge, then what lies nearer to the place is looked at.
    """
    pitch = float(np.mean(frame.carm.detector.pitch_mm))
    rows, columns = np.indices(thin.shape)
    away = pitch * np.hypot(columns - expected[0], rows - expected[1])
    for least, radius in product(LEAST, RADII):
        level = table[f"metal.{least}"].value
        within = (away <= table[f"metal.{radius}"].value) if radius else None
        pieces = [
            one for one in slim_pieces(thin, frame.carm, table, level, within)
            if _beside(one, expected, table) * pitch <= table["metal.aim"].value
        ]  # fmt: skip
        if pieces:
            return max(pieces, key=lambda one: float(np.ptp(one, axis=0).max()))
    return None


def _straight(pixels: np.ndarray, table: Table) -> np.ndarray:
    """The pixels (n, 2) of the longest straight part of a bent piece; all where it is straight."""
    spread = np.linalg.svd(pixels - pixels.mean(axis=0), compute_uv=False)
    if spread[1] <= table["metal.slim"].value * spread[0]:
        return pixels
    some = pixels[:: max(len(pixels) // MOST_TRIED, 1)]
    one, other = (some[n] for n in np.triu_indices(len(some), 1))
    way = other - one
    length = np.linalg.norm(way, axis=1)
    long = length > 0.3 * length.max()
    one, way = one[long], way[long] / length[long, None]
    off = pixels[:, None] - one
    within = np.abs(off[..., 0] * way[:, 1] - off[..., 1] * way[:, 0]) <= STRAIGHT_PX
    return pixels[within[:, int(np.argmax(within.sum(axis=0)))]]


def _beside(coords: np.ndarray, place: np.ndarray, table: Table) -> float:
    """How far a place (column, row) lies from the straight line through pixels (row, column)."""
    pixels = _straight(coords[:, ::-1].astype(float), table)
    middle = pixels.mean(axis=0)
    along = np.linalg.svd(pixels - middle, full_matrices=False)[2][0]
    off = place - middle
    return float(abs(off[0] * along[1] - off[1] * along[0]))


def _middle_line(
    thin: np.ndarray, pixels: np.ndarray, middle: np.ndarray, along: np.ndarray
) -> np.ndarray:
    """(n, 2) middles across the shadow every few pixels, between its two ends."""
    across = np.array([-along[1], along[0]])
    s, t = (pixels - middle) @ along, (pixels - middle) @ across
    slope = _trend(s, t)
    off = t - np.polynomial.polynomial.polyval(s, slope)
    own = np.abs(off) <= HALF_WIDTHS * np.median(np.abs(off)) + 1.0
    # Bright bone beside the tip joins the shadow; the brightness along the line tells the end.
    begin, end = _ends(thin, middle, along + slope[1] * across, slope[0] * across, s[own])
    bins = np.arange(begin, end, STEP_PX)
    number = np.digitize(s, bins)
    inner = [
        (s[own & (number == n)].mean(), t[own & (number == n)].mean())
        for n in range(2, len(bins) - 1) if np.any(own & (number == n))
    ]  # fmt: skip
    outer = [(at, np.polynomial.polynomial.polyval(at, slope)) for at in (begin, end)]
    rows = np.array([outer[0], *inner, outer[1]])
    return middle + rows[:, :1] * along + rows[:, 1:] * across


def _trend(s: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Straight line t(s), refitted without what stands far off."""
    kept = np.ones(len(s), bool)
    slope = np.zeros(2)
    for _ in range(REFITS):
        slope = np.polynomial.polynomial.polyfit(s[kept], t[kept], 1)
        off = np.abs(t - np.polynomial.polynomial.polyval(s, slope))
        kept = off <= HALF_WIDTHS * np.median(off) + 1.0
    return slope


def _ends(
    thin: np.ndarray, middle: np.ndarray, along: np.ndarray, shift: np.ndarray, s: np.ndarray
) -> tuple[float, float]:
    """Where the brightness along the line falls to half of what it is further in, at both ends."""
    at = np.arange(s.min() - INSIDE_PX, s.max() + INSIDE_PX, FINE_PX)
    places = middle + shift + at[:, None] * along
    bright = map_coordinates(thin, places[:, ::-1].T, order=1, mode="constant")
    found: list[float] = []
    for sign, last in ((-1.0, float(s.min())), (1.0, float(s.max()))):
        inside = (sign * (last - at) > INSIDE_PX) & (sign * (last - at) < 2 * INSIDE_PX)
        level = float(np.median(bright[inside])) if inside.any() else float(np.median(bright))
        outward = sign * (at - last) > -INSIDE_PX
        lost = at[outward & (bright < 0.5 * level)]
        edge = float(lost[np.argmin(sign * lost)]) if len(lost) else last
        found.append(min(edge, last) if sign > 0 else max(edge, last))
    return found[0], found[1]


def _at_border(end: np.ndarray, shape: tuple[int, ...]) -> bool:
    return bool(
        min(end) < BORDER_PX
        or end[0] > shape[1] - 1 - BORDER_PX
        or end[1] > shape[0] - 1 - BORDER_PX
    )


def _tip_first(line: np.ndarray, shape: tuple[int, ...], expected: np.ndarray) -> np.ndarray:
    """An end at the border is where the tool comes in; else the end near the hub is the tip."""
    first, last = _at_border(line[0], shape), _at_border(line[-1], shape)
    if first != last:
        return line[::-1] if first else line
    near = np.linalg.norm(line[[0, -1]] - expected, axis=1)
    return line if near[0] <= near[1] else line[::-1]
