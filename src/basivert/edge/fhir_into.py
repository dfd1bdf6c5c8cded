"""A health record taken into a stored case; what a person entered is never overwritten."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from basivert.care.facts import Fact, Facts
from basivert.edge.fhir.claims import asked
from basivert.edge.fhir.json_text import written
from basivert.edge.fhir.medicine_list import Listed, listed
from basivert.edge.fhir.records import Imported, Kept, Rejected, Unmapped
from basivert.edge.store import cases, facts, records
from basivert.edge.store.facts import Answered
from basivert.edge.store.work import Work

KIND, MEDICINES = "fhir", "preparation"
_FROM_RECORD = "FHIR "


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """The record says one thing, and the case another that stays. why: it stays."""

    said: Fact
    stands: Answered
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A record beside a case.

    new: facts to enter.  agreed: names that the case has as the record says.
    medicines: to put on the case's list.  ended: no longer taken, by the record.
    doubted: on the case's list by a person, and ended by the record.
    kept: resources to keep.
    """

    new: Facts
    agreed: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    medicines: tuple[Listed, ...]
    ended: tuple[Listed, ...]
    doubted: tuple[str, ...]
    kept: tuple[Kept, ...]
    rejected: tuple[Rejected, ...]
    unmapped: tuple[Unmapped, ...]
    asks: tuple[str, ...]


def weigh(work: Work, case: int, imported: Imported) -> Weighed:
    """What taking a record into a case would do; nothing is changed."""
    now = {one.name: one for one in facts.answers(work, case)}
    new: dict[str, Fact] = {}
    agreed: list[str] = []
    conflicts: list[Conflict] = []
    for name, said in imported.facts.items():
        stands = now.get(name)
        if stands is not None and _says(stands, said):
            agreed.append(name)
        elif stands is None or not (why := _stays(stands, said)):
            new[name] = said
        else:
            conflicts.append(Conflict(said=said, stands=stands, why=why))
    taken, ended = listed(imported.medicines)
    there = _there(_document(work, case, MEDICINES))
    held = _document(work, case, KIND).get("resources", {})
    return Weighed(
        new=new, agreed=tuple(agreed), conflicts=tuple(conflicts),
        medicines=tuple(one for one in taken if one.text.casefold() not in there),
        ended=ended, doubted=tuple(one.text for one in ended if one.text.casefold() in there),
        kept=tuple(one for one in imported.kept if _digest(one) not in held),
        rejected=imported.rejected, unmapped=imported.unmapped,
        asks=tuple(asked(imported.facts, imported.unmapped)),
    )  # fmt: skip


def take_in(work: Work, case: int, imported: Imported, *, version: int | None = None) -> Weighed:
    """Enter a record's facts and medicines, and keep its resources digit for digit.

    Args:
        version: of the case as it was shown; None takes the one of now.

    Raises: ConflictError where someone else changed the case since.
    """
    found = weigh(work, case, imported)
    if found.new:
        seen = cases.case(work, case).version if version is None else version
        facts.enter(work, case, found.new, version=seen)
    if found.medicines:
        kept = records.record(work, case, MEDICINES)
        before = list(kept.document.get("medicines") or ()) if kept else []
        whole = {**(kept.document if kept else {}),
                 "medicines": [*before, *(one.document() for one in found.medicines)]}  # fmt: skip
        records.keep(work, case, MEDICINES, whole, version=kept.version if kept else None)
    if found.kept:
        _keep(work, case, found.kept, imported.edition)
    work.note("fhir.taken_in", f"case:{case}", *found.new, resources=len(found.kept))
    return found


def _says(stands: Answered, said: Fact) -> bool:
    """The same answer; of one resource only where the day is the same too."""
    if not stands.known or not _same(stands.value, said.value):
        return False
    from_record = stands.origin.startswith(_FROM_RECORD)
    return not from_record or stands.on == said.on or _older(stands, said)


def _stays(stands: Answered, said: Fact) -> str:
    """Why an answer stays although the record says another; "" where it gives way.

    That something was asked and is not known is no answer: the record gives one.
    """
    if not stands.known:
        return ""
    if not stands.origin.startswith(_FROM_RECORD):
        return "a person entered it"
    return "what was taken in before is newer" if _older(stands, said) else ""


def _older(stands: Answered, said: Fact) -> bool:
    return stands.on is not None and (said.on is None or said.on < stands.on)


def _same(stands: Any, said: Any) -> bool:
    plain = list(said) if isinstance(said, tuple) else said
    plain = dict(plain) if isinstance(plain, Mapping) else plain
    # A yes is not the number one.
    return isinstance(stands, bool) is isinstance(plain, bool) and stands == plain


def _document(work: Work, case: int, kind: str) -> Mapping[str, Any]:
    kept = records.record(work, case, kind)
    return kept.document if kept else {}


def _there(document: Mapping[str, Any]) -> set[str]:
    rows = document.get("medicines") or ()
    return {(one if isinstance(one, str) else str(one["text"])).casefold() for one in rows}


def _keep(work: Work, case: int, new: Sequence[Kept], edition: str) -> None:
    kept = records.record(work, case, KIND)
    before = kept.document.get("resources", {}) if kept else {}
    rows = {
        _digest(one): {"reference": one.reference, "fate": one.fate, "edition": edition,
                       "taken_at": work.now.isoformat(), "text": written(one.resource)}
        for one in new
    }  # fmt: skip
    records.keep(
        work, case, KIND, {"resources": {**before, **rows}}, version=kept.version if kept else None
    )


def _digest(one: Kept) -> str:
    return hashlib.sha256(written(one.resource).encode()).hexdigest()
