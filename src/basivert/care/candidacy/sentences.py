"""What would change an answer, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from basivert.care.answers import Answer
from basivert.care.candidacy.open_facts import unread_places
from basivert.care.expressions import Comparison, Expression, Fixed
from basivert.care.facts import Facts
from basivert.care.rules import Judged


def would_change(rows: Sequence[Judged], facts: Facts) -> tuple[str, ...]:
    """One sentence for each criterion that stands in the way, or is still open."""
    against = [row for row in rows if row.answer is Answer.NO]
    if against:
        return tuple(_against(row, facts) for row in against)
    undecided = [row for row in rows if row.answer is Answer.UNKNOWN]
    opening = "candidate if" if len(undecided) == 1 else "candidate only if"
    return tuple(f"{opening} {_open(row, facts)}" for row in undecided)


def fact_words(value: Any) -> str:
    """A fact's value as a person writes it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{place} {one}" for place, one in value.items()) or "no place read"
    if isinstance(value, float):
        # -3.0 and -3 are the same answer, from a file and from a page.
        return f"{value:g}"
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def _against(row: Judged, facts: Facts) -> str:
    if isinstance(row.criterion.when, Fixed):
        return f"nothing changes it: {row.criterion.wording}"
    now = "; ".join(f"{name} is {fact_words(facts[name].value)}" for name in row.read)
    return (
        f"not excluded by {row.criterion.name} only if this holds: {row.criterion.wording}; {now}"
    )


def _open(row: Judged, facts: Facts) -> str:
    criterion = row.criterion
    if "{places}" in criterion.change:
        places = unread_places(criterion.when, facts)
        word = " and " if _negated(criterion.when) else " or "
        return criterion.change.replace("{places}", word.join(places))
    if criterion.change:
        return criterion.change
    return f"this holds: {criterion.wording}; not known yet: {', '.join(row.missing)}"


def _negated(expression: Expression) -> bool:
    return not isinstance(expression, (Comparison, Fixed)) and expression.joined == "not"
