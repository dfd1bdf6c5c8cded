"""Observations: values as recorded, and those of them that answer a fact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from basivert.care.facts import Kind, facts
from basivert.edge.fhir.claims import Claim
from basivert.edge.fhir.codes import Code, codings, rows_for, wording
from basivert.edge.fhir.dates import Day, when
from basivert.edge.fhir.entries import reference_of
from basivert.edge.fhir.found import Context, Yield, left
from basivert.edge.fhir.records import Measured, Resource, Unmapped
from basivert.errors import RecordError

_GOOD = {"final", "amended", "corrected"}
_PLAIN = ("valueBoolean", "valueInteger", "valueString", "valueDateTime", "valueTime")


def observation(resource: Resource, context: Context) -> Yield:
    """The values of one Observation, and the fact that it answers."""
    reference, status = reference_of(resource), str(resource.get("status", ""))
    if status in ("entered-in-error", "cancelled"):
        return left(reference, "Observation.status", f"is {status}")
    at = when(resource, "effectiveDateTime", "effectivePeriod", "effectiveInstant")
    found = Yield(records=list(_measured(resource, reference, status, at)))
    claim: Claim | Unmapped | None = None
    for row in rows_for(context.table, "Observation", resource.get("code")):
        claim = _claim(resource, row, context, at)
        _add(found, claim)
    if claim is None and (own := _own(resource, context, at)):
        _add(found, own)
    return found


def _add(found: Yield, one: Claim | Unmapped) -> None:
    if isinstance(one, Claim):
        found.claims.append(one)
    else:
        found.unmapped.append(one)


def _claim(resource: Resource, row: Code, context: Context, at: Day | None) -> Claim | Unmapped:
    def no(path: str, why: str) -> Unmapped:
        return Unmapped(reference=reference_of(resource), path=path, why=why, asks=row.fact)

    if resource.get("status") not in _GOOD:
        return no("Observation.status", f"is {resource.get('status')}, not final")
    if "dataAbsentReason" in resource:
        return no("Observation.dataAbsentReason", "says that the value is not known")
    if row.says == "answer":
        given = {"|".join(one) for one in codings(resource.get("valueCodeableConcept"))}
        value = True if given & set(row.yes) else False if given & set(row.no) else None
        if value is None:
            return no("Observation.valueCodeableConcept", "answers neither yes nor no")
    else:
        value = _number(resource, row)
        if isinstance(value, str):
            return no("Observation.value", value)
    return _in_range(resource, row.fact, value, context, at)


def _in_range(
    resource: Resource, name: str, value: Any, context: Context, at: Day | None
) -> Claim | Unmapped:
    reference = reference_of(resource)
    try:
        checked = facts({name: value}, context.known, origin="")[name]
    except RecordError:
        why = "is outside what can be true of this fact"
        return Unmapped(reference=reference, path="Observation.value", why=why, asks=name)
    return Claim(
        fact=name, value=checked.value, reference=reference, path="Observation.value", at=at
    )


def _number(resource: Resource, row: Code) -> float | int | str:
    """The number in the fact's own unit, or why there is none."""
    if "valueInteger" in resource:
        value, unit = resource["valueInteger"], ""
    elif isinstance(quantity := resource.get("valueQuantity"), Mapping):
        if quantity.get("comparator"):
            return "is only a limit, not a value"
        value, unit = quantity.get("value"), str(quantity.get("code") or quantity.get("unit") or "")
    else:
        return "has no number"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return "has no number"
    number = value if isinstance(value, int) else float(value)
    if unit in row.units:
        return number
    if unit not in row.raw:
        return "is in a unit that this fact does not have"
    return _from_points(resource, number, row)


def _from_points(resource: Resource, number: float, row: Code) -> float | str:
    """Percent from a score that may be points of `raw_full` or percent already."""
    if number > row.raw_full:
        return number
    full = _full(resource)
    if full == row.raw_full:
        return 100.0 * number / row.raw_full
    if full == 100:
        return number
    return f"may be points of {row.raw_full:g} or percent; the unit leaves it open"


def _full(resource: Resource) -> float | None:
    ranges = resource.get("referenceRange")
    for one in ranges if isinstance(ranges, list) else ():
        high = one.get("high") if isinstance(one, Mapping) else None
        value = high.get("value") if isinstance(high, Mapping) else None
        if isinstance(value, (int, float)):
            return float(value)
    return None


def _own(resource: Resource, context: Context, at: Day | None) -> Claim | Unmapped | None:
    """An Observation in basivert's own code system, `urn:basivert:fact`."""
    system = context.table.systems["fact"]
    name = next((code for url, code in codings(resource.get("code")) if url == system), None)
    if name is None:
        return None
    reference = reference_of(resource)
    if name not in context.known.kinds or resource.get("status") not in _GOOD:
        why = "is no fact of this version, or not final"
        return Unmapped(reference=reference, path="Observation.code", why=why)
    kind = context.known[name]
    value = _own_value(resource, kind, context)
    if value is None:
        why = "holds no value of this fact"
        return Unmapped(reference=reference, path="Observation.value", why=why, asks=name)
    if kind.shape == "by_place":
        place, one = value
        checked = _in_range(resource, name, {place: one}, context, at)
        if isinstance(checked, Unmapped):
            return checked
        return Claim(
            fact=name, value=one, reference=reference, path="Observation.value", at=at, place=place
        )
    return _in_range(resource, name, value, context, at)


def _own_value(resource: Resource, kind: Kind, context: Context) -> Any:
    places = context.table.systems["place"]
    match kind.shape:
        case "number":
            quantity = resource.get("valueQuantity")
            if not isinstance(quantity, Mapping) or quantity.get("comparator"):
                return None
            value = quantity.get("value")
            return value if isinstance(value, (int, type(None))) else float(value)
        case "yes_no":
            return resource.get("valueBoolean")
        case "by_place":
            site = codings(resource.get("bodySite"))
            place = next((code for url, code in site if url == places), None)
            value = resource.get("valueInteger", resource.get("valueString"))
            return None if place is None or value is None else (place, value)
        case "places":
            listed = resource.get("component", [])
            given = [c for one in listed for c in codings(one.get("valueCodeableConcept"))]
            return [code for url, code in given if url == places] or None
        case _:
            return resource.get("valueString")


def _measured(
    resource: Resource, reference: str, status: str, at: Day | None
) -> Iterator[Measured]:
    components = resource.get("component")
    parts = [one for one in components or () if isinstance(one, Mapping)]
    whole = [resource] if _value(resource)[0] is not None or not parts else []
    for one in [*whole, *parts]:
        value, unit = _value(one)
        yield Measured(
            what=wording(one.get("code")), codes=codings(one.get("code")), value=value, unit=unit,
            status=status, origin=f"FHIR {reference}", on=at.exact if at else None,
        )  # fmt: skip


def _value(one: Mapping[str, Any]) -> tuple[Any, str]:
    quantity = one.get("valueQuantity")
    if isinstance(quantity, Mapping):
        value = quantity.get("value")
        unit = str(quantity.get("code") or quantity.get("unit") or "")
        return (float(value) if isinstance(value, float) else value), unit
    if "valueCodeableConcept" in one:
        return wording(one["valueCodeableConcept"]), ""
    return next((one[name] for name in _PLAIN if name in one), None), ""
