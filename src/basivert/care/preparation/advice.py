"""What the lists say about one medicine, side by side, for the person who is asked."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from basivert.care.answers import Answer
from basivert.care.expressions import open_names, value
from basivert.care.facts import Facts
from basivert.care.preparation.dates import LastDose, Span, Start, last_dose
from basivert.care.preparation.medicines import Medicine
from basivert.care.preparation.stop_lists import Action, Row, Rule, StopList


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One thing that a list may mean for this patient.

    case: in which case, "" for the usual one.
    earliest, latest: last dose under the longest and the shortest span of a stop; for
        `hold_that_day` both are the day before; None where nothing is stopped.
    """

    action: Action
    case: str
    before: Span | None
    restart: Span | None
    earliest: LastDose | None
    latest: LastDose | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """A list's row about a medicine.

    options: one where the facts settle the case, else every case that is still possible.
    open_facts: names of the facts that would settle it.
    """

    listed: str
    topic: str
    title: str
    edition: str
    source: str
    confidence: str
    condition: str
    chosen: bool
    options: tuple[Option, ...]
    open_facts: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A medicine and everything the lists say about it; a question, never an order.

    advice: the clinic's chosen lists first.
    disagree: whether lists of one topic differ, whatever the open facts are.
    """

    medicine: Medicine
    advice: tuple[Advice, ...]
    disagree: bool

    @property
    def chosen(self) -> tuple[Advice, ...]:
        """What the clinic's own lists say."""
        return tuple(one for one in self.advice if one.chosen)


def asked(
    medicine: Medicine, lists: Mapping[str, StopList], chosen: frozenset[str], facts: Facts,
    begin: Start,
) -> Asked:  # fmt: skip
    """Every list's row about a medicine, with its dates.

    Args:
        medicine: recognised for certain.
        lists: all lists, by name.
        chosen: names of the clinic's lists, one of a topic at most.
        facts: what is known; what is not leaves options open.
        begin: the procedure's start.
    """
    said = [
        _advice(one, row, one.name in chosen, facts, begin)
        for one in lists.values()
        if (row := _row(one, medicine)) is not None
    ]
    ordered = tuple(sorted(said, key=lambda one: not one.chosen))
    return Asked(medicine=medicine, advice=ordered, disagree=_disagree(ordered))


def earliest_stop(all_asked: Iterable[Asked]) -> dict[str, LastDose]:
    """Medicine → the first last dose that any list may ask for: ask before then."""
    found: dict[str, LastDose] = {}
    for one in all_asked:
        dates = [
            option.earliest
            for advice in one.advice
            for option in advice.options
            if option.earliest is not None
        ]
        if dates:
            found[one.medicine.name] = min(dates, key=lambda date: date.latest)
    return found


def _row(listed: StopList, medicine: Medicine) -> Row | None:
    keys = (medicine.name, *medicine.classes)
    return next((listed.rows[key] for key in keys if key in listed.rows), None)


def _advice(listed: StopList, row: Row, chosen: bool, facts: Facts, begin: Start) -> Advice:
    options: list[Option] = []
    missing: list[str] = []
    settled = False
    for case in row.cases:
        holds = value(case.when, facts)
        if holds is not Answer.NO:
            options.append(_option(case.rule, case.wording, begin))
        missing += open_names(case.when, facts)
        if settled := holds is Answer.YES:
            break
    if not settled:
        options.insert(0, _option(row.rule, "", begin))
    return Advice(
        listed=listed.name, topic=listed.topic, title=listed.title, edition=listed.edition,
        source=row.source, confidence=row.confidence, condition=row.condition, chosen=chosen,
        options=tuple(options), open_facts=tuple(dict.fromkeys(missing)),
    )  # fmt: skip


def _option(rule: Rule, case: str, begin: Start) -> Option:
    longest, shortest = (_last(rule, begin, longest=longest) for longest in (True, False))
    return Option(
        action=rule.action, case=case, before=rule.before, restart=rule.restart, earliest=longest,
        latest=shortest,
    )  # fmt: skip


def _last(rule: Rule, begin: Start, *, longest: bool) -> LastDose | None:
    if rule.before is not None:
        return last_dose(begin, rule.before, longest=longest)
    if rule.action == "hold_that_day":
        midnight = begin.at.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return last_dose(Start(at=midnight, zone=begin.zone), _NOTHING, longest=longest)
    return None


_NOTHING = Span(low=0.0, high=0.0, unit="hours")


def _disagree(advice: tuple[Advice, ...]) -> bool:
    """Lists differ where they share no option; a list with open facts agrees if one may fit."""
    return any(
        one.topic == other.topic and not _meanings(one) & _meanings(other)
        for one, other in itertools.combinations(advice, 2)
    )


def _meanings(advice: Advice) -> set[tuple[str, tuple[float, float] | None]]:
    return {(one.action, one.before.hours if one.before else None) for one in advice.options}
