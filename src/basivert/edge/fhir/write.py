"""A case becomes one FHIR R4 transaction."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any
from urllib.parse import urlencode

from basivert.care.facts import Vocabulary, facts
from basivert.care.outcomes.rules import outcome_rules
from basivert.care.outcomes.scoring import checked
from basivert.care.recovery.checkin import questions
from basivert.constants.load import document
from basivert.edge.fhir.case import Case
from basivert.edge.fhir.check import problem
from basivert.edge.fhir.out.care import course, provenance, verdict
from basivert.edge.fhir.out.draft import Desk, Draft
from basivert.edge.fhir.out.findings import densities, findings, medicines, patient
from basivert.edge.fhir.out.operation import events, operation
from basivert.edge.fhir.out.plans import plans
from basivert.edge.fhir.out.recovery import check_ins
from basivert.edge.fhir.out.scores import scores
from basivert.edge.fhir.read import builtin_codes
from basivert.errors import RecordError

FHIR_VERSION = "4.0.1"
_TAGS = [
    {"system": "http://hl7.org/fhir/FHIR-version", "code": FHIR_VERSION},
    {"system": "urn:basivert:notice", "code": "research-use-only",
     "display": "Research use only, not a medical device"},
]  # fmt: skip


def bundle(case: Case, *, now: dt.datetime, seed: str | None = None) -> dict[str, Any]:
    """A transaction of everything that is known in a case.

    Args:
        case: what is written; a fact that is not in it is in no resource.
        now: the time of writing, with its zone.
        seed: gives the ids; the pseudonym where there is none, so that the same case has the same.

    Raises: RecordError for a fact that does not exist, is out of range, or gives no valid R4.
    """
    table, known = builtin_codes()
    desk = Desk(
        seed=case.pseudonym if seed is None else seed, table=table, now=now,
        codes=_written_codes(),
    )  # fmt: skip
    given = facts(case.facts, known, origin="entered")
    _in_range(case, known)
    drafts = [
        patient(case, desk), *findings(given, known, desk), *densities(case, desk),
        *medicines(case, desk), *scores(case, desk), *operation(case, desk),
        *events(case, desk), *course(case, desk), *verdict(case, desk), *check_ins(case, desk),
        *plans(case, desk),
    ]  # fmt: skip
    drafts.append(provenance(case, drafts, desk))
    _check(drafts)
    return {
        "resourceType": "Bundle", "meta": {"tag": _TAGS}, "type": "transaction",
        "entry": [_entry(one, desk) for one in drafts],
    }  # fmt: skip


@cache
def _written_codes() -> dict[str, Any]:
    return document("care/fhir_codes")["write"]


def _in_range(case: Case, known: Vocabulary) -> None:
    for score in case.scores:
        if score.instrument in known.kinds:
            facts({score.instrument: score.value}, known, origin="")
        else:
            checked(score.instrument, score.value, outcome_rules())
    for one in case.check_ins:
        facts({"day": one.day, **one.answers}, questions().known, origin="")
    bodies = case.operation.bodies if case.operation else ()
    if levels := [one.level for one in (*bodies, *case.densities, *case.plans)]:
        facts({"levels": levels}, known, origin="")


def _entry(draft: Draft, desk: Desk) -> dict[str, Any]:
    kind = draft.resource["resourceType"]
    request = {"method": "POST", "url": kind}
    if kind in _ONCE:
        request["ifNoneExist"] = _ONCE[kind](draft.resource)
    return {
        "fullUrl": f"urn:uuid:{desk.name(draft.key)}", "resource": draft.resource,
        "request": request,
    }  # fmt: skip


def _same_patient(resource: dict[str, Any]) -> str:
    name = resource["identifier"][0]
    return urlencode({"identifier": f"{name['system']}|{name['value']}"})


def _same_questionnaire(resource: dict[str, Any]) -> str:
    return urlencode({"url": resource["url"], "version": resource["version"]})


# A server that has these already takes its own.
_ONCE = {"Patient": _same_patient, "Questionnaire": _same_questionnaire}


def _check(drafts: list[Draft]) -> None:
    keys = [draft.key for draft in drafts]
    if twice := sorted({key for key in keys if keys.count(key) > 1}):
        raise RecordError(f"The case names {', '.join(twice)} twice.", fix="Name it once.")
    for draft in drafts:
        if wrong := problem(draft.resource):
            path, why = wrong
            raise RecordError(f"{draft.key} gives no valid FHIR: {path} {why}.")
