"""What is asked of the prescriber, in words: always a question, never an order."""

from __future__ import annotations

import datetime as dt

from basivert.care.preparation.advice import Advice, Asked, Option
from basivert.care.preparation.dates import LastDose, Span
from basivert.care.preparation.matching import Match

UNVERIFIED = {"recall": "recalled, not verified", "part": "read in part"}


def question(match: Match, one: Asked, prescriber: str) -> str:
    """What is asked about a recognised medicine."""
    who = match.entry.prescriber or prescriber or "the prescriber"
    name = one.medicine.shown
    written = match.entry.text
    called = name if written.casefold() == name.casefold() else f"{written} ({name})"
    told = " ".join(advice_words(advice) for advice in one.advice)
    said = told or "No list here names it."
    differ = " The lists differ." if one.disagree else ""
    return f"Ask {who} before you stop {called}. {said}{differ}"


def recorded(on: str, today: dt.date, old_days: int) -> str:
    """When a health record says so, to stand before the question; "" where it has no day.

    Args:
        on: the record's day, as written there.
        today: the day of asking.
        old_days: an older record is asked whether it still holds.
    """
    if not on:
        return ""
    if (today - dt.date.fromisoformat(on)).days > old_days:
        return f"Is it still taken? The record of it is of {on}. "
    return f"Recorded on {on}. "


def unclear(match: Match) -> str:
    """What is asked about a medicine that was not recognised for certain."""
    if match.candidates:
        like = " or ".join(match.candidates)
        return (
            f"“{match.entry.text}”: is it {like}? A person must confirm it; until then nothing "
            "follows from it. Do not stop it before."
        )
    return f"“{match.entry.text}” was not recognised: ask what it is. Do not stop it before."


def advice_words(advice: Advice) -> str:
    """One list's row."""
    options = "; or ".join(_option_words(one) for one in advice.options)
    condition = f", {advice.condition}" if advice.condition else ""
    trust = UNVERIFIED.get(advice.confidence)
    unknown = (
        f" Not known: {', '.join(advice.open_facts).replace('_', ' ')}."
        if advice.open_facts
        else ""
    )
    chosen = " (list in use)" if advice.chosen else ""
    return (
        f"{advice.title}, {advice.edition}{chosen}: {options}{condition}"
        f"{f' [{trust}]' if trust else ''}.{unknown}"
    )


def _option_words(option: Option) -> str:
    case = f"{option.case}: " if option.case else ""
    match option.action:
        case "stop":
            assert option.before is not None and option.earliest is not None
            last = _last_words(option.earliest, option.latest)
            return f"{case}{span_words(option.before)} before, {last}"
        case "hold_that_day":
            return f"{case}not on the day of the procedure"
        case "continue":
            return f"{case}go on with it"
        case "decide":
            return f"{case}the doctors decide"


def _last_words(earliest: LastDose, latest: LastDose | None) -> str:
    first = f"{earliest.latest:%Y-%m-%d %H:%M}"
    if latest is None or latest.latest == earliest.latest:
        return f"last dose by {first}"
    return f"last dose by {first} to {latest.latest:%Y-%m-%d %H:%M}"


def span_words(span: Span) -> str:
    """A span such as `3 to 5 days`, `1 day`, `4 doses`."""
    amount = f"{span.low:g}" if span.low == span.high else f"{span.low:g} to {span.high:g}"
    unit = span.unit[:-1] if span.high == 1 else span.unit
    if span.doses_a_day is None:
        return f"{amount} {unit}"
    return f"{amount} {unit} (at {span.doses_a_day:g} a day about {span.hours[1] / 24:g} days)"
