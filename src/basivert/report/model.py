"""What a document says, without paper: sections, rows, pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from basivert.arrays import Matrix

Style = Literal[
    "bone",
    "canal",
    "wall",
    "target",
    "instrument",
    "shaft",
    "foramen",
    "window",
    "vessel",
    "active",
    "go",
    "caution",
    "stop",
    "lesion",
    "endpoint",
    "isotherm",
    "electrode",
    "dura",
    "root",
    "shown_wall",
    "true_wall",
    "midline",
    "rim",
    "plate",
    "hub",
]


Grade = Literal["go", "caution", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """A line or area over a picture.

    points: (n, 2) mm right and down from the top left corner.  label_at: where the label is
    centred, mm; None leaves it to the page.
    """

    points: Matrix
    style: Style
    closed: bool
    label: str = ""
    dashed: bool = False
    label_at: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A slice with what lies in it.

    pixels: (rows, columns) uint8.  letters: patient directions at left, right, top, bottom.
    wash_degc: temperature over the whole picture, (rows, columns) of its own, or None.
    band: closed rings (n, 2) mm; what lies in an odd number of them is where an edge may be.
    shared: name of the pixels where the page holds them once for several pictures.
    """

    title: str
    caption: str
    pixels: np.ndarray
    mm_per_pixel: float
    letters: tuple[str, str, str, str]
    shapes: tuple[Shape, ...]
    wash_degc: np.ndarray | None = None
    band: tuple[Matrix, ...] = ()
    shared: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of a table."""

    name: str
    value: str
    note: str = ""
    grade: Literal["", "go", "caution", "stop"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One titled table."""

    title: str
    rows: tuple[Row, ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Meshes of the 3-D view: (vertices (n, 3) LPS mm, faces (m, 3)).

    lesion: None without heat.  band: (outer, inner) ends of where its edge lies; empty, or None for
    an end that tissue nowhere reaches.
    """

    bone: tuple[np.ndarray, np.ndarray]
    canal: tuple[np.ndarray, np.ndarray]
    paths: tuple[tuple[str, np.ndarray], ...]
    target: np.ndarray
    lesion: tuple[np.ndarray, np.ndarray] | None = None
    band: tuple[tuple[np.ndarray, np.ndarray] | None, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell of a sheet."""

    text: str
    note: str = ""
    grade: Literal["", "go", "caution", "stop"] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A table with several columns; the first cell of a row is its name."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curve:
    """A line of a plot.  x, y: (n,) in the units of the panel."""

    name: str
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Panel:
    """Curves that share both axes.  levels: values with a name, drawn across."""

    y_label: str
    curves: tuple[Curve, ...]
    levels: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plot:
    """Panels below each other over one axis.  spans: from, to, what went on."""

    title: str
    caption: str
    x_label: str
    panels: tuple[Panel, ...]
    spans: tuple[tuple[float, float, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HeatPart:
    """The heat of one plan."""

    name: str
    title: str
    verdict: Grade
    sentences: tuple[str, ...]
    warnings: tuple[tuple[str, str, str], ...]
    pictures: tuple[Picture, ...]
    plots: tuple[Plot, ...]
    sheets: tuple[Sheet, ...]
    cards: tuple[Card, ...]
    details: tuple[Sheet, ...]
    scene: Scene


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepEntry:
    """One step of a step sheet, in words, distances and pictures."""

    number: int
    title: str
    depth: str
    instruction: str
    source: str
    views: str
    wrong: str
    checks: Sheet
    pictures: tuple[Picture, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StepPart:
    """The step sheet of one plan.  backgrounds: name and pixels that its pictures share."""

    name: str
    title: str
    sentences: tuple[str, ...]
    warnings: tuple[tuple[str, str, str], ...]
    views: Sheet
    entries: tuple[StepEntry, ...]
    cards: tuple[Card, ...]
    notes: tuple[str, ...]
    backgrounds: tuple[tuple[str, np.ndarray], ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """One vertebra."""

    level: str
    status: str
    summary: str
    warnings: tuple[tuple[str, str, str], ...]
    pictures: tuple[Picture, ...]
    cards: tuple[Card, ...]
    plans: tuple[tuple[str, ...], ...]
    front: tuple[tuple[str, np.ndarray], ...]
    scene: Scene | None
    heats: tuple[HeatPart, ...] = ()
    steps: tuple[StepPart, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """The whole document."""

    title: str
    warnings: tuple[tuple[str, str, str], ...]
    sections: tuple[Section, ...]
    assumptions: tuple[Row, ...]
    provenance: tuple[Row, ...]
    limits: tuple[Card, ...] = ()
    constants: tuple[Sheet, ...] = ()
