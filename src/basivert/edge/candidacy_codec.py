"""The answer on a candidate as JSON, for the command line and the pages alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from basivert.care.candidacy.benefit import Benefit, Rate, benefit
from basivert.care.candidacy.consistency import contradictions
from basivert.care.candidacy.decide import EFFECTS, Decision, decide, deciding
from basivert.care.candidacy.editions import (
    KINDS,
    candidate_facts,
    edition,
    edition_names,
    label,
)
from basivert.care.facts import Facts, Vocabulary
from basivert.care.rules import Judged, RuleSet
from basivert.constants.load import builtin
from basivert.errors import Finding


@dataclass(frozen=True, slots=True, kw_only=True)
class Considered:
    """One person by all rule sets.

    decision: by the rule set that was asked for; others: by every other one that ships.
    """

    facts: Facts
    decision: Decision
    others: Sequence[Decision]
    notes: Sequence[Finding]
    benefit: Benefit


def considered(facts: Facts, chosen: RuleSet, known: Vocabulary) -> Considered:
    """One person by the chosen rule set and by every other one that ships.

    A rule set that a clinic changed stands beside the one that shipped.
    """
    others = [one for one in _shipped() if label(one) != label(chosen)]
    return Considered(
        facts=facts, decision=decide(chosen, facts, known),
        others=[decide(one, facts, known) for one in others],
        notes=contradictions(facts, builtin("thresholds")), benefit=benefit(facts),
    )  # fmt: skip


def candidacy_document(found: Considered) -> dict[str, Any]:
    """The stable fields first; see docs/rules.md."""
    decision = found.decision
    return {
        "research_use_only": True, "answer": decision.answer,
        "reasons": [_reason(row, found.facts) for row in decision.reasons],
        "missing": list(decision.missing), "rules_edition": label(decision.rules),
        "ask_the_provider": decision.ask, "would_change": list(decision.would_change),
        "rules": _rules(decision), "recorded_but_not_judged": list(decision.recorded),
        "notes": [{"code": note.code, "what": note.what} for note in found.notes],
        "editions": [_edition(one, found.facts) for one in found.others],
        "benefit": _benefit(found.benefit),
    }  # fmt: skip


@cache
def _shipped() -> tuple[RuleSet, ...]:
    known = candidate_facts()
    return tuple(edition(name, known) for name in edition_names())


def _rules(decision: Decision) -> dict[str, Any]:
    rules = decision.rules
    return {
        "name": rules.name, "title": rules.title, "edition": rules.edition, "body": rules.body,
        "source": rules.source, "note": rules.note,
        "overridden": [
            {"rule": name, "shipped": before.wording, "now": rules.criteria[name].wording,
             "source": rules.criteria[name].source}
            for name, before in rules.overridden.items()
        ],
    }  # fmt: skip


def _edition(decision: Decision, facts: Facts) -> dict[str, Any]:
    rules = decision.rules
    return {
        "name": rules.name, "title": rules.title, "body": rules.body,
        "rules_edition": label(rules), "note": rules.note, "answer": decision.answer,
        "ask_the_provider": decision.ask,
        "reasons": [_reason(row, facts) for row in deciding(decision)],
        "missing": list(decision.missing),
    }  # fmt: skip


def _reason(row: Judged, facts: Facts) -> dict[str, Any]:
    rule = row.criterion
    return {
        "rule": rule.name, "source": rule.source, "effect": EFFECTS[row.answer],
        "facts": {name: _fact(facts, name) for name in row.read}, "missing": list(row.missing),
        "body": rule.body, "kind": rule.kind, "kind_means": KINDS[rule.kind],
        "wording": rule.wording, "confidence": rule.confidence,
    }  # fmt: skip


def _fact(facts: Facts, name: str) -> dict[str, Any]:
    fact = facts[name]
    value: Any = fact.value
    return {
        "value": list(value) if isinstance(value, tuple) else
        dict(value) if isinstance(value, Mapping) else value,
        "origin": fact.origin, "on": None if fact.on is None else fact.on.isoformat(),
    }  # fmt: skip


def _benefit(found: Benefit) -> dict[str, Any]:
    return {
        "promise": found.promise, "prediction": found.prediction,
        "prediction_source": found.prediction_source,
        "rates": [_rate(one) for one in found.rates],
        "fractures": [_rate(one) for one in found.fractures],
        "fracture_group": found.fracture_group or None, "fracture_note": found.fracture_note,
        "edition": found.edition,
    }  # fmt: skip


def _rate(rate: Rate) -> dict[str, Any]:
    interval = rate.interval
    return {
        "name": rate.name, "study": rate.study, "months": rate.months or None,
        "measure": rate.measure, "sign": rate.sign, "bound": rate.bound,
        "share": round(rate.share, 6),
        "interval_95": None if interval is None else [interval.low, interval.high],
        "interval_basis": rate.interval_basis, "n": rate.n or None, "seen": rate.seen or None,
        "treated": rate.treated or None, "population": rate.population, "source": rate.source,
        "confidence": rate.confidence,
    }  # fmt: skip
