"""Sign-in, time-out, sign-out: a phase passes only when every item is answered YES."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.answers import Answer, all_of, answer
from basivert.care.facts import close
from basivert.care.procedure.record import PlanLink
from basivert.constants.load import document
from basivert.errors import InputError, RecordError

Given = Literal["yes", "no", "not_applicable"]
PHASES = ("sign_in", "time_out", "sign_out")
_FIELDS = {"wording", "body", "not_applicable"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item. may_not_apply: whether "not applicable" is an answer that passes."""

    name: str
    wording: str
    body: str
    may_not_apply: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Checklist:
    """All items of one edition by phase."""

    edition: str
    source: str
    phases: Mapping[str, tuple[Item, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """One item with what was answered."""

    item: Item
    given: Given | None
    passes: Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A phase: YES only when every item passes; one NO is NO, else an open one is UNKNOWN."""

    name: str
    passes: Answer
    items: tuple[Checked, ...]

    @property
    def open(self) -> tuple[str, ...]:
        """Wordings of what does not pass yet."""
        return tuple(one.item.wording for one in self.items if one.passes is not Answer.YES)


def shipped() -> Checklist:
    """The checklist that ships with the package."""
    return checklist(document("care/procedure/safety_checklist"))


def checklist(read: Mapping[str, Any]) -> Checklist:
    """The checklist from its TOML document. Raises InputError for a field that there is not."""
    phases = {phase: tuple(_item(phase, *row) for row in read[phase].items()) for phase in PHASES}
    return Checklist(edition=str(read["edition"]), source=str(read["source"]), phases=phases)


def extended(base: Checklist, read: Mapping[str, Any]) -> Checklist:
    """The checklist with items added or reworded by a clinic; none can be taken away.

    Raises: InputError for a phase or field that there is not, or a file without edition.
    """
    if "edition" not in read:
        raise InputError("The clinic's checklist has no edition.", fix='Add edition = "…".')
    if unknown := sorted(set(read) - {"edition", *PHASES}):
        raise InputError(f"The checklist has no {', '.join(unknown)}.", fix=f"It has {PHASES}.")
    phases: dict[str, tuple[Item, ...]] = {}
    for name, items in base.phases.items():
        own = {key: _item(name, key, {"body": "clinic", **row})
               for key, row in read.get(name, {}).items()}  # fmt: skip
        phases[name] = tuple(({one.name: one for one in items} | own).values())
    return Checklist(
        edition=f"{base.edition} + {read['edition']}", source=base.source, phases=phases
    )


def phase(
    name: str, known: Checklist, given: Mapping[str, Given | None], plan: PlanLink | None
) -> Phase:
    """One phase of the checklist as answered.

    Args:
        name: `sign_in`, `time_out` or `sign_out`.
        known: the checklist.
        given: item → answer; an item left out, or None, is not answered.
        plan: compared by itself: a ticked item does not make two different plans the same.

    Raises: RecordError for an item that there is not, or "not applicable" where it is no answer.
    """
    items = {one.name: one for one in known.phases[name]}
    for one in given:
        if one not in items:
            raise RecordError(f"{name} has no item {one!r}.", fix=close(one, items))
    checked = tuple(_checked(one, given.get(one.name), plan) for one in items.values())
    return Phase(name=name, passes=all_of(one.passes for one in checked), items=checked)


def may_begin(sign_in: Phase, time_out: Phase) -> Answer:
    """Whether the incision may be made: both phases before it passed."""
    return all_of((sign_in.passes, time_out.passes))


def same_plan(plan: PlanLink | None) -> Answer:
    """Whether the plan in the room is the approved one, by edition and digest."""
    if plan is None:
        return Answer.UNKNOWN
    pairs = ((plan.edition, plan.shown_edition), (plan.sha256, plan.shown_sha256))
    return all_of(
        answer(None if one is None or other is None else one == other) for one, other in pairs
    )


def _checked(item: Item, given: Given | None, plan: PlanLink | None) -> Checked:
    if given == "not_applicable" and not item.may_not_apply:
        raise RecordError(f"{item.name}: not applicable is no answer.", fix="Answer yes or no.")
    passes = answer(None if given is None else given != "no")
    if item.name == "plan":
        passes = all_of((passes, same_plan(plan)))
    return Checked(item=item, given=given, passes=passes)


def _item(phase: str, name: str, row: Mapping[str, Any]) -> Item:
    if unknown := sorted(set(row) - _FIELDS):
        raise InputError(f"{phase}.{name} has unknown fields: {', '.join(unknown)}.")
    return Item(
        name=name, wording=row["wording"], body=row["body"],
        may_not_apply=bool(row.get("not_applicable", False)),
    )  # fmt: skip
