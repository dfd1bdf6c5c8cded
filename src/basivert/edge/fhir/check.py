"""Whether a resource is valid R4: its structure, its required codes, no nulls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from basivert.constants.load import document
from basivert.edge.fhir.typed import Problem, mistyped
from basivert.errors import MissingExtra

_ELEMENT = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9]{0,63}")
_TIME = re.compile(
    r"([dD]ate|DateTime|\.issued|\.authored|\.authoredOn|\.recorded|\.recordedOn|[uU]pdated"
    r"|[pP]eriod(\[\d+\])?\.(start|end))$"
)
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
_WORDS = {
    "missing": "is missing",
    "model_field_validation.missing": "is missing",
    "extra_forbidden": "is no element of this resource",
    "string_pattern_mismatch": "has characters that R4 does not allow there",
    "value_error": "has a form that R4 does not allow",
}


@cache
def bundle_types() -> tuple[str, ...]:
    """The types that a Bundle may have."""
    return tuple(document("care/fhir_required")["bundle"]["types"])


def unchecked(resource: Mapping[str, Any]) -> bool:
    """Whether the resource is one of R4 that cannot be checked here."""
    return resource.get("resourceType") in _only_r4()


@cache
def _only_r4() -> tuple[str, ...]:
    return tuple(document("care/fhir_required")["only_r4"])


def problem(resource: Mapping[str, Any]) -> Problem | None:
    """Path and reason of the first thing that is wrong, or None; never a value.

    Raises: MissingExtra where the package for FHIR is not installed.
    """
    try:
        return next(_problems(resource), None)
    except RecursionError:
        return "", "is nested too deeply"


def _problems(resource: Mapping[str, Any]) -> Iterator[Problem]:
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        yield "resourceType", "is missing"
        return
    yield from _plain(resource, kind)
    yield from _structure(resource, kind)
    yield from _codes(resource, kind)


def _structure(resource: Mapping[str, Any], kind: str) -> Iterator[Problem]:
    try:
        from fhir.resources.R4B import get_fhir_model_class
        from pydantic import ValidationError
    except ImportError as cause:
        raise MissingExtra(
            "Reading FHIR needs the package fhir.resources.", fix="pip install 'basivert[fhir]'"
        ) from cause
    try:
        model = get_fhir_model_class(kind)
    except (KeyError, ValueError):
        yield "resourceType", "is no resource of R4"
        return
    try:
        made = model.model_validate(resource)
        yield from mistyped(resource, made, kind)
        # The models take an object written as text for the object itself; R4 does not.
        if (plain := _without_objects_as_text(resource)) != resource:
            model.model_validate(plain)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            yield _path(kind, error["loc"]), _WORDS.get(error["type"], "has the wrong type")
    except (TypeError, ValueError, ArithmeticError, RecursionError):
        yield kind, "cannot be read as this resource"


def _without_objects_as_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_objects_as_text(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_objects_as_text(one) for one in value]
    return "text" if isinstance(value, str) and value.lstrip().startswith("{") else value


def _path(kind: str, place: tuple[int | str, ...]) -> str:
    words = [kind]
    for one in place:
        if isinstance(one, int):
            words[-1] += f"[{one}]"
        else:
            words.append(one if _ELEMENT.fullmatch(one) else "?")
    return ".".join(words)


def _plain(value: Any, path: str, *, beside: bool = False) -> Iterator[Problem]:
    """What R4's JSON forbids and the models let pass: nulls, emptiness, a number for a date.

    A null is right only in a list whose twin (`name`, `_name`) has the other half.
    """
    if value is None:
        yield path, "is null, which R4 does not allow"
    elif value in ("", [], {}):
        yield path, "is empty, which R4 does not allow"
    elif isinstance(value, str):
        if _NO_TEXT.search(value):
            yield path, "has characters that R4 does not allow there"
    elif isinstance(value, Mapping):
        for key, one in value.items():
            name = f"{path}.{key if _ELEMENT.fullmatch(key) else '?'}"
            if isinstance(one, (int, float)) and _TIME.search(name):
                yield name, "is a number where R4 has a date"
            twin = key[1:] if key.startswith("_") else f"_{key}"
            yield from _plain(one, name, beside=isinstance(value.get(twin), list))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            if not (one is None and beside):
                yield from _plain(one, f"{path}[{number}]")


@cache
def _required() -> tuple[tuple[tuple[str, ...], frozenset[str], str], ...]:
    rows = document("care/fhir_required")["required"]
    return tuple(
        (tuple(path.split(".")), frozenset(row["codes"]), row.get("system", ""))
        for row in rows
        for path in row["paths"]
    )


def _codes(resource: Mapping[str, Any], kind: str) -> Iterator[Problem]:
    for path, allowed, system in _required():
        if path[0] in ("*", kind):
            for place, found in _at(resource, path[1:], kind):
                if not (_one_of(found, allowed, system) if system else found in allowed):
                    yield place, "has a code that is not in the list that R4 requires"


def _one_of(found: Any, allowed: frozenset[str], system: str) -> bool:
    codings = found.get("coding", []) if isinstance(found, Mapping) else []
    return any(one.get("system") == system and one.get("code") in allowed for one in codings)


def _at(value: Any, path: tuple[str, ...], place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, list):
        for number, one in enumerate(value):
            yield from _at(one, path, f"{place}[{number}]")
    elif not path:
        if value is not None:
            yield place, value
    elif isinstance(value, Mapping) and path[0] in value:
        yield from _at(value[path[0]], path[1:], f"{place}.{path[0]}")
