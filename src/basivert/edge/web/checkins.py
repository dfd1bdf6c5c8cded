"""A check-in from a form: judged, kept, and an alert opened, all in one transaction."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from basivert.care.facts import Vocabulary
from basivert.care.recovery.checkin import check_in, questions
from basivert.care.recovery.checkin_plan import day_of
from basivert.care.recovery.triage import CALLS, triage
from basivert.care.recovery.words import Contact, Words
from basivert.edge.care_codec.triage import document
from basivert.edge.store import recovery
from basivert.edge.store.work import Work
from basivert.edge.web.forms import Entered, entered, value_words
from basivert.edge.web.own import own, signs
from basivert.errors import RecordError

# The day is counted by the clinic's calendar, never typed.
ASKED = tuple(name for name in questions().known.kinds if name != "day")


def day_now(procedure: dt.datetime | None, now: dt.datetime, zone: ZoneInfo) -> int | None:
    """Days since the procedure in the clinic's calendar; None before it, or where it is not set."""
    if procedure is None:
        return None
    first, today = procedure.astimezone(zone).date(), now.astimezone(zone).date()
    return None if today < first else day_of(first, today)


def worded(say: Words) -> Vocabulary:
    """The questions in the patient's words."""
    known = questions().known
    kinds = {
        name: dataclasses.replace(
            kind, wording=say("ask", name), unit="" if name == "temperature" else kind.unit
        )
        for name, kind in known.kinds.items()
    }
    return dataclasses.replace(known, kinds=kinds)


def read(form: Sequence[tuple[str, str]], *, origin: str) -> Entered:
    """What the form says, and what is wrong with it."""
    found = entered(form, questions().known, ASKED, origin=origin)
    try:
        check_in({name: found.document[name] for name in found.found}, questions(), origin=origin)
    except RecordError as problem:
        return dataclasses.replace(found, wrong={**found.wrong, "temperature": str(problem)})
    return found


def told(answers: Mapping[str, Any], say: Words) -> tuple[list[tuple[str, str]], int]:
    """What was answered, in the words of `say`, and how many questions were not."""
    unit = f" °{answers['unit']}" if "unit" in answers else ", in no known unit"
    lines = [
        (say("question", name), value_words(answers[name]) + unit * (name == "temperature"))
        for name in ASKED
        if name in answers and (name != "unit" or "temperature" not in answers)
    ]
    return lines, sum(name not in answers for name in ASKED)


def keep(
    work: Work, case: int, day: int, given: Mapping[str, Any], clinic: Contact, say: Words,
    *, origin: str,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """Judge and keep a check-in; an alert is opened where somebody must act.

    Returns: the check-in's number, and its answer as a document.
    """
    asked = questions()
    answers = {"day": day, **{k: v for k, v in given.items() if v is not None}}
    one = check_in(answers, asked, origin=origin)
    found = triage(one, signs(own(work)))
    told = document(found, one, clinic, say)
    number = recovery.add_checkin(
        work, case, day=day, answers=answers, answer=found.answer, edition=found.edition,
        document=told,
    )  # fmt: skip
    if found.answer in CALLS:
        names = [row.criterion.name for row in found.reasons]
        recovery.open_alert(
            work, case, kind="warning_sign", severity=found.answer, checkin=number,
            document={"signs": names, "edition": found.edition, "day": day},
        )  # fmt: skip
    return number, told
