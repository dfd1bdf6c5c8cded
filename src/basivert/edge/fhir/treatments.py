"""Procedures, devices, reports and medicines of a health record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from basivert.edge.fhir.claims import Claim
from basivert.edge.fhir.codes import Code, codings, rows_for, wording
from basivert.edge.fhir.dates import Day, when
from basivert.edge.fhir.entries import reference_of
from basivert.edge.fhir.found import Context, Yield, left
from basivert.edge.fhir.records import Medicine, Performed, Resource, Unmapped


def procedure(resource: Resource, context: Context) -> Yield:
    """A procedure as performed; an implant that was put in claims that it is there."""
    reference, status = reference_of(resource), str(resource.get("status", ""))
    if status == "entered-in-error":
        return left(reference, "Procedure.status", "was entered in error")
    at = when(resource, "performedDateTime", "performedPeriod")
    found = Yield(
        records=[
            Performed(
                what=wording(resource.get("code")), codes=codings(resource.get("code")),
                status=status, places=tuple(wording(one) for one in _list(resource, "bodySite")),
                origin=f"FHIR {reference}", on=at.exact if at else None,
            )
        ]
    )  # fmt: skip
    for row in rows_for(context.table, "Procedure", resource.get("code")):
        if status == "completed":
            _say(found, row, reference, "Procedure.code", at)
        elif status != "not-done":
            found.unmapped.append(
                _ask(reference, "Procedure.status", f"is {status}, not completed", row)
            )
    return found


def device(resource: Resource, context: Context) -> Yield:
    """A device that is affixed to the patient."""
    reference, status = reference_of(resource), str(resource.get("status", ""))
    if status == "entered-in-error":
        return left(reference, "Device.status", "was entered in error")
    found = Yield()
    for row in rows_for(context.table, "Device", resource.get("type")):
        if "patient" not in resource:
            found.unmapped.append(
                _ask(reference, "Device.patient", "does not say that it is in the patient", row)
            )
        elif status in ("inactive", "unknown", ""):
            found.unmapped.append(
                _ask(reference, "Device.status", "does not say that it is in use", row)
            )
        else:
            _say(found, row, reference, "Device.type", None)
    return found if found.claims or found.unmapped else left(
        reference, "Device.type", "no fact of candidacy has this code"
    )  # fmt: skip


def device_use(resource: Resource, context: Context) -> Yield:
    """A device in use, by the device that it names."""
    reference, status = reference_of(resource), str(resource.get("status", ""))
    if status == "entered-in-error":
        return left(reference, "DeviceUseStatement.status", "was entered in error")
    named = _named(resource.get("device"), resource, context) or {}
    rows = list(rows_for(context.table, "DeviceUseStatement", named.get("type")))
    if not rows:
        return left(reference, "DeviceUseStatement.device", "no fact of candidacy has this code")
    found = Yield()
    for row in rows:
        if status == "active":
            at = when(resource, "recordedOn")
            _say(found, row, reference, "DeviceUseStatement.device", at)
        else:
            path = "DeviceUseStatement.status"
            found.unmapped.append(_ask(reference, path, f"is {status}, not active", row))
    return found


def report(resource: Resource, context: Context) -> Yield:
    """A report, which is kept; some raise a question."""
    reference = reference_of(resource)
    rows = list(rows_for(context.table, "DiagnosticReport", resource.get("code")))
    if not rows or resource.get("status") == "entered-in-error":
        return left(reference, "DiagnosticReport", "reports are kept as they are")
    return Yield(
        unmapped=[_ask(reference, "DiagnosticReport.code", row.wording, row) for row in rows]
    )


def medicine(resource: Resource, context: Context) -> Yield:
    """A MedicationStatement or MedicationRequest; its status stays FHIR's own word."""
    reference, kind = reference_of(resource), str(resource["resourceType"])
    status = str(resource.get("status", ""))
    if status == "entered-in-error":
        return left(reference, f"{kind}.status", "was entered in error")
    if resource.get("doNotPerform") is True:
        return left(reference, f"{kind}.doNotPerform", "is an order not to give it")
    if resource.get("intent") in ("proposal", "option"):
        return left(reference, f"{kind}.intent", "is only a proposal")
    concept = resource.get("medicationCodeableConcept")
    if concept is None:
        named = _named(resource.get("medicationReference"), resource, context) or {}
        concept = named.get("code")
    name = wording(concept)
    if not name:
        return left(reference, f"{kind}.medication", "does not say which medicine, in this file")
    at = when(resource, "effectiveDateTime", "effectivePeriod", "dateAsserted", "authoredOn")
    return Yield(
        records=[
            Medicine(
                name=name, codes=codings(concept), status=status, origin=f"FHIR {reference}",
                on=at.exact if at else None,
            )
        ]
    )  # fmt: skip


def _say(found: Yield, row: Code, reference: str, path: str, at: Day | None) -> None:
    if row.says == "ask":
        found.unmapped.append(_ask(reference, path, row.wording, row))
        return
    found.claims.append(Claim(fact=row.fact, value=True, reference=reference, path=path, at=at))


def _ask(reference: str, path: str, why: str, row: Code) -> Unmapped:
    return Unmapped(reference=reference, path=path, why=why, asks=row.fact)


def _list(resource: Resource, name: str) -> Iterator[Any]:
    given = resource.get(name, [])
    yield from given if isinstance(given, list) else ()


def _named(given: Any, resource: Resource, context: Context) -> Resource | None:
    """The resource that a reference names, contained or elsewhere in the file."""
    name = given.get("reference") if isinstance(given, Mapping) else None
    if not isinstance(name, str):
        return None
    if name.startswith("#"):
        inside = (one for one in _list(resource, "contained") if isinstance(one, Mapping))
        return next((one for one in inside if one.get("id") == name[1:]), None)
    return context.by_name.get(name.split("/_history/")[0])
