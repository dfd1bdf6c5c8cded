"""Rule sets: criteria as data, each with who wrote it; evaluated with their derivation."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.answers import Answer
from basivert.care.expressions import Expression, must_ask, names, open_names, parsed, value
from basivert.care.facts import Facts, Vocabulary, close
from basivert.errors import InputError

_HEAD = {"name", "title", "edition", "body", "source", "note", "criterion"}
_CRITERION = {"kind", "wording", "body", "source", "confidence", "when", "change"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One rule of a rule set.

    kind: what it is for, from the rule set's own list (`indication`, `safety`, `trial` …).
    wording: the rule in words, as its author means it.
    body: who wrote it: the label, a trial, a society, a payer, the seed page, ours.
    when: the condition that the rule asks for.
    change: what would have to be known or done, in words.
    """

    name: str
    kind: str
    wording: str
    body: str
    source: str
    confidence: str
    when: Expression
    change: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """Criteria of one author in one edition.

    source, note: of the whole set; what its reader must know, or "".
    overridden: names of the criteria that a clinic changed → the criterion as it shipped.
    """

    name: str
    title: str
    edition: str
    body: str
    source: str
    note: str
    criteria: Mapping[str, Criterion]
    overridden: Mapping[str, Criterion]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A criterion and what the facts say of its condition.

    read: names of the facts that it read and that are known.
    missing: names of the facts that keep it open.
    """

    criterion: Criterion
    answer: Answer
    read: tuple[str, ...]
    missing: tuple[str, ...]


def rule_set(document: Mapping[str, Any], known: Vocabulary) -> RuleSet:
    """A rule set from its TOML document.

    Raises: InputError naming rule set and criterion for anything unknown or missing.
    """
    name = str(document.get("name", "?"))
    if missing := sorted({"name", "title", "edition", "body", "criterion"} - set(document)):
        raise InputError(f"Rule set {name} lacks {', '.join(missing)}.")
    if unknown := sorted(set(document) - _HEAD):
        raise InputError(f"Rule set {name} has unknown fields: {', '.join(unknown)}.")
    body = str(document["body"])
    criteria = {
        key: _criterion(f"{name}.{key}", key, body, row, known)
        for key, row in document["criterion"].items()
    }
    return RuleSet(
        name=name, title=str(document["title"]), edition=str(document["edition"]), body=body,
        source=str(document.get("source", "")), note=str(document.get("note", "")),
        criteria=criteria, overridden={},
    )  # fmt: skip


def override(rules: RuleSet, document: Mapping[str, Any], known: Vocabulary) -> RuleSet:
    """The same rule set with single criteria replaced by a clinic's; the edition says so.

    Raises: InputError for a criterion that the rule set does not have, or that is decided without
        any fact.
    """
    changed = rule_set({"title": rules.title, "body": "clinic", **document}, known)
    for key, criterion in changed.criteria.items():
        if key not in rules.criteria:
            raise InputError(
                f"{rules.name} has no criterion {key!r}.", fix=close(key, rules.criteria)
            )
        must_ask(criterion.when, f"{rules.name}.{key}")
    return dataclasses.replace(
        rules,
        edition=f"{rules.edition} + {changed.edition}",
        criteria={**rules.criteria, **changed.criteria},
        overridden={
            **{key: rules.criteria[key] for key in changed.criteria},
            **rules.overridden,
        },
    )


def judged(rules: RuleSet, facts: Facts) -> tuple[Judged, ...]:
    """Every criterion with its answer, the facts behind it, and those that are missing."""
    return tuple(
        Judged(
            criterion=criterion,
            answer=value(criterion.when, facts),
            read=tuple(name for name in names(criterion.when) if name in facts),
            missing=open_names(criterion.when, facts),
        )
        for criterion in rules.criteria.values()
    )


def _criterion(
    where: str, key: str, body: str, row: Mapping[str, Any], known: Vocabulary
) -> Criterion:
    if unknown := sorted(set(row) - _CRITERION):
        raise InputError(f"{where} has unknown fields: {', '.join(unknown)}.")
    if missing := sorted({"kind", "wording", "source", "confidence", "when"} - set(row)):
        raise InputError(f"{where} lacks {', '.join(missing)}.")
    return Criterion(
        name=key, kind=row["kind"], wording=row["wording"], body=row.get("body", body),
        source=row["source"], confidence=row["confidence"], change=row.get("change", ""),
        when=parsed(row["when"], known, where),
    )  # fmt: skip
