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
]


Grade = Literal["go", "caution", "stop"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Shape:
    """A line or area over a picture.  points: (n, 2) mm right and down from the top left corner."""

    points: Matrix
    style: Style
    closed: bool
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Picture:
    """A slice with what lies in it.

    pixels: (rows, columns) uint8.  letters: patient directions at left, right, top, bottom.
    """

    title: str
    caption: str
    pixels: np.ndarray
    mm_per_pixel: float
    letters: tuple[str, str, str, str]
    shapes: tuple[Shape, ...]


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
    """Meshes of the 3-D view: name → (vertices (n, 3) LPS mm, faces (m, 3))."""

    bone: tuple[np.ndarray, np.ndarray]
    canal: tuple[np.ndarray, np.ndarray]
    paths: tuple[tuple[str, np.ndarray], ...]
    target: np.ndarray


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Report:
    """The whole document."""

    title: str
    warnings: tuple[tuple[str, str, str], ...]
    sections: tuple[Section, ...]
    assumptions: tuple[Row, ...]
    provenance: tuple[Row, ...]
