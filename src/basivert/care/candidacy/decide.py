"""The answer of one rule set on one person, with everything it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from basivert.care.answers import Answer
from basivert.care.candidacy.open_facts import standing
from basivert.care.candidacy.sentences import would_change
from basivert.care.facts import Facts, Vocabulary
from basivert.care.rules import Judged, RuleSet, judged

Verdict = Literal["candidate", "not_candidate", "unknown"]
_VERDICTS: Mapping[Answer, Verdict] = {
    Answer.YES: "candidate", Answer.NO: "not_candidate", Answer.UNKNOWN: "unknown",
}  # fmt: skip
EFFECTS: Mapping[Answer, str] = {
    Answer.NO: "excludes", Answer.UNKNOWN: "open", Answer.YES: "supports",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Candidate or not by one rule set.

    reasons: every criterion; those that exclude first, then those still open, then those met.
    missing: facts whose value could still change the answer; empty for a definite one.
    ask: not a candidate by criteria of kind "ask" alone, so the provider decides.
    recorded: facts that were entered and that these rules do not read.
    would_change: sentences on what would change the answer.
    """

    rules: RuleSet
    answer: Verdict
    reasons: tuple[Judged, ...]
    missing: tuple[str, ...]
    ask: bool
    recorded: tuple[str, ...]
    would_change: tuple[str, ...]


def decide(rules: RuleSet, facts: Facts, known: Vocabulary) -> Decision:
    """A candidate where every criterion is met, none where one is not, else unknown."""
    rows = judged(rules, facts)
    found = standing([row.criterion.when for row in rows], facts, known)
    against = [row for row in rows if row.answer is Answer.NO]
    read = {name for row in rows for name in row.read}
    return Decision(
        rules=rules, answer=_VERDICTS[found.answer], missing=found.missing,
        reasons=tuple(sorted(rows, key=lambda row: row.answer.value)),
        ask=bool(against) and all(row.criterion.kind == "ask" for row in against),
        recorded=tuple(name for name in known.kinds if name in facts and name not in read),
        would_change=would_change(rows, facts),
    )  # fmt: skip


def deciding(decision: Decision) -> Sequence[Judged]:
    """The reasons that make the answer what it is."""
    first = decision.reasons[0].answer if decision.reasons else Answer.YES
    return [row for row in decision.reasons if row.answer is first]
