"""A whole preparation: medicines asked about, checklist with dates, what must be told at once."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from basivert.care.answers import Answer
from basivert.care.facts import Facts, Vocabulary, close, vocabulary
from basivert.care.preparation.advice import Asked, asked, earliest_stop
from basivert.care.preparation.checklist import (
    Item,
    LeftOut,
    Table,
    concerns,
    left_out,
    placed,
    settled,
    table,
)
from basivert.care.preparation.dates import Start, days_before
from basivert.care.preparation.matching import Match, matches
from basivert.care.preparation.medicines import Catalogue, plain, shipped
from basivert.care.preparation.questions import question, recorded, unclear
from basivert.care.preparation.request import Request
from basivert.care.preparation.stop_lists import StopList, shipped_lists
from basivert.constants.load import document
from basivert.errors import Finding, InputError, RecordError


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """Everything that a preparation is made from."""

    known: Catalogue
    facts: Vocabulary
    lists: Mapping[str, StopList]
    checklist: Table

    @property
    def editions(self) -> dict[str, str]:
        """Table → edition."""
        return {
            "medicines": self.known.edition, "facts": self.facts.edition,
            "checklist": self.checklist.edition,
            **{f"list {name}": one.edition for name, one in self.lists.items()},
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One medicine of the patient's list.

    asked: one for each medicine in it; empty until it is recognised for certain.
    questions: for the prescriber, in the same order; else what is to be cleared first.
    """

    match: Match
    asked: tuple[Asked, ...]
    questions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """What a clinic does before one procedure.

    medicines: None where nobody was asked.  chosen: topic → the clinic's list.
    items: by due time.  left_out: what does not concern this patient, with the facts behind it.
    findings: what must be told, the gravest first.
    """

    request: Request
    medicines: tuple[Taken, ...] | None
    chosen: Mapping[str, str]
    items: tuple[Item, ...]
    left_out: tuple[LeftOut, ...]
    findings: tuple[Finding, ...]
    editions: Mapping[str, str]


def shipped_tables() -> Tables:
    """The tables that ship with the package."""
    known, facts = shipped(), vocabulary(document("care/preparation/facts"))
    return Tables(
        known=known, facts=facts, lists=shipped_lists(known, facts),
        checklist=table(document("care/preparation/checklist"), known, facts),
    )  # fmt: skip


def chosen_lists(names: tuple[str, ...], lists: Mapping[str, StopList]) -> dict[str, str]:
    """Topic → the list that decides: the clinic's choice, or the only one that there is.

    Raises: InputError for an unknown list, or two of one topic.
    """
    counts = Counter(one.topic for one in lists.values())
    found = {one.topic: name for name, one in lists.items() if counts[one.topic] == 1}
    picked: dict[str, str] = {}
    for name in names:
        if name not in lists:
            raise InputError(f"There is no list {name!r}.", fix=close(name, lists))
        topic = lists[name].topic
        if picked.setdefault(topic, name) != name:
            raise InputError(f"{picked[topic]} and {name} answer the same question.")
    return found | picked


def prepare(
    wanted: Request, tables: Tables, chosen: Mapping[str, str], now: dt.datetime
) -> Preparation:
    """The preparation of one procedure.

    Args:
        wanted: what was entered.
        tables: catalogue, lists and checklist.
        chosen: topic → list, from `chosen_lists`.
        now: to tell what is overdue.

    Raises: RecordError where an item was ticked that there is not.
    """
    medicines = _medicines(wanted, tables, frozenset(chosen.values()), now)
    general, out = _general(wanted, tables, medicines, now)
    items = sorted((*general, *_of_medicines(wanted, tables, medicines or (), now)), key=_order)
    names = {one.name: None for one in (*items, *out)}
    for name in wanted.done:
        if name not in names:
            raise RecordError(f"There is no item {name!r}.", fix=close(name, names))
    return Preparation(
        request=wanted, medicines=medicines, chosen=chosen, items=tuple(items), left_out=out,
        findings=_findings(wanted, medicines, items, now), editions=tables.editions,
    )  # fmt: skip


def _medicines(
    wanted: Request, tables: Tables, chosen: frozenset[str], now: dt.datetime
) -> tuple[Taken, ...] | None:
    if wanted.medicines is None:
        return None
    found: list[Taken] = []
    for match in matches(wanted.medicines, tables.known):
        said = tuple(
            asked(one, tables.lists, chosen, wanted.facts, wanted.begin) for one in match.medicines
        )
        words = tuple(question(match, one, wanted.prescriber) for one in said) or (unclear(match),)
        old = recorded(match.entry.on, now.date(), tables.checklist.ask_still_taken_after_days)
        asks = tuple(f"{old}{one}" for one in words)
        found.append(Taken(match=match, asked=said, questions=asks))
    return tuple(found)


