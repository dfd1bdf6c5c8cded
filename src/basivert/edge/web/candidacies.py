"""A case's candidacy: what a form says of the facts, and what the rules say of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from basivert.care.age import age_years
from basivert.care.candidacy.editions import (
    DEFAULT,
    candidate_facts,
    edition,
    edition_names,
    label,
)
from basivert.care.facts import Fact, Facts, Kind, Vocabulary
from basivert.edge.candidacy_codec import candidacy_document, considered
from basivert.edge.store import cases, facts, people
from basivert.edge.store.accounts import Clinic
from basivert.edge.store.work import Work
from basivert.edge.web.forms import Entered, entered
from basivert.edge.web.own import Own, candidacy_rules, own
from basivert.errors import ConflictError

# As on the command line: who entered it and when is kept beside every answer.
ORIGIN = "entered"
# The facts that come first in the vocabulary; single rule sets alone read the others.
MAIN = 17
AGE = "age_years"
# Names of facts and criteria as sentences of the rules carry them.
_NAME = re.compile(r"\b[a-z0-9]+(?:_[a-z0-9]+)+\b")
# A criterion's key stands before its wording, which says it.
_KEY = re.compile(r"(?<=^not excluded )by \w+ (?=only if this holds: )")
# Where a sentence lists facts, a name of one word, such as `levels`, is one too.
_LISTED = re.compile(r"(?<=; )\w+(?= is )|(?<=; not known yet: ).*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An answer that holds now, with the name of who entered it."""

    kind: Kind
    answer: facts.Answered
    who: str


@cache
def known() -> Vocabulary:
    """What may be known of a candidate."""
    return candidate_facts()


def groups() -> tuple[list[Kind], list[Kind]]:
    """The main facts, and those that single rule sets read."""
    kinds = list(known().kinds.values())
    return kinds[:MAIN], kinds[MAIN:]


@cache
def titles() -> dict[str, str]:
    """Name of each rule set that ships, and its title."""
    sets = [edition(name, known()) for name in edition_names()]
    return {one.name: f"{one.title} ({label(one)})" for one in sets}


def own_titles(mine: Own) -> dict[str, str]:
    """Name of each rule set, and its title with the clinic's own edition where it changed it."""
    sets = [candidacy_rules(name, mine) for name in edition_names()]
    return {one.name: f"{one.title} ({label(one)})" for one in sets}


def chosen(asked: str, clinic: Clinic) -> str:
    """The rule set that was asked for, else the clinic's, else the one to start with."""
    own = str(clinic.settings.get("candidacy_rules", DEFAULT))
    return asked if asked in titles() else own if own in titles() else DEFAULT


def read(form: Sequence[tuple[str, str]]) -> Entered:
    """What a form says of the facts, and what is wrong with it."""
    return entered(form, known(), list(known().kinds), origin=ORIGIN)


def answer(given: Facts, rules: str, mine: Own) -> dict[str, Any]:
    """The document of `basivert candidacy --json`, with the clinic's own criteria."""
    return candidacy_document(considered(given, candidacy_rules(rules, mine), known()))


def merged(given: Facts, before: Facts) -> dict[str, Fact]:
    """Facts of a form; one whose value did not change keeps its origin and day."""
    return {
        name: before[name] if _same(before.get(name), fact) else fact
        for name, fact in given.items()
    }


def enter(work: Work, case: int, given: Facts, *, version: int, zone: ZoneInfo) -> None:
    """Keep a form: what it asks and does not answer is "not known", never no.

    Of the facts that stand folded away only those that were answered before were asked again.
    """
    before = known_of(work, case, zone)
    asked = {kind.name for kind in groups()[0]} | set(before)
    unknown = [name for name in known().kinds if name in asked and name not in given]
    facts.enter(work, case, merged(given, before), version=version, unknown=unknown)


def lines(work: Work, answers: Sequence[facts.Answered]) -> list[Line]:
    """Answers with their wording and the name of who entered them."""
    return [
        Line(kind=known()[one.name], answer=one, who=work.called(one.entered_by))
        for one in answers
        if one.name in known().kinds
    ]


def keep(work: Work, case: int, rules: str, *, version: int, zone: ZoneInfo) -> None:
    """Keep what a rule set says of the facts as they were shown.

    Raises: ConflictError where somebody changed the case since.
    """
    one = cases.case(work, case)
    if one.version != version:
        who = work.called(one.changed_by)
        when = one.changed_at.isoformat(timespec="seconds")
        raise ConflictError(
            f"The case {case} was changed by {who} at {when} in the meantime.",
            fix="No verdict was kept: look at the new state first.", changed_by=who,
            changed_at=when,
        )  # fmt: skip
    made = answer(known_of(work, case, zone), rules, own(work))
    facts.keep_verdict(
        work, case, answer=made["answer"], edition=made["rules_edition"], document=made
    )


def known_of(work: Work, case: int, zone: ZoneInfo) -> dict[str, Fact]:
    """The stored facts; an age that nobody entered is counted from the day of birth."""
    kept = dict(facts.facts(work, case))
    born = people.person(work, cases.case(work, case).patient).birth_date
    if AGE not in kept and born is not None:
        today = work.now.astimezone(zone).date()
        kept[AGE] = Fact(name=AGE, value=age_years(born, today), origin=f"born {born}", on=today)
    return kept


def worded(text: str) -> str:
    """A sentence of the rules with the form's labels in place of the names of facts."""
    plain = _KEY.sub("", text)
    listed = _LISTED.sub(lambda found: ", ".join(map(_called, found[0].split(", "))), plain)
    return _NAME.sub(lambda found: _called(found[0]).replace("_", " "), listed)


def _called(name: str) -> str:
    return f"“{known()[name].wording}”" if name in known().kinds else name


def values(given: Facts) -> Mapping[str, Any]:
    """Name → value, as form fields show them."""
    return {name: fact.value for name, fact in given.items()}


def _same(before: Fact | None, now: Fact) -> bool:
    if before is None:
        return False
    old, new = before.value, now.value
    # In Python True == 1, but an answer "yes" is not the number one.
    return old == new and isinstance(old, bool) is isinstance(new, bool)
