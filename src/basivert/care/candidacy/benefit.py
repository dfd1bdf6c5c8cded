"""What became of others: rates of published cohorts, never a promise for one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.exact import clopper_pearson, counts
from basivert.care.facts import Facts
from basivert.constants.load import document
from basivert.errors import InputError
from basivert.estimate import Estimate

_REQUIRED = {
    "study", "months", "measure", "sign", "bound", "percent", "decimals", "population", "source",
    "confidence",
}  # fmt: skip
_OPTIONAL = {"n", "seen", "treated", "published_low", "published_high"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate as a source prints it.

    months: after the procedure; 0 where the source names no time.
    sign, bound: what counted, such as ≥ 50 %.
    share: 0 to 1; interval: 95 %, exact or the source's own, None where none can be made.
    interval_basis: how the interval came about, or why there is none.
    n, seen, treated: people; 0 where the source that was read does not say.
    """

    name: str
    study: str
    months: int
    measure: str
    sign: str
    bound: str
    share: float
    interval: Estimate | None
    interval_basis: str
    n: int
    seen: int
    treated: int
    population: str
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Benefit:
    """Rates of groups, the risk of fracture by bone density, and what they cannot say.

    fracture_group: name of the row of `fractures` that the person's T-score points to, or "".
    """

    edition: str
    promise: str
    prediction: str
    prediction_source: str
    rates: tuple[Rate, ...]
    fractures: tuple[Rate, ...]
    fracture_group: str
    fracture_note: str


def benefit(facts: Facts) -> Benefit:
    """The published figures as they ship, and the fracture row of this person's T-score."""
    table = document("care/benefit")
    words = ("edition", "promise", "prediction", "prediction_source", "fracture_note")
    return Benefit(
        **{name: str(table[name]) for name in words},
        rates=tuple(rate(name, row) for name, row in table["rate"].items()),
        fractures=tuple(rate(name, row) for name, row in table["fracture"].items()),
        fracture_group=_group(facts, table["bone_loss"]["t_score_under"]),
    )


def rate(name: str, row: Mapping[str, Any]) -> Rate:
    """A rate from its row, with the interval that its n allows.

    Raises: InputError for a row that lacks something or has unknown fields.
    """
    if missing := sorted(_REQUIRED - set(row)):
        raise InputError(f"Rate {name} lacks {', '.join(missing)}.")
    if unknown := sorted(set(row) - _REQUIRED - _OPTIONAL):
        raise InputError(f"Rate {name} has unknown fields: {', '.join(unknown)}.")
    interval, basis = _interval(row)
    same = ("study", "months", "measure", "sign", "bound", "population", "source", "confidence")
    return Rate(
        name=name, share=row["percent"] / 100.0, interval=interval, interval_basis=basis,
        n=row.get("n", 0), seen=row.get("seen", 0), treated=row.get("treated", 0),
        **{field: row[field] for field in same},
    )  # fmt: skip


def _interval(row: Mapping[str, Any]) -> tuple[Estimate | None, str]:
    share, n = row["percent"] / 100.0, row.get("n", 0)
    if "published_low" in row:
        low, high = row["published_low"] / 100.0, row["published_high"] / 100.0
        basis = "95 % interval as the source prints it"
    elif not n:
        return None, "no interval: the source that was read gives no n for this rate"
    elif not (possible := counts(row["percent"], row["decimals"], n)):
        return None, f"no interval: no count of {n} prints as {row['percent']} %"
    else:
        low = clopper_pearson(possible[0], n)[0]
        high = clopper_pearson(possible[-1], n)[1]
        which = " or ".join(str(one) for one in possible)
        basis = f"exact 95 % interval (Clopper-Pearson) of {which} of {n}"
    return Estimate(value=share, low=low, high=high, level=0.95, unit="1", basis=basis), basis


def _group(facts: Facts, under: float) -> str:
    if "osteoporosis_t_score" not in facts:
        return ""
    score: Any = facts["osteoporosis_t_score"].value
    return "with_bone_loss" if score < under else "without_bone_loss"
