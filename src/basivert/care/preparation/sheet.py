"""The patient's sheet: one page of plain words, made of sections that any paper can show."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from basivert.care.contact import Contact
from basivert.care.preparation.advice import Advice, Asked, Option
from basivert.care.preparation.dates import Span
from basivert.care.preparation.prepare import Preparation, Taken
from basivert.care.preparation.words import Words


@dataclass(frozen=True, slots=True, kw_only=True)
class MedicineLine:
    """One medicine: as the patient wrote it, what to do, and whether an answer is written in."""

    medicine: str
    ask: str
    answer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A heading and its sentences; `lead` stands above them."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """Everything on the page, in its order; no word on it says which procedure it is."""

    language: str
    notice: str
    title: str
    name: str
    when: str
    zone: str
    call: str
    medicines_title: str
    rule: str
    columns: tuple[str, str, str]
    medicines: tuple[MedicineLine, ...]
    no_medicines: str
    blocks: tuple[Block, ...]
    untranslated: str
    sources: str


def sheet(made: Preparation, say: Words) -> Sheet:
    """The sheet of a preparation in one language."""
    begin = made.request.begin
    lists = ", ".join(dict.fromkeys(
        f"{advice.title} {advice.edition}" for one in made.medicines or () for asked in one.asked
        for advice in asked.advice if advice.chosen))  # fmt: skip
    return Sheet(
        language=say.language, notice=say.notice, title=say("sheet", "title"),
        name=say("sheet", "name"), when=say("sheet", "when", when=say.moment(begin.at)),
        zone=say("sheet", "zone", zone=begin.zone),
        call=say("sheet", "call", clinic=clinic_words(made.request.clinic, say)),
        medicines_title=say("medicines", "title"), rule=say("medicines", "rule"),
        columns=(say("medicines", "medicine"), say("medicines", "ask"), say("medicines", "answer")),
        medicines=tuple(_line(one, made, say) for one in made.medicines or ()),
        no_medicines=_none(made, say),
        blocks=(_food(made, say), _block("people", ("driver", "home"), say),
                _block("tell", ("pregnant", "implant", "ill", "allergy", "kidney"), say),
                _block("bring", ("list", "images", "card"), say)),
        untranslated=say("sheet", "untranslated") if say.untranslated else "",
        sources=say("sheet", "sources", lists=lists or "–", edition=say.edition),
    )  # fmt: skip


def clinic_words(clinic: Contact, say: Words) -> str:
    """The clinic with its number where it is known."""
    name = clinic.name or say("sheet", "clinic")
    if clinic.phone is None:
        return name
    if clinic.after_hours is None:
        return say("sheet", "with_number", name=name, phone=clinic.phone)
    return say(
        "sheet", "after_hours", name=name, phone=clinic.phone, after_hours=clinic.after_hours
    )


def _line(taken: Taken, made: Preparation, say: Words) -> MedicineLine:
    if taken.match.needs_confirmation:
        return MedicineLine(
            medicine=taken.match.entry.text, ask=say("medicines", taken.match.certainty),
            answer=False,
        )  # fmt: skip
    # Of a combination the part that asks for most decides the line; the clinic sees every part.
    one = min(taken.asked, key=_weight)
    return MedicineLine(
        medicine=taken.match.entry.text, ask=_ask(taken, one, made, say), answer=_weight(one) < 2
    )


def _weight(asked: Asked) -> int:
    """0 where a stop is possible, 1 where doctors decide or a day is left out, 2 go on, 3 none."""
    actions = {option.action for advice in _spoken(asked) for option in advice.options}
    if "stop" in actions:
        return 0
    if actions & {"decide", "hold_that_day"}:
        return 1
    return 2 if actions else 3


def _spoken(asked: Asked) -> tuple[Advice, ...]:
    """The clinic's lists, or all where these are silent."""
    return asked.chosen or asked.advice


def _ask(taken: Taken, asked: Asked, made: Preparation, say: Words) -> str:
    who = taken.match.entry.prescriber or made.request.prescriber or say("medicines", "prescriber")
    options = [option for advice in _spoken(asked) for option in advice.options]
    if not options:
        return say("medicines", "silent", who=who)
    item = next(item for item in made.items if item.name == f"ask_{asked.medicine.name}")
    key, filled = _key(asked, options, say)
    told = [say("medicines", key, who=who, by=say.day(item.due), **filled)]
    if asked.disagree:
        told.append(say("medicines", "differ"))
    if item.overdue and key != "continue":
        told.append(say("medicines", "late"))
    return " ".join(told)


def _key(asked: Asked, options: list[Option], say: Words) -> tuple[str, dict[str, str]]:
    """Which sentence; one that names a span only where the clinic's list gives a single one."""
    before, last = options[0].before, options[0].earliest
    if asked.chosen and len(options) == 1 and before is not None and last is not None:
        if before.low < before.high:
            return "stop_range", {"span": span_words(before, say)}
        return "stop", {"span": span_words(before, say), "day": say.day(last.last_full_day)}
    actions = {option.action for option in options}
    if actions == {"continue"}:
        return "continue", {}
    if actions == {"hold_that_day"}:
        return "hold", {}
    return "decide", {}


def span_words(span: Span, say: Words) -> str:
    """A span in the patient's language."""
    if span.low == span.high == 1:
        return say("span", span.unit[:-1])
    low, high = f"{span.low:g}", f"{span.high:g}"
    amount = low if low == high else say("span", "to", low=low, high=high)
    return say("span", span.unit, amount=amount)


def _none(made: Preparation, say: Words) -> str:
    if made.medicines:
        return ""
    return say("medicines", "none" if made.medicines is not None else "not_asked")


def _food(made: Preparation, say: Words) -> Block:
    due: dict[str, dt.datetime] = {item.name: item.due for item in made.items}
    names = {"heavy": "heavy_food", "light": "light_food", "clear": "clear_liquid"}
    if not set(names.values()) <= set(due):
        return Block(title=say("food", "title"), lines=(say("food", "ask"),))
    lines = [say("food", key, when=say.moment(due[name])) for key, name in names.items()]
    return Block(title=say("food", "title"), lines=(*lines, say("food", "longer")))


def _block(section: str, keys: tuple[str, ...], say: Words) -> Block:
    return Block(title=say(section, "title"), lines=tuple(say(section, key) for key in keys))
