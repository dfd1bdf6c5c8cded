"""Rule sets on who is a candidate: one author and edition each, side by side, never merged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from basivert.care.candidacy.decide import decide
from basivert.care.facts import Vocabulary, close, vocabulary
from basivert.care.rules import RuleSet, override, rule_set
from basivert.constants.load import document, names
from basivert.errors import InputError

DEFAULT = "default"
_FOLDER = "care/candidacy"
# What a criterion is for; "excluded by the trial" and "excluded by safety" must never blur.
KINDS: Mapping[str, str] = {
    "indication": "what the procedure is for",
    "safety": "excluded for safety",
    "ask": "probably not a candidate: ask the provider",
    "selection": "who took part in the trial, not who may be treated",
    "coverage": "what the payer pays for",
}


def candidate_facts() -> Vocabulary:
    """What may be known of a candidate."""
    return vocabulary(document("care/candidacy_facts"))


def edition_names() -> tuple[str, ...]:
    """Names of the rule sets that ship, the starting one first."""
    found = [name.removeprefix(f"{_FOLDER}/") for name in names(_FOLDER)]
    return (DEFAULT, *(name for name in found if name != DEFAULT))


def edition(name: str, known: Vocabulary) -> RuleSet:
    """A rule set that ships. Raises InputError with close names for another."""
    shipped = edition_names()
    if name not in shipped:
        raise InputError(f"There is no rule set {name!r}.", fix=close(name, dict.fromkeys(shipped)))
    return own_edition(document(f"{_FOLDER}/{name}"), known)


def own_edition(written: Mapping[str, Any], known: Vocabulary) -> RuleSet:
    """A rule set from a document. Raises InputError for anything unknown in it, kinds too."""
    return _kinds_checked(rule_set(written, known))


def overridden(rules: RuleSet, written: Mapping[str, Any], known: Vocabulary) -> RuleSet:
    """A rule set with a clinic's criteria in the place of its own.

    Raises: InputError where the document is for another rule set, replaces what is not there, or
        has conditions that decide before anything is known, alone or by contradicting each other.
    """
    if "name" in written and written["name"] != rules.name:
        raise InputError(
            f"These changes are for the rule set {written['name']}, not for {rules.name}.",
            fix=f'Write name = "{rules.name}", or choose --rules {written["name"]}.',
        )
    made = _kinds_checked(override(rules, written, known))
    _open(made, rules, known)
    return made


def label(rules: RuleSet) -> str:
    """Which rules decided: name and edition, the clinic's too."""
    return f"{rules.name} {rules.edition}"


def _open(made: RuleSet, before: RuleSet, known: Vocabulary) -> None:
    """Raises InputError for conditions that no person could meet: nobody need be asked any more."""
    found = decide(made, {}, known).answer
    if found != "unknown" and decide(before, {}, known).answer == "unknown":
        raise InputError(
            f"With these rules everybody is {found.replace('_', ' ')}, whatever is known.",
            fix="Look for conditions that contradict each other.",
        )


def _kinds_checked(rules: RuleSet) -> RuleSet:
    for criterion in rules.criteria.values():
        if criterion.kind not in KINDS:
            raise InputError(
                f"{rules.name}.{criterion.name}: there is no kind {criterion.kind!r}.",
                fix=f"Use {', '.join(KINDS)}.",
            )
    return rules
