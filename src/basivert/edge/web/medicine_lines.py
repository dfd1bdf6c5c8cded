"""Medicines as lines of a text field, and what persons confirmed them to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from basivert.errors import RecordError

ASKED = ("", "none", "some")
_MOST, _LONGEST = 100, 300


def read(
    asked: str, text: str, before: Sequence[Mapping[str, str]] | None
) -> list[dict[str, str]] | None:
    """The medicines of a form; one whose words did not change stays confirmed.

    Args:
        asked: "" nobody was asked, "none" the answer was none, "some" the lines of `text`.
        text: a medicine a line, perhaps `| who prescribes it`.
        before: as they were kept.

    Returns: None where nobody was asked, which is not the same as none.
    """
    if asked == "" and text.split() == written(before).split() and from_record(before):
        return [dict(one) for one in before or ()]
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if asked not in ASKED:
        raise RecordError("Nobody says whether medicines were asked for.", fix="Choose one.")
    if asked != "some" and lines:
        raise RecordError(
            "There are medicines, though none are said to be known.", fix="Choose “takes these”."
        )
    if asked == "":
        return None
    if asked == "some" and not lines:
        raise RecordError("No medicine is written down.", fix="Write one a line, or choose none.")
    if len(lines) > _MOST or any(len(line) > _LONGEST for line in lines):
        raise RecordError("These are too many or too long.", fix="Write one medicine a line.")
    kept = {one["text"]: one for one in before or ()}
    return [_entry(line, kept) for line in lines]


def written(entries: Sequence[Mapping[str, str]] | None) -> str:
    """The lines again."""
    return "\n".join(
        f"{one['text']} | {one['prescriber']}" if one.get("prescriber") else one["text"]
        for one in entries or ()
    )


def said(entries: Sequence[Mapping[str, str]] | None) -> str:
    """What the choice beside the lines says; a health record is no answer of the patient."""
    return "" if entries is None or from_record(entries) else "some" if entries else "none"


def from_record(entries: Sequence[Mapping[str, str]] | None) -> bool:
    """Whether some come from a health record, and the patient was not asked since."""
    return any(one.get("origin") for one in entries or ())


def confirmed(
    entries: Sequence[Mapping[str, str]] | None, text: str, name: str, by: str
) -> list[dict[str, str]]:
    """The entries with one confirmed, or with its confirmation taken back (`name` empty)."""
    if not any(one["text"] == text for one in entries or ()):
        raise RecordError("This medicine is not in the list any more.", fix="Open the page again.")
    return [
        _confirmed(one, name.strip(), by) if one["text"] == text else dict(one)
        for one in entries or ()
    ]


def _entry(line: str, kept: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    text, _, prescriber = (part.strip() for part in line.partition("|"))
    if not text:
        raise RecordError(f"{line!r} names no medicine.", fix="Write it before the bar.")
    # Whoever keeps the lines says that the patient takes these: no longer the record's word.
    gone = ("prescriber", "origin", "status", "on")
    same = {name: value for name, value in kept.get(text, {}).items() if name not in gone}
    return {"text": text, **same, **({"prescriber": prescriber} if prescriber else {})}


def _confirmed(one: Mapping[str, str], name: str, by: str) -> dict[str, str]:
    rest = {k: v for k, v in one.items() if k not in ("confirmed", "confirmed_by")}
    return {**rest, "confirmed": name, "confirmed_by": by} if name else rest
