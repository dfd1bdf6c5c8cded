"""A clinic's own rules: which tables it may change, and the table with a file of it put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from basivert.care.candidacy.editions import candidate_facts, edition, edition_names
from basivert.care.candidacy.editions import overridden as with_criteria
from basivert.care.facts import Vocabulary, close
from basivert.care.outcomes.responders import definitions
from basivert.care.outcomes.rules import OutcomeRules, outcome_rules
from basivert.care.outcomes.schedule import visits
from basivert.care.preparation import checklist
from basivert.care.preparation.prepare import Tables, shipped_tables
from basivert.care.preparation.stop_lists import StopList
from basivert.care.preparation.stop_lists import overridden as with_rows
from basivert.care.procedure import checklist as safety
from basivert.care.recovery.checkin import questions
from basivert.care.recovery.signs import overridden as with_signs
from basivert.care.recovery.signs import warning_signs
from basivert.care.rules import RuleSet
from basivert.constants.load import builtin, override
from basivert.constants.model import Table as Constants
from basivert.errors import InputError

CANDIDACY, LIST = "candidacy:", "list:"
SIGNS, CHECKLIST, OUTCOMES = "signs", "checklist", "outcomes"
SAFETY, DEVIATION = "safety_checklist", "deviation"
Changed = RuleSet | StopList | checklist.Table | OutcomeRules | safety.Checklist | Constants


_NO_FACTS = Vocabulary(edition="", kinds={})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A table that a clinic may change.

    about: its stable name, such as `candidacy:default`, `list:asra_2018`, `signs`, `checklist`,
        `outcomes`, `safety_checklist`, `deviation`.
    known: the facts that its conditions may read.  shipped: the table without a clinic's file.
    """

    about: str
    title: str
    known: Vocabulary
    shipped: Changed


@cache
def subjects() -> Mapping[str, Subject]:
    """Every table that a clinic may change, by name."""
    facts, signs, tables = candidate_facts(), questions().known, _tables()
    sets = [edition(name, facts) for name in edition_names()]
    found = [
        Subject(about=SIGNS, title="Warning signs of check-ins", known=signs,
                shipped=warning_signs(signs)),
        Subject(about=CHECKLIST, title="Checklist before the procedure", known=tables.facts,
                shipped=tables.checklist),
        Subject(about=OUTCOMES, title="Outcomes and the registry's report",
                known=_NO_FACTS, shipped=outcome_rules()),
        Subject(about=SAFETY, title="Safety checklist of the procedure", known=_NO_FACTS,
                shipped=safety.shipped()),
        Subject(about=DEVIATION, title="Limits between planned and done", known=_NO_FACTS,
                shipped=builtin("care/procedure/deviation")),
        *(Subject(about=f"{CANDIDACY}{one.name}", title=f"Candidacy: {one.title}", known=facts,
                  shipped=one) for one in sets),
        *(Subject(about=f"{LIST}{name}", title=f"Stops of medicines: {one.title}, {one.edition}",
                  known=tables.facts, shipped=one) for name, one in tables.lists.items()),
    ]  # fmt: skip
    return {one.about: one for one in found}


def subject(about: str) -> Subject:
    """One of them. Raises InputError with close names for another."""
    if about not in subjects():
        raise InputError(f"There are no rules {about!r}.", fix=close(about, subjects()))
    return subjects()[about]


def changed(about: str, written: Mapping[str, Any]) -> Changed:
    """The table with a clinic's file put in, as the command line does.

    Raises: InputError for a file of another table, an unknown rule or field, a condition that is
        decided without any fact, or a file that changes nothing.
    """
    one = subject(about)
    if not str(written.get("edition", "")).strip():
        raise InputError("The file has no edition.", fix='Write edition = "Lakeside 1".')
    try:
        made, some = _put_in(one, written), _rows(written)
    except (AttributeError, KeyError, TypeError) as cause:
        raise InputError(
            f"The file is not written like {one.title} ({cause}).",
            fix="Compare it with the table that ships.",
        ) from cause
    if not some:
        raise InputError("The file changes no rule.", fix="Write one, or leave the file out.")
    return made


def with_lists(tables: Tables, own: Mapping[str, Mapping[str, Any]]) -> Tables:
    """The tables of a preparation with a clinic's files of lists and checklist, by subject."""
    lists, items = dict(tables.lists), tables.checklist
    for about, written in own.items():
        made = changed(about, written)
        if isinstance(made, StopList):
            lists[made.name] = made
        elif isinstance(made, checklist.Table):
            items = made
    return Tables(known=tables.known, facts=tables.facts, lists=lists, checklist=items)


@cache
def _tables() -> Tables:
    return shipped_tables()


def _put_in(one: Subject, written: Mapping[str, Any]) -> Changed:
    shipped = one.shipped
    if isinstance(shipped, OutcomeRules):
        return _outcomes(written)
    if isinstance(shipped, safety.Checklist):
        return safety.extended(shipped, written)
    if isinstance(shipped, Constants):
        return override(shipped, written)
    if isinstance(shipped, checklist.Table):
        return checklist.overridden(shipped, written, _tables().known, one.known)
    if isinstance(shipped, StopList):
        rest = {name: value for name, value in written.items() if name != "based_on"}
        if written.get("based_on") != shipped.name:
            raise InputError(
                f"The file is based on {written.get('based_on')!r}, not on {shipped.name!r}.",
                fix=f'Write based_on = "{shipped.name}", or choose the other list.',
            )
        return with_rows(shipped, rest, _tables().known, one.known)
    if one.about == SIGNS:
        return with_signs(shipped, written, one.known)
    return with_criteria(shipped, {"name": shipped.name, **written}, one.known)


def _outcomes(written: Mapping[str, Any]) -> OutcomeRules:
    if written.get("scores", {}).get("instrument"):
        raise InputError(
            "Scores are kept and exchanged as the instruments ship: scores.instrument stays.",
            fix="Use the command line's --rules for a registry with other instruments.",
        )
    made = outcome_rules(written)
    definitions(made)
    visits(made)
    return made


def _rows(written: Mapping[str, Any]) -> bool:
    days = any(name in written for name in checklist.DAYS)
    limits = builtin("care/procedure/deviation").rows
    named = ("criterion", "row", "item", *outcome_rules().tables, *safety.PHASES, *limits)
    return days or any(written.get(name) for name in named)
