"""What a person wrote about a medicine → which medicine it is, or that nobody knows."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.facts import close
from basivert.care.preparation.medicines import Catalogue, Medicine, plain
from basivert.errors import RecordError

# Longest name in words; a name this like another is offered as a guess, never taken.
WORDS = 4
LIKE = 0.7
# One that begins with another letter must be this like it.
LIKE_ELSE = 0.8
SHORTEST = 5
_DOSE = re.compile(
    r"(?<![\w-])\d+(?:[.,]\d+)?(?:\s*[/-]\s*\d+(?:[.,]\d+)?)?\s*"
    r"(?:mg/ml|mg|mcg|µg|ug|g|ml|iu|units?|meq|%)?(?![a-z\d])", re.IGNORECASE,
)  # fmt: skip
Certainty = Literal["exact", "confirmed", "guess", "unknown"]
_FIELDS = {"text", "confirmed", "confirmed_by", "prescriber", "origin", "status", "rxnorm", "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What was entered: the words, who prescribes it, and what a person confirmed it to be.

    origin: of what a health record says, such as `FHIR MedicationRequest/7`; the patient was not
        asked about it. Empty where the patient said it.
    status, rxnorm, on: as that record has them.
    """

    text: str
    prescriber: str = ""
    confirmed: str = ""
    confirmed_by: str = ""
    origin: str = ""
    status: str = ""
    rxnorm: str = ""
    on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What an entry was recognised as.

    certainty: `exact` a known name stands in the words; `confirmed` a person said so; `guess` it
        is only like a known name; `unknown` it is like none. Only the first two may be acted on.
    medicines: what is in it; several in a combination. Empty unless exact or confirmed.
    candidates: names that it may mean, the closest first; only for a guess.
    dose: the amounts in the words, as written.
    unread: words beside the name that were not understood; shown with it, never dropped.
    """

    entry: Entry
    certainty: Certainty
    medicines: tuple[Medicine, ...]
    candidates: tuple[str, ...]
    dose: str
    unread: str

    @property
    def needs_confirmation(self) -> bool:
        """Whether a person must say what it is before anything is done with it."""
        return self.certainty in ("guess", "unknown")


def entries(given: Any) -> tuple[Entry, ...] | None:
    """The entries of a record; None where nobody was asked, which is not the same as none.

    Raises: RecordError for what is neither words nor an object with known fields.
    """
    if given is None:
        return None
    if isinstance(given, str) or not isinstance(given, Sequence):
        raise RecordError(f"medicines is {given!r}.", fix='Give a list: ["Plavix 75 mg", …].')
    return tuple(_entry(one) for one in given)


def matched(entry: Entry, known: Catalogue) -> tuple[Match, ...]:
    """What an entry is; a likeness is a guess until a person confirms it.

    Usually one match; words that stand beside a known name and are like another make a second.

    Raises: RecordError where what was confirmed is not in the catalogue.
    """
    dose = ", ".join(one.strip() for one in _DOSE.findall(entry.text) if one.strip())
    if entry.confirmed:
        return (_match(entry, "confirmed", dose, medicines=_confirmed(entry.confirmed, known)),)
    found, rest = _exact(plain(entry.text).split(), known)
    guesses = tuple(dict.fromkeys(name for word in _phrases(rest) for name in _near(word, known)))
    words = " ".join(rest)
    first = (_match(entry, "exact", dose, medicines=found, unread=words),) if found else ()
    if guesses:
        shown = tuple(_named(one, known) for one in guesses)
        return (*first, _match(entry, "guess", dose, candidates=shown, unread=words))
    return first or (_match(entry, "unknown", dose, unread=words),)


def matches(given: tuple[Entry, ...], known: Catalogue) -> tuple[Match, ...]:
    """All entries matched, in their order."""
    return tuple(one for entry in given for one in matched(entry, known))


def _match(
    entry: Entry, certainty: Certainty, dose: str, *, medicines: tuple[Medicine, ...] = (),
    candidates: tuple[str, ...] = (), unread: str = "",
) -> Match:  # fmt: skip
    return Match(
        entry=entry, certainty=certainty, medicines=medicines, candidates=candidates, dose=dose,
        unread=unread,
    )  # fmt: skip


def _named(name: str, known: Catalogue) -> str:
    inside = _inside(known.by_name[name])
    return name if name == inside else f"{name} ({inside})"


def _inside(parts: tuple[Medicine, ...]) -> str:
    return " + ".join(part.shown for part in parts)


def _confirmed(name: str, known: Catalogue) -> tuple[Medicine, ...]:
    key = plain(name)
    if key not in known.by_name:
        near = _near(key, known)
        raise RecordError(
            f"{name!r} is not in the list of medicines.",
            fix=f"Did you mean {' or '.join(near)}?" if near else "Leave it unconfirmed.",
        )
    return known.by_name[key]


def _entry(given: Any) -> Entry:
    if isinstance(given, str):
        given = {"text": given}
    if not isinstance(given, dict):
        raise RecordError(f"A medicine is {given!r}.", fix='Write "Plavix 75 mg" or {"text": …}.')
    for name, value in given.items():
        if name not in _FIELDS:
            raise RecordError(
                f"A medicine has no {name!r}.", fix=close(name, dict.fromkeys(_FIELDS))
            )
        if not isinstance(value, str):
            raise RecordError(f"{name} of a medicine is {value!r}.", fix="Write it as text.")
    if not given.get("text", "").strip():
        raise RecordError("A medicine has no text.", fix="Write what the patient says it is.")
    if given.get("confirmed") and not given.get("confirmed_by"):
        raise RecordError(
            f"Nobody is named who confirmed {given['text']!r}.", fix="Add confirmed_by."
        )
    _day(given.get("on", "").strip())
    return Entry(**{name: value.strip() for name, value in given.items()})


def _day(on: str) -> None:
    try:
        if on:
            dt.date.fromisoformat(on)
    except ValueError as cause:
        raise RecordError(f"on of a medicine is {on!r}.", fix="Write it as 2026-11-30.") from cause


def _exact(words: list[str], known: Catalogue) -> tuple[tuple[Medicine, ...], tuple[str, ...]]:
    """Known names in the words, the longest first, and the words left over."""
    found: list[Medicine] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        for size in range(min(WORDS, len(words) - at), 0, -1):
            if parts := known.by_name.get(" ".join(words[at : at + size])):
                found += [part for part in parts if part not in found]
                at += size
                break
        else:
            rest.append(words[at])
            at += 1
    return tuple(found), tuple(word for word in rest if not _says_how(word, known))


def _says_how(word: str, known: Catalogue) -> bool:
    return word in known.about or bool(re.fullmatch(r"\d+(?:mg|mcg|g|ml|iu|h|x|units?)?", word))


def _phrases(rest: tuple[str, ...]) -> tuple[str, ...]:
    """The words one by one and all together: `ginko biloba` as well as `ginko`."""
    return tuple(dict.fromkeys((" ".join(rest), *rest)))


def _near(word: str, known: Catalogue) -> tuple[str, ...]:
    if len(word) < SHORTEST:
        return ()
    alike = difflib.get_close_matches(word, list(known.by_name), n=3, cutoff=LIKE)
    return tuple(
        one for one in alike
        if one[0] == word[0] or difflib.SequenceMatcher(None, one, word).ratio() >= LIKE_ELSE
    )  # fmt: skip
