"""Whom each resource is about: facts of two people never meet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from basivert.edge.fhir.entries import reference_of
from basivert.edge.fhir.records import Entry, Person
from basivert.errors import RecordError

# A person given by a number or a word only; never taken to be the one that is read.
UNNAMED = "?"
_SUBJECT = ("subject", "patient", "individual", "for")


@dataclass(frozen=True, slots=True, kw_only=True)
class Whom:
    """The person that is read.

    names: all that resources may call the person by; empty where the file names nobody.
    entry: the person's own resource, or None.
    vouched: whoever reads says that the file's one resource, which names nobody, is about them.
    """

    names: frozenset[str]
    entry: Entry | None
    vouched: bool = False


def whom(entries: Sequence[Entry], wanted: str | None) -> Whom:
    """The one person that a file is about, or the one that is wanted.

    Args:
        entries: the valid ones.
        wanted: `Patient/id` or id, where a file holds several people.

    Raises: RecordError where several people could be meant, or the wanted one is not there.
    """
    people = [one for one in entries if one.resource["resourceType"] == "Patient"]
    if wanted is not None:
        return _wanted(people, entries, wanted)
    if len(people) > 1:
        raise _several(reference_of(one.resource) for one in people)
    if people:
        return Whom(names=_names(people[0]), entry=people[0])
    given = {subject(entry.resource) for entry in entries}
    named = {one for one in given if one not in (None, UNNAMED)}
    if len(named) > 1:
        raise _several(sorted(str(one) for one in named))
    return Whom(names=frozenset(str(one) for one in named), entry=None)


def subject(resource: Mapping[str, Any]) -> str | None:
    """The reference to the person, without its version; None where there is none."""
    for name in _SUBJECT:
        if isinstance(found := resource.get(name), Mapping):
            given = found.get("reference")
            return given.split("/_history/")[0] if isinstance(given, str) else UNNAMED
    return None


def concerns(resource: Mapping[str, Any], person: Whom) -> bool:
    """Whether a resource is surely about the person; all are where the file names nobody."""
    given = subject(resource)
    if person.vouched:
        return True
    if given is None:
        return not person.names
    return given in person.names


def doubt(resource: Mapping[str, Any], alone: bool) -> str:
    """Why a resource is not surely about the person that is read.

    alone: nothing else is in the file, so that a person may vouch for it.
    """
    if subject(resource) not in (None, UNNAMED):
        return "is not surely about this patient: it names another"
    why = "says by no reference whom it is about, so it is not surely about this patient"
    return f"{why}; if it is, say so with --patient Patient/ID" if alone else why


def person_of(entry: Entry) -> Person:
    """The patient without names, addresses and numbers."""
    patient = entry.resource
    dead = patient.get("deceasedDateTime") or patient.get("deceasedBoolean") is True
    return Person(
        reference=reference_of(patient),
        birth_date=str(patient.get("birthDate", "")),
        gender=str(patient.get("gender", "")),
        deceased=bool(dead),
    )


def _wanted(people: list[Entry], entries: Sequence[Entry], wanted: str) -> Whom:
    name = wanted if wanted.startswith(("Patient/", "urn:", "http")) else f"Patient/{wanted}"
    for one in people:
        if name in _names(one):
            return Whom(names=_names(one), entry=one)
    if any(subject(entry.resource) == name for entry in entries):
        return Whom(names=frozenset({name}), entry=None)
    if len(entries) == 1 and subject(entries[0].resource) in (None, UNNAMED):
        return Whom(names=frozenset({name}), entry=None, vouched=True)
    raise RecordError(
        "The wanted patient is not in the file.",
        fix="Known: " + (", ".join(reference_of(one.resource) for one in people) or "none") + ".",
    )


def _names(entry: Entry) -> frozenset[str]:
    own = entry.resource.get("id")
    given = {f"Patient/{own}", f"urn:uuid:{own}"} if own else set[str]()
    return frozenset(given | ({entry.full_url} if entry.full_url else set()))


def _several(names: Iterable[str]) -> RecordError:
    found = list(names)
    return RecordError(
        f"The file is about {len(found)} people.",
        fix=f"Say which one (on the command line with --patient): {', '.join(found[:10])}.",
    )
