"""Pain relievers from the shop against a patient's own cautions: an unknown means ask first."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from basivert.care.answers import Answer
from basivert.care.facts import Facts, Vocabulary, facts, vocabulary
from basivert.care.rules import Judged, RuleSet, judged, override, rule_set
from basivert.constants.load import builtin, document
from basivert.constants.load import override as override_limits
from basivert.constants.model import Table
from basivert.errors import InputError

Verdict = Literal["avoid", "ask_first", "by_label"]
MEDICINES = ("acetaminophen", "ibuprofen")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReliefRules:
    """What is asked, what it means, and how much is the most; each with edition and source."""

    known: Vocabulary
    cautions: RuleSet
    limits: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """One medicine for one patient.

    verdict: `avoid`, `ask_first`, or `by_label` where every caution was answered no.
    reasons: cautions that are there; else those that are open.
    missing: names that would have to be known.
    most_mg: in 24 hours without a doctor, mg.
    """

    medicine: str
    verdict: Verdict
    reasons: tuple[Judged, ...]
    missing: tuple[str, ...]
    most_mg: float


def relief_rules() -> ReliefRules:
    """The rules as they ship."""
    known = vocabulary(document("care/recovery/caution_facts"))
    cautions = rule_set(document("care/recovery/relief_cautions"), known)
    limits = builtin("care/recovery/relief_limits")
    return ReliefRules(known=known, cautions=cautions, limits=limits)


def with_cautions(rules: ReliefRules, changes: Mapping[str, Any]) -> ReliefRules:
    """The rules with single cautions of a clinic. Raises InputError for a weakened or new one."""
    changed = override(rules.cautions, changes, rules.known)
    for name, one in changed.criteria.items():
        before = rules.cautions.criteria[name].kind
        if one.kind not in (before, before.replace(".ask", ".avoid")):
            raise InputError(f"{rules.cautions.name}.{name} is {before}, not {one.kind!r}.")
    return dataclasses.replace(rules, cautions=changed)


def with_limits(rules: ReliefRules, changes: Mapping[str, Any]) -> ReliefRules:
    """The rules with a clinic's own limits. Raises InputError for one above the label's."""
    limits = override_limits(rules.limits, changes)
    for medicine in MEDICINES:
        day, most = limits[f"{medicine}.day"], rules.limits[f"{medicine}.label_most"]
        if not 0 < day.value <= most.value or limits[f"{medicine}.label_most"] != most:
            raise InputError(
                f"{medicine}.day is {day.value} mg.",
                fix=f"The label's most is {most.value} mg, and stays.",
            )
    return dataclasses.replace(rules, limits=limits)


def cautions(entered: Mapping[str, Any], rules: ReliefRules, *, origin: str) -> Facts:
    """A patient's cautions. Raises RecordError for an unknown name or a wrong value."""
    return facts(entered, rules.known, origin=origin)


def relief(known: Facts, rules: ReliefRules) -> tuple[Relief, ...]:
    """What may be said of each medicine."""
    found = judged(rules.cautions, known)
    return tuple(_of(medicine, found, rules) for medicine in MEDICINES)


def _of(medicine: str, found: tuple[Judged, ...], rules: ReliefRules) -> Relief:
    rows = [row for row in found if row.criterion.kind.split(".")[0] == medicine]
    there = [row for row in rows if row.answer is Answer.YES]
    still = [row for row in rows if row.answer is Answer.UNKNOWN]
    if any(row.criterion.kind.endswith(".avoid") for row in there):
        verdict: Verdict = "avoid"
    else:
        verdict = "ask_first" if there or still else "by_label"
    return Relief(
        medicine=medicine, verdict=verdict, reasons=tuple(there or still),
        missing=tuple(dict.fromkeys(name for row in still for name in row.missing)),
        most_mg=rules.limits[f"{medicine}.day"].value,
    )  # fmt: skip
