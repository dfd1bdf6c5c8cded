"""A FHIR R4 file becomes care facts; nothing in it is lost without being named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TypeVar

from basivert.care.facts import Vocabulary, vocabulary
from basivert.constants.load import document
from basivert.edge.fhir.check import problem, unchecked
from basivert.edge.fhir.claims import Claim, settled
from basivert.edge.fhir.codes import CodeTable, code_table
from basivert.edge.fhir.conditions import condition
from basivert.edge.fhir.dates import Day, day, years
from basivert.edge.fhir.entries import entries, reference_of
from basivert.edge.fhir.found import Context, Record, Yield, left
from basivert.edge.fhir.observations import observation
from basivert.edge.fhir.records import (
    Entry,
    Imported,
    Kept,
    Measured,
    Medicine,
    Performed,
    Person,
    Rejected,
    Resource,
    Response,
    Unmapped,
)
from basivert.edge.fhir.responses import response
from basivert.edge.fhir.subject import Whom, concerns, doubt, person_of, whom
from basivert.edge.fhir.treatments import device, device_use, medicine, procedure, report
from basivert.edge.fhir.versions import changed_meaning, superseded

_MAPPERS: Mapping[str, Callable[[Resource, Context], Yield]] = {
    "Condition": condition, "Observation": observation, "Procedure": procedure, "Device": device,
    "DeviceUseStatement": device_use, "DiagnosticReport": report, "MedicationStatement": medicine,
    "MedicationRequest": medicine, "QuestionnaireResponse": response,
}  # fmt: skip

One = TypeVar("One", bound=Record)


@dataclass(slots=True, kw_only=True)
class _Gathered:
    claims: list[Claim] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    unmapped: list[Unmapped] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


@cache
def builtin_codes() -> tuple[CodeTable, Vocabulary]:
    """The table of codes and the vocabulary of facts that ship."""
    known = vocabulary(document("care/candidacy_facts"))
    return code_table(document("care/fhir_codes"), known), known


def read(text: str, where: str, *, today: dt.date, patient: str | None = None) -> Imported:
    """Everything that a Bundle, a resource or an NDJSON file holds.

    Args:
        text: the file's content.
        where: its name, for messages.
        today: the day of reading; ages and durations end there.
        patient: whom, where the file holds several people.

    Raises: RecordError where the file is no FHIR, or about several people without `patient`.
    """
    table, known = builtin_codes()
    found, bad = entries(text, where)
    gathered = _Gathered(rejected=list(bad))
    valid = [entry for entry in found if _valid(entry, gathered)]
    old = superseded(valid)
    current = [entry for entry in valid if entry.place not in old]
    person = whom(current, patient)
    context = Context(table=table, known=known, by_name=_by_name(current), today=today)
    for entry in valid:
        if why := old.get(entry.place):
            _keep(entry, why, gathered)
        else:
            _map(entry, person, context, gathered, alone=len(valid) == 1)
    order = {entry.place: number for number, entry in enumerate(found)}
    gathered.kept.sort(key=lambda one: order[one.place])
    return _imported(gathered, person, context)


def _valid(entry: Entry, gathered: _Gathered) -> bool:
    wrong = None if unchecked(entry.resource) else problem(entry.resource)
    if wrong is None:
        return True
    reference = reference_of(entry.resource)
    path, why = wrong
    gathered.rejected.append(Rejected(place=entry.place, reference=reference, path=path, why=why))
    gathered.kept.append(_kept(entry, mapped=None))
    return False


def _keep(entry: Entry, why: str, gathered: _Gathered) -> None:
    kind = entry.resource["resourceType"]
    gathered.unmapped += left(reference_of(entry.resource), f"{kind}.meta", why).unmapped
    gathered.kept.append(_kept(entry, mapped=False))


def _kept(entry: Entry, *, mapped: bool | None) -> Kept:
    fate = "rejected" if mapped is None else "mapped" if mapped else "as_is"
    return Kept(
        place=entry.place, reference=reference_of(entry.resource), fate=fate,
        resource=entry.resource,
    )  # fmt: skip


def _by_name(valid: Sequence[Entry]) -> dict[str, Resource]:
    names: dict[str, Resource] = {}
    for entry in valid:
        names[reference_of(entry.resource)] = entry.resource
        if entry.full_url:
            names[entry.full_url] = entry.resource
    return names


def _map(entry: Entry, person: Whom, context: Context, gathered: _Gathered, *, alone: bool) -> None:
    kind = entry.resource["resourceType"]
    reference = reference_of(entry.resource)
    if kind == "Patient":
        found = _patient(entry, person, context)
    elif kind not in _MAPPERS:
        found = left(reference, kind, "no care fact is read from this kind of resource")
    elif changed_meaning(entry.resource):
        found = left(reference, kind, "has a modifier that may change its meaning")
    elif not concerns(entry.resource, person):
        found = left(reference, kind, doubt(entry.resource, alone))
    else:
        found = _MAPPERS[kind](entry.resource, context)
    mapped = bool(found.claims or found.records) or entry is person.entry
    gathered.claims += found.claims
    gathered.records += found.records
    gathered.unmapped += found.unmapped
    gathered.kept.append(_kept(entry, mapped=mapped))


def _patient(entry: Entry, person: Whom, context: Context) -> Yield:
    reference = reference_of(entry.resource)
    if entry is not person.entry:
        return left(reference, "Patient", "is another person")
    who = person_of(entry)
    if who.deceased:
        return left(reference, "Patient.deceased", "is recorded as deceased; no age is given")
    born = day(who.birth_date)
    if born is None:
        return left(reference, "Patient.birthDate", "is missing", asks="age_years")
    low, high = years(born.last, context.today), years(born.first, context.today)
    if low != high or low < 0:
        why = f"leaves the age between {low} and {high}" if low >= 0 else "lies after today"
        return left(reference, "Patient.birthDate", why, asks="age_years")
    at = Day(first=context.today, last=context.today)
    claim = Claim(fact="age_years", value=low, reference=reference, path="Patient.birthDate", at=at)
    return Yield(claims=[claim])


def _imported(gathered: _Gathered, person: Whom, context: Context) -> Imported:
    facts, lost = settled(gathered.claims, context.table, context.today)
    who: Person | None = person_of(person.entry) if person.entry else None

    def of(kind: type[One]) -> tuple[One, ...]:
        return tuple(one for one in gathered.records if isinstance(one, kind))

    return Imported(
        patient=who, facts=facts, medicines=of(Medicine), observations=of(Measured),
        procedures=of(Performed), responses=of(Response), kept=tuple(gathered.kept),
        unmapped=(*gathered.unmapped, *lost), rejected=tuple(gathered.rejected),
        edition=context.table.edition,
    )  # fmt: skip
