"""Entries of a FHIR file: a Bundle, one resource, or NDJSON."""

from __future__ import annotations

import re
from typing import Any

from basivert.edge.fhir.check import bundle_types
from basivert.edge.fhir.json_text import parsed
from basivert.edge.fhir.records import Entry, Rejected
from basivert.errors import RecordError

_KIND = re.compile(r"[A-Za-z]{1,64}")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")
Found = tuple[list[Entry], list[Rejected]]


def entries(text: str, where: str) -> Found:
    """Every entry of a file, and those that hold no resource.

    Args:
        text: the file's content.
        where: its name, for messages.

    Raises: RecordError where the file is neither JSON nor NDJSON, or no FHIR at all.
    """
    try:
        whole = parsed(text, where)
    except RecordError as problem:
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        if len(lines) < 2 or not all(line.lstrip().startswith("{") for _, line in lines):
            raise problem
        return _lines(lines)
    if not isinstance(whole, dict) or "resourceType" not in whole:
        raise RecordError(
            f"{where} is no FHIR resource: it has no resourceType.",
            fix="Give a Bundle, one resource, or one resource a line.",
        )
    if whole["resourceType"] == "Bundle":
        return _bundle(whole, where)
    return [Entry(place="the resource", full_url="", resource=whole)], []


def reference_of(resource: Any) -> str:
    """`Type/id`, with `?` for what is missing or is no name."""
    if not isinstance(resource, dict):
        return "?/?"
    kind, name = resource.get("resourceType"), resource.get("id")
    kind = kind if isinstance(kind, str) and _KIND.fullmatch(kind) else "?"
    name = name if isinstance(name, str) and _ID.fullmatch(name) else "?"
    return f"{kind}/{name}"


def _bundle(bundle: dict[str, Any], where: str) -> Found:
    if bundle.get("type") not in bundle_types():
        raise RecordError(
            f"{where}: Bundle.type is not one that R4 has.",
            fix=f"It is one of {', '.join(bundle_types())}.",
        )
    listed = bundle.get("entry", [])
    if not isinstance(listed, list):
        raise RecordError(f"{where}: Bundle.entry is no list.")
    good: list[Entry] = []
    bad: list[Rejected] = []
    for number, entry in enumerate(listed):
        _take(f"Bundle.entry[{number}]", entry, good, bad)
    return good, bad


def _take(place: str, entry: Any, good: list[Entry], bad: list[Rejected]) -> None:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        bad.append(Rejected(place=place, reference="?/?", path="resource", why="holds no resource"))
        return
    url = entry.get("fullUrl")
    good.append(Entry(place=place, full_url=url if isinstance(url, str) else "", resource=resource))


def _lines(lines: list[tuple[int, str]]) -> Found:
    good: list[Entry] = []
    bad: list[Rejected] = []
    for number, line in lines:
        place = f"line {number}"
        try:
            _take(place, {"resource": parsed(line, place)}, good, bad)
        except RecordError:
            bad.append(Rejected(place=place, reference="?/?", path="", why="is not JSON"))
    return good, bad
