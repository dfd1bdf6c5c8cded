"""Rates by Modic type, level and coverage of the nerve; small cells are withheld."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from basivert.care.outcomes.rates import Rate
from basivert.care.outcomes.registry import DISCS, LEVELS, Patient
from basivert.care.outcomes.responders import Followed, Response, definition, response

UNKNOWN = "not known"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group of a subgroup table.

    found: None where the group is withheld, with its counts.
    """

    name: str
    withheld: bool
    found: Response | None

    @property
    def rate(self) -> Rate | None:
        """The group's rate, None where it is withheld."""
        return None if self.found is None else self.found.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Subgroups:
    """Groups that split all patients by one trait, for one definition at one visit."""

    trait: str
    wording: str
    definition: str
    visit: str
    groups: tuple[Group, ...]


def subgroups(held: Followed) -> tuple[Subgroups, ...]:
    """Every trait and every definition of the table."""
    table = held.rules["analysis"]["subgroup"]
    traits = {
        trait: (wording, np.array([named(one) for one in held.registry.patients], str))
        for trait, (wording, named) in _traits(table["coverage"]).items()
    }
    return tuple(
        Subgroups(trait=trait, wording=wording, definition=key, visit=table["visit"],
                  groups=_groups(held, key, table["visit"], names))
        for key in table["definitions"]
        for trait, (wording, names) in traits.items()
    )  # fmt: skip


def _groups(held: Followed, key: str, visit: str, names: np.ndarray) -> tuple[Group, ...]:
    one = definition(key, held.rules)
    rates = {
        name: response(one, held.visit(visit), held, names == name)
        for name in sorted(set(names.tolist()), key=_order)
    }
    hidden = withheld(
        {name: (r.treated, r.due, r.rate.n) for name, r in rates.items()},
        int(held.rules["analysis"]["cells"]["smallest"]),
    )
    return tuple(
        Group(name=name, withheld=name in hidden, found=None if name in hidden else rate)
        for name, rate in rates.items()
    )


def _order(name: str) -> tuple[bool, int, str]:
    first = name.split()[0]
    return name == UNKNOWN, int(first) if first.isdigit() else 0, name


def withheld(counts: Mapping[str, Sequence[int]], smallest: int) -> frozenset[str]:
    """Which rows of a table to withhold, so that no small count is shown or can be worked out.

    A row with a count from 1 to `smallest` − 1 is withheld. The totals are known, so what is
    withheld can be added up: rows are added until each of their sums is 0 or `smallest` at least,
    which no small row is by itself.

    Args:
        counts: row → its counts, the same columns in every row.
        smallest: least count that may be shown.
    """
    hidden = {name for name, row in counts.items() if any(0 < count < smallest for count in row)}
    rest = sorted(set(counts) - hidden, key=lambda name: (sum(counts[name]), name))
    while hidden and rest and not _safe(hidden, counts, smallest):
        hidden.add(rest.pop(0))
    return frozenset(hidden)


def _safe(hidden: set[str], counts: Mapping[str, Sequence[int]], smallest: int) -> bool:
    sums = [sum(column) for column in zip(*(counts[name] for name in hidden), strict=True)]
    return all(total == 0 or total >= smallest for total in sums)


def _traits(ends: Sequence[float]) -> dict[str, tuple[str, Callable[[Patient], str]]]:
    return {
        "modic": ("Modic types beside the treated bodies", modic_group),
        "levels": ("Treated bodies", level_group),
        "coverage_planned": (
            "Coverage of the nerve in the plan, lowest of the treated bodies",
            lambda patient: coverage_group(patient, patient.coverage_planned, ends),
        ),
        "coverage_treated": (
            "Coverage of the nerve in the lesion as treated, lowest of the treated bodies",
            lambda patient: coverage_group(patient, patient.coverage_treated, ends),
        ),
    }


def level_group(patient: Patient) -> str:
    """The treated bodies, from the head down."""
    return " + ".join(level for level in LEVELS if level in patient.levels) or UNKNOWN


def modic_group(patient: Patient) -> str:
    """The types read beside treated bodies; "none" only where every disc there was read."""
    near = [disc for disc in DISCS if set(disc.split("/")) & set(patient.levels)]
    types = {patient.modic[disc] for disc in near if disc in patient.modic} - {0}
    if types:
        return "type " + " and ".join(map(str, sorted(types)))
    return "none" if near and all(disc in patient.modic for disc in near) else UNKNOWN


def coverage_group(patient: Patient, coverage: Mapping[str, float], ends: Sequence[float]) -> str:
    """The group of the lowest coverage; not known unless every treated body has one."""
    if not patient.levels or any(body not in coverage for body in patient.levels):
        return UNKNOWN
    lowest = min(coverage[body] for body in patient.levels)
    at = max(n for n, end in enumerate(ends) if n == 0 or lowest >= end)
    top = 100 if at + 1 == len(ends) else round(100 * ends[at + 1])
    return f"{round(100 * ends[at])} to {top} %"
