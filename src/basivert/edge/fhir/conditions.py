"""Conditions: what is there, what was refuted, and what is only a reason to ask."""

from __future__ import annotations

import datetime as dt

from basivert.edge.fhir.claims import Claim
from basivert.edge.fhir.codes import Code, codings, rows_for
from basivert.edge.fhir.dates import Day, day, months, when
from basivert.edge.fhir.entries import reference_of
from basivert.edge.fhir.found import Context, Yield, left
from basivert.edge.fhir.records import Resource, Unmapped

_ACTIVE = {"active", "recurrence", "relapse"}
_OVER = {"inactive", "remission", "resolved"}
# R4's own systems of both; a hospital's own code beside them decides nothing.
_SYSTEM = {
    "clinicalStatus": "http://terminology.hl7.org/CodeSystem/condition-clinical",
    "verificationStatus": "http://terminology.hl7.org/CodeSystem/condition-ver-status",
}
_ABATED = ("abatementDateTime", "abatementAge", "abatementPeriod", "abatementRange",
           "abatementString")  # fmt: skip


def condition(resource: Resource, context: Context) -> Yield:
    """Claims of one Condition; an absent one claims nothing, a resolved one neither."""
    reference = reference_of(resource)
    sure = _code(resource, "verificationStatus")
    if sure == "entered-in-error":
        return left(reference, "Condition.verificationStatus", "was entered in error")
    rows = list(rows_for(context.table, "Condition", resource.get("code")))
    if not rows:
        return left(reference, "Condition.code", "no fact of candidacy has this code")
    found = Yield()
    for row in rows:
        if why := _doubt(resource, row, sure):
            found.unmapped.append(_ask(reference, row, why))
        elif sure == "refuted":
            found.claims.append(_claim(resource, row, value=False))
        elif over := _over(resource):
            found.unmapped.append(
                Unmapped(reference=reference, path="Condition.clinicalStatus", why=over)
            )
        elif row.says == "onset":
            _onset(resource, row, context, found)
        elif row.says == "ask":
            found.unmapped.append(_ask(reference, row, f"{row.wording}"))
        else:
            found.claims.append(_claim(resource, row, value=True))
    return found


def _code(resource: Resource, name: str) -> str:
    """The code in R4's own system; several that differ are told together, and so are none."""
    found = {code for system, code in codings(resource.get(name)) if system == _SYSTEM[name]}
    return " and ".join(sorted(found))


def _doubt(resource: Resource, row: Code, sure: str) -> str:
    """Why a Condition neither says yes nor no, or ""."""
    if sure == "refuted":
        whole = row.says == "yes" and row.whole
        return "" if whole else "was refuted, which leaves the other causes open"
    if sure not in ("", "confirmed"):
        return f"is {sure}, not confirmed"
    clinical = _code(resource, "clinicalStatus")
    if not clinical:
        return "does not say whether it is still active"
    if clinical not in _ACTIVE | _OVER:
        return f"is {clinical} at once"
    if clinical in _ACTIVE and (
        any(name in resource for name in _ABATED) or resource.get("abatementBoolean") is True
    ):
        return "is called active and ended at once"
    return ""


def _over(resource: Resource) -> str:
    status = _code(resource, "clinicalStatus")
    return f"is {status}, which says nothing of today" if status in _OVER else ""


def _claim(resource: Resource, row: Code, *, value: bool) -> Claim:
    names = ("recordedDate", "onsetDateTime") if not value else ("onsetDateTime", "recordedDate")
    return Claim(
        fact=row.fact, value=value, reference=reference_of(resource), path="Condition.code",
        at=when(resource, *names),
    )  # fmt: skip


def _ask(reference: str, row: Code, why: str) -> Unmapped:
    return Unmapped(reference=reference, path="Condition.code", why=why, asks=row.fact)


def _onset(resource: Resource, row: Code, context: Context, found: Yield) -> None:
    """Months of pain since its start, where that is certain enough."""
    period = resource.get("onsetPeriod") or {}
    start = day(resource.get("onsetDateTime")) or day(period.get("start"))
    recorded = day(resource.get("recordedDate"))
    path = "Condition.onset"
    reference = reference_of(resource)
    if start and start.first > context.today:
        found.unmapped.append(_ask(reference, row, "starts after today"))
        return
    certain = start.exact if start else None
    at_least = certain or (start.last if start else recorded.last if recorded else None)
    if at_least is None:
        found.unmapped.append(_ask(reference, row, "does not say when it began"))
        return
    lasted = months(min(at_least, context.today), context.today)
    if certain is None and lasted < context.table.least_certain_months:
        found.unmapped.append(_ask(reference, row, "says only roughly when it began"))
        return
    found.claims.append(
        Claim(fact=row.fact, value=lasted, reference=reference, path=path, at=_on(context.today))
    )


def _on(today: dt.date) -> Day:
    return Day(first=today, last=today)
