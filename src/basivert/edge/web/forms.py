"""Between a form's strings and facts: an empty field is unknown, never no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from basivert.care.candidacy.sentences import fact_words
from basivert.care.facts import Fact, Kind, Vocabulary, facts
from basivert.errors import RecordError

UNKNOWN = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """What a form said.

    document: name → value as typed, to show it again.  found: the facts that could be read.
    wrong: name → what is wrong with it.
    """

    document: Mapping[str, Any]
    found: Mapping[str, Fact]
    wrong: Mapping[str, str]


def entered(
    form: Sequence[tuple[str, str]], known: Vocabulary, names: Sequence[str], *, origin: str
) -> Entered:
    """Facts from a form's fields; each is judged by itself, so that one slip loses nothing.

    Args:
        form: names and values as sent, in order.
        known: the facts that there are.
        names: those that the form asks.
        origin: who entered them.
    """
    document = {name: _value(known[name], form) for name in names}
    found: dict[str, Fact] = {}
    wrong: dict[str, str] = {}
    for name, value in document.items():
        # Under its label, so that a message names what stands on the page.
        shown_as = replace(known[name], name=known[name].wording)
        alone = Vocabulary(edition=known.edition, kinds={shown_as.name: shown_as})
        try:
            read = facts({shown_as.name: value}, alone, origin=origin)
            for fact in read.values():
                found[name] = replace(fact, name=name)
        except RecordError as problem:
            wrong[name] = str(problem)
    return Entered(document=document, found=found, wrong=wrong)


def options(kind: Kind, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Text and value of each choice of a field, "not known" last."""
    if kind.shape == "yes_no":
        first = [(words["yes"], "yes"), (words["no"], "no")]
    else:
        first = [
            (words.get(str(one), str(one).replace("_", " ")), str(one)) for one in kind.choices
        ]
    return [*first, (words["not_known"], UNKNOWN)]


def shown(value: Any) -> str:
    """The value of the option that stands for a fact's value."""
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def pairs(values: Sequence[object]) -> list[tuple[str, str]]:
    """Options whose text is their value."""
    return [(str(one), str(one)) for one in values]


def value_words(value: Any) -> str:
    """A fact's value as a person reads it, whether of a document or of the store."""
    return fact_words(tuple(value) if isinstance(value, list) else value)


def plain_number(text: str) -> Any:
    """The number that a text means, with a decimal point or comma; the text itself for others."""
    if text == UNKNOWN:
        return None
    # A decimal comma is meant where it stands alone; two separators are a slip.
    plain = text.replace(",", ".") if text.count(",") == 1 and "." not in text else text
    try:
        number = float(plain)
    except ValueError:
        return text
    return int(number) if number.is_integer() and "." not in plain else number


def _value(kind: Kind, form: Sequence[tuple[str, str]]) -> Any:
    sent = [value.strip() for name, value in form if name == kind.name]
    last = sent[-1] if sent else UNKNOWN
    match kind.shape:
        case "number":
            return plain_number(last)
        case "yes_no":
            return {"yes": True, "no": False, UNKNOWN: None}.get(last, last)
        case "choice":
            return None if last == UNKNOWN else _choice(kind, last)
        case "by_place":
            given = {
                name.removeprefix(f"{kind.name}."): _choice(kind, value)
                for name, value in form
                if name.startswith(f"{kind.name}.") and value
            }
            return given or None
        case "places":
            return sent or None


def _choice(kind: Kind, text: str) -> Any:
    return next((one for one in kind.choices if str(one) == text), text)