def _general(
    wanted: Request, tables: Tables, medicines: tuple[Taken, ...] | None, now: dt.datetime
) -> tuple[list[Item], tuple[LeftOut, ...]]:
    taken = frozenset(
        kind for one in medicines or () for each in one.match.medicines for kind in each.classes
    )
    all_known = medicines is not None and not any(
        one.match.needs_confirmation or one.match.entry.origin for one in medicines
    )
    items: list[Item] = []
    out: list[LeftOut] = []
    for one in tables.checklist.items:
        if concerns(one, wanted.facts, taken, all_known=all_known) is Answer.NO:
            out.append(left_out(one))
        else:
            items.append(placed(one, wanted.begin, wanted.facts, wanted.done, now))
    return items, tuple(out)


def _of_medicines(
    wanted: Request, tables: Tables, medicines: tuple[Taken, ...], now: dt.datetime
) -> list[Item]:
    """A question for each recognised medicine, a clearing for each that is not."""
    early = tables.checklist.ask_days_before_stop
    stops = earliest_stop(one for taken in medicines for one in taken.asked)
    found: dict[str, Item] = {}
    for taken in medicines:
        for one, words in zip(taken.asked, taken.questions, strict=False):
            first = stops.get(one.medicine.name)
            due = days_before(wanted.begin, early)
            if first is not None:
                due = days_before(Start(at=first.latest, zone=wanted.begin.zone), early)
            item = _item(f"ask_{one.medicine.name}", words, due, asks=True)
            # The same medicine twice in the list is one question with both ways it was written.
            if item.name in found:
                words = f"{found[item.name].wording} {words}"
                item = _item(item.name, words, due, asks=True)
            found[item.name] = item
        if not taken.asked:
            name = f"clear_{plain(taken.match.entry.text).replace(' ', '_')}"
            due = days_before(wanted.begin, 2 * early)
            found[name] = _item(name, taken.questions[0], due, asks=False)
    return [settled(one, Answer.UNKNOWN, wanted.done.get(name), now) for name, one in found.items()]


def _item(name: str, words: str, due: dt.datetime, *, asks: bool) -> Item:
    return Item(
        name=name, owner="prescriber" if asks else "nurse", due=due, wording=words,
        source="lists named in the question; the day to ask is ours", confidence="ours",
        settled=Answer.UNKNOWN, done=None, overdue=False,
    )  # fmt: skip


def _order(item: Item) -> tuple[dt.datetime, str]:
    return item.due.astimezone(dt.UTC), item.name


def _findings(
    wanted: Request, medicines: tuple[Taken, ...] | None, items: list[Item], now: dt.datetime
) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if wanted.begin.at <= now:
        found.append(_caution("past", "The procedure's start is not in the future."))
    if medicines is None:
        what = "Nobody has said which medicines and supplements are taken."
        found.append(_caution("medicines-unknown", what))
    if any(one.match.entry.origin for one in medicines or ()):
        what = (
            "The list of medicines comes from a health record: ask the patient what is taken, "
            "supplements and other medicines too."
        )
        found.append(_caution("medicines-from-record", what))
    found += [_caution("not-recognised", one.questions[0])
              for one in medicines or () if one.match.needs_confirmation]  # fmt: skip
    stops = earliest_stop(one for taken in medicines or () for one in taken.asked)
    found += [
        _caution("late", f"{name.replace('_', ' ')}: the first date of a list, "
                 f"{date.latest:%Y-%m-%d %H:%M}, has passed: ask today.")
        for name, date in stops.items() if date.latest < now
    ]  # fmt: skip
    found += _of_facts(wanted.facts, items)
    return tuple(found)


def _of_facts(known: Facts, items: list[Item]) -> list[Finding]:
    """What a fact says against going on; a person decides, this only tells it."""
    found: list[Finding] = []
    if "implanted_electronics" in known and known["implanted_electronics"].value is True:
        what = (
            "An implanted electronic device: probably not a candidate; ask the physician with "
            "device, maker and last check."
        )
        found.append(_caution("implanted-electronics", what, "Cleveland Clinic's page"))
    found += [
        _caution("not-arranged", f"{one.wording}: a fact says that this is not so.")
        for one in items
        if one.settled is Answer.NO and one.name != "electronic_implants"
    ]
    return found


def _caution(code: str, what: str, source: str = "") -> Finding:
    return Finding(code=code, severity="caution", what=what, source=source)
