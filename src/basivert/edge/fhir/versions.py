"""A resource that stands in a file more than once: only its latest version speaks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from basivert.edge.fhir.dates import day
from basivert.edge.fhir.entries import reference_of
from basivert.edge.fhir.records import Entry


def superseded(entries: Sequence[Entry]) -> dict[str, str]:
    """Place of each entry that is not to be read → why."""
    groups: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        name = entry.full_url or reference_of(entry.resource)
        groups[entry.place if name.endswith("/?") else name].append(entry)
    return {
        place: why
        for group in groups.values()
        if len(group) > 1
        for place, why in _older(group).items()
    }


def changed_meaning(value: Any) -> bool:
    """Whether a resource, or a part of it, carries what R4 forbids to pass over unread."""
    if isinstance(value, Mapping):
        if "modifierExtension" in value or "implicitRules" in value:
            return True
        return any(changed_meaning(one) for one in value.values())
    return isinstance(value, list) and any(changed_meaning(one) for one in value)


def _older(group: list[Entry]) -> dict[str, str]:
    first, *others = group
    if all(one.resource == first.resource for one in others):
        return {one.place: "stands in the file already" for one in others}
    moments = [_moment(one) for one in group]
    latest = max((one for one in moments if one is not None), default=None)
    if None in moments or moments.count(latest) > 1:
        why = "stands in several versions that do not say which is the latest"
        return {one.place: why for one in group}
    why = "is an older version"
    return {
        one.place: why
        for one, moment in zip(group, moments, strict=True)
        if moment != latest
    }  # fmt: skip


def _moment(entry: Entry) -> Any:
    meta = entry.resource.get("meta")
    found = day(meta.get("lastUpdated")) if isinstance(meta, Mapping) else None
    return found.moment if found else None
