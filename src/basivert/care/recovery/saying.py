"""A triage in plain sentences for the patient."""

from __future__ import annotations

from basivert.care.answers import Answer
from basivert.care.contact import Contact
from basivert.care.recovery.checkin import UNITS, CheckIn, converted
from basivert.care.recovery.signs import fever_limits
from basivert.care.recovery.triage import CALLS, Triage
from basivert.care.recovery.words import Words, clinic_words, emergency_words, whose


def sentences(found: Triage, entered: CheckIn, clinic: Contact, say: Words) -> tuple[str, ...]:
    """What the patient reads: what to do, why, what is still open, and when not to wait.

    Source: answers and signs from the rule set; the wording is ours.
    """
    names = {"clinic": clinic_words(clinic, say), "emergency": emergency_words(clinic, say)}
    told = [say("answer", found.answer, **names)]
    if found.answer in CALLS:
        there = ", ".join(say("sign", row.criterion.name) for row in found.reasons)
        told.append(say("because", "one", signs=there))
    if found.answer == "emergency":  # nothing that keeps anybody from calling
        return tuple(told)
    if found.fever.answer is Answer.YES:
        told.append(limit_words(found, say))
    if entered.unitless:
        told.append(say("temperature", "no_unit"))
    if found.missing:
        asked = ", ".join(say("question", name) for name in found.missing)
        told += [say("because", "unanswered", questions=asked), say("because", "ask", **names)]
    told += [say("sign", row.criterion.name, **names) for row in found.watched]
    return (*told, say("because", "safety", **names))


def limit_words(found: Triage, say: Words) -> str:
    """The fever limit in both units and whose it is."""
    sign = found.fever.criterion
    parts = [
        say("temperature", one.test, bound=f"{one.bound}", unit=unit)
        for unit, one in sorted(fever_limits(sign).items(), reverse=True)
    ]
    return say("temperature", "limit", whose=whose(sign.body, say), limit=" / ".join(parts))


def temperature_words(entered: CheckIn, say: Words) -> str:
    """The temperature as entered with the other unit beside it, or "" where there is none."""
    if "temperature" not in entered.answered:
        return ""
    value, unit = entered.answered["temperature"].value, str(entered.answered["unit"].value)
    assert isinstance(value, (int, float))
    return say(
        "temperature", "entered", entered=f"{value}", unit=unit,
        other=f"{converted(value, unit):.1f}", other_unit=UNITS[unit],
    )  # fmt: skip
