"""A registry that may leave the clinic: no pseudonym, date or site, and nobody alone in a class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from basivert.care.outcomes.registry import Patient, Registry
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.outcomes.schedule import assigned
from basivert.care.outcomes.subgroups import UNKNOWN, level_group, modic_group

Cell = str | int | float | None
Row = dict[str, Cell]
RARE = "rare"
DAYS_A_YEAR = 365.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What leaves the clinic.

    tables: name → rows, each with the columns of the data dictionary.
    k: patients in the smallest class that is alike in all that may identify; 0 without patients.
    withheld: column → cells that were emptied.  left_out: patients that could not be hidden.
    """

    tables: Mapping[str, tuple[Row, ...]]
    k: int
    withheld: Mapping[str, int]
    left_out: int


def export(registry: Registry, rules: OutcomeRules, rng: np.random.Generator) -> Export:
    """De-identified tables of a registry.

    Args:
        registry: patients under the clinic's pseudonyms.
        rules: the tables, for what is rare and what may identify.
        rng: draws the patients' new numbers, so that their order tells nothing.
    """
    hiding = rules["export"]["hiding"]
    least = int(hiding["k"])
    order = [registry.patients[n] for n in rng.permutation(len(registry.patients))]
    rows = [_patient(number, one, registry.as_of_day, rules) for number, one in enumerate(order, 1)]
    known = {name: sum(row[name] is not None for row in rows) for name in hiding["identifying"]}
    kept, k = anonymous(rows, hiding["identifying"], least)
    inside = {row["patient"] for row in kept}
    numbered = [(n, one) for n, one in enumerate(order, 1) if n in inside]
    _hide_rare(kept, "left", "left_day", least)
    return Export(
        tables={
            "patients": tuple(kept),
            "scores": tuple(row for n, one in numbered for row in _scores(n, one, rules)),
            "events": _rare(
                [{"patient": n, "kind": e.kind, "grade": e.grade, "day": e.day}
                 for n, one in numbered for e in one.events], least),
            "retreatments": _rare(
                [{"patient": n, "kind": r.kind, "day": r.day}
                 for n, one in numbered for r in one.retreatments], least),
        },
        k=k, left_out=len(rows) - len(kept),
        withheld={name: known[name] - sum(row[name] is not None for row in kept)
                  for name in known},
    )  # fmt: skip


def anonymous(rows: Sequence[Row], names: Sequence[str], k: int) -> tuple[list[Row], int]:
    """Rows in which every combination of some columns is shared by k rows at least.

    In the rows of rare combinations the columns are emptied one after the other; rows that are
    still rare with all of them empty are left out.

    Args:
        rows: one a patient.
        names: columns that may identify, the first to be emptied first.
        k: least size of a class.

    Returns: the rows, and the size of the smallest class (0 where none is left).
    """
    found = [dict(row) for row in rows]
    for name in names:
        for row in _rare_rows(found, names, k):
            row[name] = None
    alone = {id(row) for row in _rare_rows(found, names, k)}
    kept = [row for row in found if id(row) not in alone]
    sizes = Counter(tuple(row[name] for name in names) for row in kept)
    return kept, min(sizes.values(), default=0)


def _rare_rows(rows: list[Row], names: Sequence[str], k: int) -> list[Row]:
    sizes = Counter(tuple(row[name] for name in names) for row in rows)
    return [row for row in rows if sizes[tuple(row[name] for name in names)] < k]


def age_class(age: float, step: int, top: int) -> str:
    """The step an age lies in; all ages from `top` on are one."""
    if age >= top:
        return f"{top}+"
    low = int(age // step) * step
    return f"{low}-{min(low + step, top) - 1}"


def _patient(number: int, one: Patient, as_of_day: int, rules: OutcomeRules) -> Row:
    hiding = rules["export"]["hiding"]
    step, top = int(hiding["age_step_years"]), int(hiding["age_top_years"])
    levels, margins = level_group(one), [one.margins_mm.get(body) for body in one.levels]
    known = [mm for mm in margins if mm is not None]
    return {
        "patient": number,
        "age": None if one.age_years is None else age_class(one.age_years, step, top),
        "sex": one.sex, "levels": None if levels == UNKNOWN else levels, "modic": modic_group(one),
        "coverage_planned": _lowest(one, one.coverage_planned),
        "coverage_treated": _lowest(one, one.coverage_treated),
        "margin": round(min(known), 1) if known and len(known) == len(margins) else None,
        "followed": int((as_of_day - one.procedure_day) // DAYS_A_YEAR),
        "left": one.left_why, "left_day": one.left_day,
    }  # fmt: skip


def _lowest(one: Patient, coverage: Mapping[str, float]) -> float | None:
    if not one.levels or any(body not in coverage for body in one.levels):
        return None
    return round(min(coverage[body] for body in one.levels), 2)


def _scores(number: int, one: Patient, rules: OutcomeRules) -> list[Row]:
    found: list[Row] = []
    for name in dict.fromkeys(score.instrument for score in one.scores):
        mine = [score for score in one.scores if score.instrument == name]
        at = {id(score): visit for visit, score in assigned(mine, rules).at.items()}
        found += [
            {"patient": number, "instrument": name, "visit": at.get(id(score)), "day": score.day,
             "value": score.value}
            for score in mine
        ]  # fmt: skip
    return found


def _rare(rows: list[Row], k: int) -> tuple[Row, ...]:
    """The rows with kinds that fewer than k patients had in one word."""
    had = Counter(kind for kind, _ in {(row["kind"], row["patient"]) for row in rows})
    return tuple({**row, "kind": row["kind"] if had[row["kind"]] >= k else RARE} for row in rows)


def _hide_rare(rows: list[Row], name: str, beside: str, k: int) -> None:
    sizes = Counter(row[name] for row in rows)
    for row in rows:
        if sizes[row[name]] < k:
            row[name] = row[beside] = None
