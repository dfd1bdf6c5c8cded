"""Whether a patient may go home: scores with their version, and what no score asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.answers import Answer, all_of, answer
from basivert.care.facts import close
from basivert.constants.load import document
from basivert.errors import InputError, RecordError

HIGHEST = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score's items. items: name → wordings for 0, 1, 2 points.  threshold: passes from there."""

    name: str
    title: str
    threshold: int
    source: str
    items: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A score as found.

    points: item → points, None where not answered.
    total: None as long as an item is missing.  low, high: what the total can still be.
    passes: YES only where the lowest possible total reaches the threshold.
    """

    score: Score
    points: Mapping[str, int | None]
    total: int | None
    low: int
    high: int
    passes: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """The whole question, with what it rests on; a person discharges, this only tells.

    criteria: wording → answer.
    """

    passes: Answer
    scores: tuple[Scored, ...]
    criteria: Mapping[str, Answer]


def shipped_scores() -> dict[str, Score]:
    """The scores that ship with the package, by name; each version is one of its own."""
    read = document("care/procedure/recovery_scores")
    return {name: _score(name, row) for name, row in read["score"].items()}


def scored(score: Score, given: Mapping[str, Any]) -> Scored:
    """A score from the points of its items.

    Raises: RecordError for an item that there is not, or points other than 0, 1, 2.
    """
    for name, points in given.items():
        if name not in score.items:
            raise RecordError(f"{score.title} has no item {name!r}.", fix=close(name, score.items))
        if points is not None and (isinstance(points, bool) or points not in range(HIGHEST + 1)):
            raise RecordError(f"{name} is {points!r}.", fix="Give 0, 1 or 2, or null.")
    points = {name: given.get(name) for name in score.items}
    low = sum(one or 0 for one in points.values())
    high = sum(HIGHEST if one is None else one for one in points.values())
    passes = Answer.YES if low >= score.threshold else Answer.UNKNOWN
    if high < score.threshold:
        passes = Answer.NO
    return Scored(
        score=score, points=points, total=low if None not in points.values() else None, low=low,
        high=high, passes=passes,
    )  # fmt: skip


def discharge(
    aldrete: Scored, padss: Scored, *, sedation_worn_off: bool | None, driver_there: bool | None,
    adult_at_home: bool | None,
) -> Discharge:  # fmt: skip
    """Whether the patient may go home.

    Source: Cleveland Clinic's page (home once sedation wears off; a loved one drives); Chung (a
    competent adult); the scores name theirs.
    """
    criteria = {
        f"{aldrete.score.title}: {aldrete.score.threshold} or more": aldrete.passes,
        f"{padss.score.title}: {padss.score.threshold} or more": padss.passes,
        "Sedation has worn off": answer(sedation_worn_off),
        "The driver is there": answer(driver_there),
        "An adult is at home for 24 hours": answer(adult_at_home),
    }
    return Discharge(passes=all_of(criteria.values()), scores=(aldrete, padss), criteria=criteria)


def _score(name: str, row: Mapping[str, Any]) -> Score:
    items = {item: tuple(words) for item, words in row["item"].items()}
    for item, words in items.items():
        if len(words) != HIGHEST + 1:
            raise InputError(f"{name}.{item} has {len(words)} wordings, not {HIGHEST + 1}.")
    return Score(
        name=name, title=row["title"], threshold=row["threshold"], source=row["source"],
        items=items,
    )  # fmt: skip
