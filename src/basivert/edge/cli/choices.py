"""What several commands ask of a stored plan: which side, and its vertebra measured once more."""

from __future__ import annotations

from basivert.anatomy.find import located
from basivert.anatomy.model import Partial, Side, Vertebra
from basivert.constants.load import TableOf, builtin
from basivert.errors import InputError, NumericsError
from basivert.volume.model import Case
from basivert.workflow.plan_case import builtin_tables

SIDES: dict[str, tuple[Side, ...]] = {
    "auto": ("left", "right"), "left": ("left",), "right": ("right",),
}  # fmt: skip


def sides_of(name: str) -> tuple[Side, ...]:
    """The sides that a word stands for. Raises InputError for another word."""
    if name not in SIDES:
        raise InputError(f"Side {name!r} is unknown.", fix="Choose auto, left or right.")
    return SIDES[name]


def side_of(name: str) -> Side | None:
    """One side, or None where either will do. Raises InputError as `sides_of`."""
    first, *others = sides_of(name)
    return None if others else first


def measured_again(case: Case, level: str, table: TableOf = builtin) -> Vertebra:
    """A planned vertebra on its plan's own scan. Raises NumericsError where that fails now."""
    vertebra = located(case, level, builtin_tables(table).anatomy)
    if isinstance(vertebra, Partial):
        raise NumericsError(f"{level} cannot be measured again: {vertebra.reason}")
    return vertebra
