"""Curves as SVG coordinates: panels below each other over one axis, ticks, labels apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.report.model import Curve, Panel, Plot

# Okabe and Ito's palette without yellow, which fades on white.
LINES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000", "#E69F00", "#56B4E9")
DASHES = ("none", "5 2", "1.5 1.5", "7 2 1.5 2", "none", "5 2", "1.5 1.5")
WIDTH, LEFT, TOP, PANEL, GAP, FOOT = 360.0, 36.0, 30.0, 58.0, 21.0, 32.0
NAMES_WIDTH, NARROW, LINE_HEIGHT = 116.0, 10.0, 11.5
# Height of a panel with several curves.
TALL, WANTED_TICKS = 167.0, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One drawn curve; name_at: height of its name at the right end, None where it has none."""

    points: str
    colour: str
    dash: str
    name: str
    name_at: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One panel: where it stands, its ticks (text, height), lines, and levels (text, height)."""

    top: float
    height: float
    y_label: str
    ticks: tuple[tuple[str, float], ...]
    lines: tuple[Line, ...]
    levels: tuple[tuple[str, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A plot laid out.  ticks: text and place across.  spans: from, to, what."""

    width: float
    height: float
    left: float
    right: float
    panels: tuple[Drawn, ...]
    ticks: tuple[tuple[str, float], ...]
    spans: tuple[tuple[float, float, str], ...]


def laid_out(plot: Plot) -> Chart:
    """Coordinates of a plot in a box that starts at 0, 0."""
    named = any(len(panel.curves) > 1 for panel in plot.panels)
    right = WIDTH - (NAMES_WIDTH if named else NARROW)
    heights = [TALL if len(panel.curves) > 1 else PANEL for panel in plot.panels]
    tops = [TOP + sum(heights[:n]) + n * GAP for n in range(len(heights))]
    longest = max(float(c.x.max()) for p in plot.panels for c in p.curves)
    across = ticks(0.0, longest, 6)
    scale = (right - LEFT) / longest
    panels = tuple(
        _panel(panel, top, height, scale, named)
        for panel, top, height in zip(plot.panels, tops, heights, strict=True)
    )
    return Chart(
        width=WIDTH, height=tops[-1] + heights[-1] + FOOT, left=LEFT, right=right,
        panels=panels,
        ticks=tuple((f"{v:g}", LEFT + v * scale) for v in across if v <= longest * 1.001),
        spans=tuple((LEFT + a * scale, LEFT + b * scale, what) for a, b, what in plot.spans),
    )  # fmt: skip


def _panel(panel: Panel, top: float, height: float, scale: float, named: bool) -> Drawn:
    lowest = min(float(c.y.min()) for c in panel.curves)
    highest = max(float(c.y.max()) for c in panel.curves)
    highest = max([highest, *(value for value, _ in panel.levels)])
    marks = ticks(min(lowest, 0.0) if lowest < 0.4 * highest else lowest, highest, WANTED_TICKS)
    low, high = marks[0], marks[-1]

    def up(value: float) -> float:
        return top + height * (1.0 - (value - low) / (high - low))

    ends = [up(float(c.y[-1])) for c in panel.curves]
    places = apart(ends, top, top + height) if named else [None] * len(ends)
    return Drawn(
        top=top, height=height, y_label=panel.y_label,
        ticks=tuple((f"{v:g}", up(v)) for v in marks),
        lines=tuple(
            Line(points=_points(curve, scale, up), colour=LINES[n % len(LINES)],
                 dash=DASHES[n % len(DASHES)], name=f"{curve.name} {curve.y[-1]:.1f}", name_at=at)
            for n, (curve, at) in enumerate(zip(panel.curves, places, strict=True))
        ),
        levels=tuple((text, up(value)) for value, text in panel.levels),
    )  # fmt: skip


def _points(curve: Curve, scale: float, up: object) -> str:
    assert callable(up)
    return " ".join(f"{LEFT + x * scale:.1f},{up(float(y)):.1f}"
                    for x, y in zip(curve.x, curve.y, strict=True))  # fmt: skip


def ticks(low: float, high: float, count: int) -> list[float]:
    """Round numbers that enclose both ends, about `count` steps of 1, 2 or 5 times a power of ten.

    A range of no width gets one step.
    """
    span = high - low if high > low else max(abs(high), 1.0)
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * m for m in (1.0, 2.0, 5.0, 10.0) if power * m >= rough * 0.999)
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [round(n * step, 10) for n in range(first, last + 1)]


def apart(wanted: Sequence[float], top: float, bottom: float) -> list[float]:
    """Heights as near as may be to those wanted, one line of text apart, in the same order."""
    order = np.argsort(wanted, kind="stable")
    places = np.array(wanted, float)[order]
    for n in range(1, len(places)):
        places[n] = max(places[n], places[n - 1] + LINE_HEIGHT)
    places += min(0.0, bottom - float(places[-1]))
    for n in range(len(places) - 2, -1, -1):
        places[n] = min(places[n], places[n + 1] - LINE_HEIGHT)
    places += max(0.0, top - float(places[0]))
    found = np.empty_like(places)
    found[order] = places
    return found.tolist()
