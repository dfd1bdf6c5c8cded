"""`basivert candidacy`: loaded only when it runs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from basivert.care.candidacy.editions import (
    candidate_facts,
    edition,
    overridden,
    own_edition,
)
from basivert.care.candidacy.entered import entered
from basivert.care.candidacy.sentences import fact_words
from basivert.care.facts import Facts, Vocabulary
from basivert.care.rules import RuleSet
from basivert.edge.bone_record import bone_record
from basivert.edge.candidacy_codec import candidacy_document, considered
from basivert.edge.record_file import read_record
from basivert.edge.toml_file import read_toml
from basivert.errors import RecordError

NOTICE = "Research use only. Not a medical device."
_WORDS = {
    "candidate": "candidate", "not_candidate": "not a candidate", "unknown": "not known yet",
}  # fmt: skip
_MARKS = {"excludes": "no", "open": "?", "supports": "yes"}


def candidacy(
    file: Path, *, rules: str, override: Path | None, anatomy: Path | None, as_json: bool,
    everything: bool = False,
) -> None:  # fmt: skip
    """Answer for one record as text or JSON; every answer ends with exit code 0."""
    known = candidate_facts()
    chosen = _rules(rules, override, known)
    today = dt.datetime.now().astimezone().date()
    facts = entered(read_record(file), known, origin="entered", today=today)
    if anatomy is not None:
        facts = {**facts, **_measured(anatomy, facts, known)}
    found = considered(facts, chosen, known)
    document = candidacy_document(found)
    if as_json:
        told = json.dumps(document, allow_nan=False, ensure_ascii=False)
    else:
        told = "\n".join((lines if everything else short_lines)(document))
    sys.stdout.write(told + "\n")


def short_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """The answer for a terminal, then what is missing with its effect, then the other rule sets."""
    yield from _head(document)
    reasons = document["reasons"]
    for reason in (one for one in reasons if one["effect"] == "excludes"):
        yield from _reason_lines(reason)
    if document["answer"] == "unknown":
        still = [one for one in reasons if one["effect"] == "open"]
        yield "not known, and what it would change:"
        for reason, sentence in zip(still, document["would_change"], strict=True):
            names = ", ".join(reason["missing"])
            effect = sentence.removesuffix(f"; not known yet: {names}")
            yield f"  ?   {names or reason['rule']}: {effect}"
    for reason in (one for one in reasons if one["effect"] == "supports"):
        yield f"  yes {reason['wording']} ({'; '.join(_given(reason)) or 'holds for everybody'})"
    yield from (f"look again: {note['what']}" for note in document["notes"])
    yield "other rule sets:"
    for one in document["editions"]:
        ask = ", ask the provider" if one["ask_the_provider"] else ""
        yield f"  {one['title']}: {_WORDS[one['answer']]}{ask}"
    yield "sources, reasons of every rule set, rates of benefit and fracture: --all"


def lines(document: Mapping[str, Any]) -> Iterator[str]:
    """Everything about the answer for a terminal."""
    yield from _head(document)
    for reason in document["reasons"]:
        yield from _reason_lines(reason)
    if document["missing"]:
        yield f"could still change the answer: {', '.join(document['missing'])}"
    yield from (f"  {sentence}" for sentence in document["would_change"])
    yield from (f"look again: {note['what']}" for note in document["notes"])
    yield "other rule sets:"
    for one in document["editions"]:
        ask = ", ask the provider" if one["ask_the_provider"] else ""
        yield f"  {one['title']}: {_WORDS[one['answer']]}{ask}{_why(one)}"
    yield from _benefit_lines(document["benefit"])


def _head(document: Mapping[str, Any]) -> Iterator[str]:
    rules = document["rules"]
    yield NOTICE
    yield f"answer: {_WORDS[document['answer']]}"
    if document["ask_the_provider"]:
        yield '  "probably not" by the page for patients: the provider decides'
    yield f"rules: {rules['title']} ({document['rules_edition']})"
    if rules["note"]:
        yield f"  {rules['note']}"
    for one in rules["overridden"]:
        yield f"  the clinic's own: {one['rule']}: {one['now']} (shipped: {one['shipped']})"


def _benefit_lines(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"what became of others: {found['promise']} {found['prediction']}"
    for one in found["rates"]:
        yield f"  {_share(one)} {one['measure']} {one['sign']} {one['bound']}" + (
            f" at {one['months']} months: {one['study']}{_people(one)} [{one['source']}]"
        )
    yield f"lumbar fracture afterwards: {found['fracture_note']}"
    for one in found["fractures"]:
        mark = " <- this person's T-score" if one["name"] == found["fracture_group"] else ""
        yield f"  {_share(one)} {one['population']}{_people(one)} [{one['source']}]{mark}"


def _share(rate: Mapping[str, Any]) -> str:
    share = f"{100 * rate['share']:g} %"
    if rate["interval_95"] is None:
        return f"{share} ({rate['interval_basis']})"
    low, high = (100 * end for end in rate["interval_95"])
    return f"{share} ({low:.1f} to {high:.1f})"


def _people(rate: Mapping[str, Any]) -> str:
    if rate["seen"] and rate["treated"]:
        return f", {rate['seen']} seen of {rate['treated']} treated"
    return f", n = {rate['n']}" if rate["n"] else ""


def _reason_lines(reason: Mapping[str, Any]) -> Iterator[str]:
    yield f"  {_MARKS[reason['effect']]:3} {reason['wording']}"
    given = _given(reason)
    given += [
        f"{name} not read everywhere" if name in reason["facts"] else f"{name} not known"
        for name in reason["missing"]
    ]
    yield f"      {'; '.join(given) or 'no fact changes this'}"
    against = f", {reason['kind_means']}" if reason["effect"] == "excludes" else ""
    yield f"      {reason['body']}{against} [{reason['source']}; {reason['confidence']}]"


def _given(reason: Mapping[str, Any]) -> list[str]:
    return [
        f"{name} = {fact_words(_plain(fact['value']))} ({fact['origin']}"
        + (f", {fact['on']})" if fact["on"] else ")")
        for name, fact in reason["facts"].items()
    ]


def _why(one: Mapping[str, Any]) -> str:
    if one["answer"] == "candidate":
        return ""
    return f" ({', '.join(reason['rule'] for reason in one['reasons'])})"


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _measured(anatomy: Path, facts: Facts, known: Vocabulary) -> Facts:
    if "bone_hu" in facts:
        raise RecordError(
            "bone_hu is entered and measured.", fix="Leave out one: the entry or --anatomy."
        )
    levels: Any = facts["levels"].value if "levels" in facts else ()
    record = bone_record(read_record(anatomy), levels, anatomy.name)
    return entered(record, known, origin=anatomy.name)


def _rules(name: str, override: Path | None, known: Vocabulary) -> RuleSet:
    if name.endswith(".toml"):
        chosen = own_edition(read_toml(Path(name)), known)
    else:
        chosen = edition(name, known)
    return chosen if override is None else overridden(chosen, read_toml(override), known)
