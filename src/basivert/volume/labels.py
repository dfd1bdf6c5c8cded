"""Label conventions as tables, and which of them a label map follows."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from scipy import ndimage

from basivert.arrays import Point
from basivert.errors import LabelError
from basivert.geometry.rigid import moved
from basivert.volume.model import Volume

# Cranial to caudal; the order along the body tells two conventions with the same codes apart.
SPINE = ("T10", "T11", "T12", "T13", "L1", "L2", "L3", "L4", "L5", "L6", "S1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """One naming of codes.  code_of: our structure name → code in the file."""

    name: str
    title: str
    source: str
    file_words: tuple[str, ...]
    code_of: Mapping[str, int]


def conventions() -> tuple[Convention, ...]:
    """All conventions that ship with the package."""
    folder = resources.files("basivert.constants") / "data" / "labels"
    found = []
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".toml"):
            row = tomllib.loads(file.read_text(encoding="utf-8"))
            found.append(Convention(
                name=row["name"], title=row["title"], source=row["source"],
                file_words=tuple(row["file_words"]), code_of=row["codes"],
            ))  # fmt: skip
    return tuple(found)


def recognised(labels: Volume, file_name: str) -> Convention:
    """The convention that a label map follows, by its codes, their order in space, and its name.

    Raises: LabelError with the codes found when none or several fit.
    """
    height = _heights(labels)
    fitting = [c for c in conventions() if _fits(c, height)]
    if len(fitting) > 1:
        named = [c for c in fitting if any(w in file_name.lower() for w in c.file_words)]
        fitting = named if len(named) == 1 else _most(fitting, height)
    if len(fitting) == 1:
        return fitting[0]
    found = ", ".join(str(code) for code in sorted(height)[:25])
    fits = " and ".join(c.title for c in fitting) or "no known convention"
    raise LabelError(
        f"{fits} fits the label map (codes found: {found}).",
        fix="Name the codes yourself: --label-map FILE with lines like L3 = 22.",
        codes=sorted(height),
    )


def _heights(labels: Volume) -> dict[int, float]:
    """Code → mean LPS z of its voxels, mm."""
    return {code: float(point[2]) for code, point in code_centres(labels).items()}


def code_centres(labels: Volume) -> dict[int, Point]:
    """Code → (3,) LPS centroid of its voxels, mm; one pass over the volume."""
    found = {}
    for code, box in enumerate(ndimage.find_objects(labels.values), start=1):
        if box is not None:
            voxels = np.argwhere(labels.values[box] == code).mean(axis=0)
            index = voxels + [part.start for part in box]
            found[code] = moved(labels.lps_from_index, index)
    return found


def _fits(convention: Convention, height: Mapping[int, float]) -> bool:
    """At least one vertebra is named, and all named ones lie in the right order along the body."""
    at = [
        height[convention.code_of[name]] for name in SPINE if convention.code_of.get(name) in height
    ]
    return bool(at) and all(above > below for above, below in zip(at, at[1:], strict=False))


def _most(fitting: Sequence[Convention], height: Mapping[int, float]) -> list[Convention]:
    """Those that explain the most codes of the map."""
    score = [len(set(c.code_of.values()) & set(height)) for c in fitting]
    return [c for c, s in zip(fitting, score, strict=True) if s == max(score)]
