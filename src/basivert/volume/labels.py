"""Label conventions as tables, and which of them a label map follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.errors import LabelError
from basivert.geometry.codes import extents
from basivert.volume.model import Volume
from basivert.volume.pieces import Piece, pieces

# Cranial to caudal; the order along the body tells two conventions with the same codes apart.
SPINE = (*(f"T{n}" for n in range(1, 14)), *(f"L{n}" for n in range(1, 7)), "S1")
LUMBAR = tuple(name for name in SPINE if name[0] in "LS")
# Below S1 only their order counts; they are not vertebrae to this package.
BELOW = (*(f"S{n}" for n in range(2, 7)), "coccyx")
CODES_SHOWN = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """One naming of codes.

    code_of: our structure name → code in the file.
    ranges: (first, last) codes that the convention uses at all; others speak against it.
    file_words: words in a file name that speak for it.
    only_by_name: taken only when the file name holds one of the words.
    """

    name: str
    title: str
    source: str
    file_words: tuple[str, ...]
    only_by_name: bool
    ranges: tuple[tuple[int, int], ...]
    code_of: Mapping[str, int]


def codes_in(labels: Volume) -> set[int]:
    """The codes above 0 that have voxels."""
    return set(np.flatnonzero(extents(labels.values).count).tolist())


def is_vertebra(name: str) -> bool:
    """Whether a structure's name is that of a vertebra this package knows."""
    return name in SPINE


def recognised(
    labels: Volume, file_name: str, known: Sequence[Convention], limits: Table
) -> Convention:
    """The convention that a label map follows: by its codes, their places, then its file name.

    Args:
        known: conventions to choose from.
        limits: table `input`, rows `vertebra.*`.

    Raises: LabelError with the codes found when none fits, or when several name them differently.
    """
    present = codes_in(labels)
    where = pieces(labels.values, labels.lps_from_index)
    fitting = [c for c in known if _fits(c, present, where, limits, file_name)]
    spoken = [c for c in fitting if _spoken_for(c, file_name)]
    if spoken and not _agree(fitting, present):
        fitting = spoken
    if fitting and _agree(fitting, present):
        return min(fitting, key=lambda c: (c not in spoken, _breadth(c)))
    raise _unrecognised(fitting, sorted(present), file_name)


def _unrecognised(fitting: Sequence[Convention], codes: list[int], file_name: str) -> LabelError:
    shown = ", ".join(map(str, codes[:CODES_SHOWN])) + (" …" if len(codes) > CODES_SHOWN else "")
    if fitting:
        what = f"{file_name} can be read as {' and as '.join(c.title for c in fitting)}"
    else:
        what = f"{file_name} follows no convention known here"
    return LabelError(
        f"{what} (codes found: {shown}).",
        fix="Name the codes yourself: --label-map FILE with lines like L3 = 22.",
        codes=codes, candidates=[c.name for c in fitting],
    )  # fmt: skip


def out_of_order(centre_of: Mapping[str, Point]) -> tuple[tuple[str, str], ...]:
    """Pairs of neighbouring vertebrae of which the one named upper does not lie higher."""
    names = [name for name in (*SPINE, *BELOW) if name in centre_of]
    return tuple(
        (upper, lower)
        for upper, lower in pairwise(names)
        if centre_of[upper][2] <= centre_of[lower][2]
    )


def neighbours(names: Collection[str]) -> tuple[tuple[str, str], ...]:
    """Pairs of named vertebrae that follow each other without a gap, cranial first."""
    usual = [name for name in SPINE if name in names or name not in ("T13", "L6")]
    return tuple(
        (upper, lower) for upper, lower in pairwise(usual) if upper in names and lower in names
    )


def _fits(
    convention: Convention, present: Collection[int], where: Mapping[int, Piece], limits: Table,
    file_name: str,
) -> bool:  # fmt: skip
    """Codes known, vertebrae among them, and all in a place where vertebrae can be.

    Without a lumbar vertebra too little can be checked; then the file name must say it.
    """
    if convention.only_by_name and not _spoken_for(convention, file_name):
        return False
    if not all(any(low <= code <= high for low, high in convention.ranges) for code in present):
        return False
    at = {name: where[code] for name, code in convention.code_of.items()
          if name in (*SPINE, *BELOW) and code in where}  # fmt: skip
    if not set(LUMBAR) & set(at) and not (
        set(SPINE) & set(at) and _spoken_for(convention, file_name)
    ):
        return False
    if out_of_order({n: piece.centre for n, piece in at.items()}):
        return False
    largest = limits["vertebra.largest_extent"].value
    return all(np.all(at[name].size_mm <= largest) for name in LUMBAR if name in at) and all(
        plausible_distance(at[upper], at[lower], limits)
        for upper, lower in neighbours(set(at) & set(LUMBAR))
    )


def plausible_distance(upper: Piece, lower: Piece, limits: Table) -> bool:
    """Whether two lumbar neighbours lie as far apart as vertebrae do; a cut one may lie nearer."""
    distance = float(np.linalg.norm(upper.centre - lower.centre))
    near_enough = distance <= limits["vertebra.farthest"].value
    return near_enough and bool(
        upper.cut or lower.cut or distance >= limits["vertebra.nearest"].value
    )


def _spoken_for(convention: Convention, file_name: str) -> bool:
    return any(word in file_name.lower() for word in convention.file_words)


def _breadth(convention: Convention) -> int:
    """How many codes it uses: the narrower of two that agree says more."""
    return sum(high - low + 1 for low, high in convention.ranges)


def _agree(fitting: Sequence[Convention], present: Collection[int]) -> bool:
    """Whether all give the same vertebra names to the codes present."""
    named = [{name: code for name, code in c.code_of.items()
              if code in present and is_vertebra(name)} for c in fitting]  # fmt: skip
    return all(names == named[0] for names in named)
