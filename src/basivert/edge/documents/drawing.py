"""Charts of a registry as SVG coordinates: lines, bands, dots and words in one box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, LEFT, RIGHT, TOP = 360.0, 34.0, 12.0, 14.0
INK, SOFT, GRID = "#1b1f24", "#57606a", "#e1e6ea"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """A line through points, or an area where `filled`."""

    points: str
    colour: str
    width: float = 1.4
    dash: str = "none"
    filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """A round mark."""

    x: float
    y: float
    colour: str
    radius: float = 3.0
    hollow: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A piece of text."""

    x: float
    y: float
    text: str
    anchor: str = "start"
    colour: str = INK
    bold: bool = False
    size: float = 10.0


@dataclass(slots=True, kw_only=True)
class Canvas:
    """A chart being drawn, in user units; x and y of data are scaled by `across` and `up`.

    plot: left, top, right, bottom of the data's box.  x_ends, y_ends: data at its edges.
    """

    title: str
    caption: str
    height: float
    plot: tuple[float, float, float, float]
    x_ends: tuple[float, float]
    y_ends: tuple[float, float]
    strokes: list[Stroke] = field(default_factory=list[Stroke])
    dots: list[Dot] = field(default_factory=list[Dot])
    words: list[Word] = field(default_factory=list[Word])
    width: float = WIDTH

    def across(self, x: float) -> float:
        """Place of a data value along the chart."""
        low, high = self.x_ends
        return self.plot[0] + (x - low) / (high - low) * (self.plot[2] - self.plot[0])

    def up(self, y: float) -> float:
        """Place of a data value from the top."""
        low, high = self.y_ends
        return self.plot[3] - (y - low) / (high - low) * (self.plot[3] - self.plot[1])

    def line(
        self, points: Sequence[tuple[float, float]], colour: str, *, width: float = 1.4,
        dash: str = "none",
    ) -> None:  # fmt: skip
        """A line through data points."""
        self.strokes.append(
            Stroke(points=self._text(points), colour=colour, width=width, dash=dash)
        )

    def band(self, points: Sequence[tuple[float, float]], colour: str) -> None:
        """An area within data points."""
        self.strokes.append(Stroke(points=self._text(points), colour=colour, filled=True))

    def dot(
        self, x: float, y: float, colour: str, *, radius: float = 3.0, hollow: bool = False
    ) -> None:
        """A mark on a data point."""
        self.dots.append(
            Dot(x=self.across(x), y=self.up(y), colour=colour, radius=radius, hollow=hollow)
        )

    def percent_axis(self, upto: float = 1.0) -> None:
        """Lines across with shares as percent."""
        step = 0.2 if upto > 0.5 else 0.1 if upto > 0.2 else 0.05 if upto > 0.1 else 0.02
        for n in range(round(upto / step) + 1):
            self.line([(self.x_ends[0], n * step), (self.x_ends[1], n * step)], GRID, width=0.6)
            self.words.append(Word(x=self.plot[0] - 4, y=self.up(n * step) + 3.5, anchor="end",
                                   text=f"{100 * n * step:.0f} %", size=9.0))  # fmt: skip
        left, top, _, bottom = self.plot
        self.strokes.append(Stroke(
            points=f"{left},{top} {left},{bottom} {self.plot[2]},{bottom}", colour=INK, width=0.8
        ))  # fmt: skip

    def tick(self, x: float, text: str, below: str = "") -> None:
        """A word under the box, with another under it."""
        bottom = self.plot[3]
        self.words.append(Word(x=self.across(x), y=bottom + 12, text=text, anchor="middle"))
        if below:
            self.words.append(Word(x=self.across(x), y=bottom + 23, text=below, anchor="middle",
                                   colour=SOFT, size=8.5))  # fmt: skip

    def _text(self, points: Sequence[tuple[float, float]]) -> str:
        return " ".join(f"{self.across(x):.1f},{self.up(y):.1f}" for x, y in points)


def tall(
    title: str, caption: str, *, x_ends: tuple[float, float], y_high: float = 1.0,
    height: float = 220.0, foot: float = 30.0, right: float = RIGHT,
) -> Canvas:  # fmt: skip
    """A canvas whose upright axis is a share."""
    made = Canvas(
        title=title, caption=caption, height=height, x_ends=x_ends, y_ends=(0.0, y_high),
        plot=(LEFT, TOP, WIDTH - right, height - foot),
    )  # fmt: skip
    made.percent_axis(y_high)
    return made


def forest(
    title: str, caption: str, rows: Sequence[tuple[str, str, dict[str, float | None] | None]]
) -> Canvas:
    """Rates below each other with their intervals.

    Args:
        title: of the chart.
        caption: of the chart.
        rows: name, words at the right end, and rate with low and high; None for a heading or a
            row that shows nothing.
    """
    step, names = 17.0, 118.0
    height = TOP + step * len(rows) + 22
    made = Canvas(
        title=title, caption=caption, height=height, x_ends=(0.0, 1.0),
        y_ends=(float(len(rows)), 0.0), plot=(names, TOP - 4, WIDTH - 76, height - 20),
    )  # fmt: skip
    for n in range(6):
        made.line([(n / 5, 0), (n / 5, len(rows))], GRID, width=0.6)
        made.words.append(Word(x=made.across(n / 5), y=height - 8, text=f"{20 * n} %",
                               anchor="middle", size=9.0))  # fmt: skip
    for number, (name, said, rate) in enumerate(rows):
        at = number + 0.5
        heading = not said and rate is None
        made.words.append(Word(x=2, y=made.up(at) + 3.5, text=name, bold=heading, size=9.5))
        made.words.append(Word(x=WIDTH - 72, y=made.up(at) + 3.5, text=said, colour=SOFT, size=9.0))
        if rate is None or rate["rate"] is None:
            continue
        low, high = rate["low"], rate["high"]
        if low is not None and high is not None:
            made.line([(low, at), (high, at)], "#0072B2")
        made.dot(rate["rate"], at, "#0072B2", hollow=low is None)
    return made
