"""Warning signs as a rule set, with a clinic's changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.care.expressions import Comparison, Expression, Group
from basivert.care.facts import Vocabulary
from basivert.care.rules import Criterion, RuleSet, override, rule_set
from basivert.constants.load import document
from basivert.errors import InputError

# Most urgent first; a watched sign only adds a sentence and decides nothing.
TIERS = ("emergency", "call_now", "call_today")
WATCH = "watch"
FEVER = "fever"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """Where fever begins in one unit: `test` is `over` or `at_least`, `bound` in that unit."""

    test: str
    bound: float | int


def warning_signs(known: Vocabulary) -> RuleSet:
    """The signs as they ship."""
    return rule_set(document("care/recovery/warning_signs"), known)


def overridden(signs: RuleSet, changes: Mapping[str, Any], known: Vocabulary) -> RuleSet:
    """The signs with some replaced by a clinic's own.

    Raises: InputError for a sign that there is not, an unknown tier, or an emergency made less.
    """
    if changes.get("name") != signs.name:
        raise InputError(
            f"The override is for {changes.get('name')!r}, not for {signs.name!r}.",
            fix=f'Write name = "{signs.name}".',
        )
    changed = override(signs, changes, known)
    for name, sign in changed.criteria.items():
        before = signs.criteria[name].kind
        if sign.kind == before:
            continue
        if before in ("emergency", WATCH):
            raise InputError(
                f"{signs.name}.{name} is {before} and cannot become {sign.kind!r}.",
                fix="An emergency stays one; leave its kind as it is.",
            )
        if sign.kind not in TIERS:
            raise InputError(
                f"{signs.name}.{name} has kind {sign.kind!r}.", fix=f"Choose {', '.join(TIERS)}."
            )
    fever_limits(changed.criteria[FEVER])
    return changed


def fever_limits(sign: Criterion) -> dict[str, Limit]:
    """Unit → limit, as the sign's condition has it.

    Raises: InputError where a unit has no limit: a fever in that unit would go unseen.
    """
    found = _limits(sign.when)
    if sorted(found) != ["C", "F"]:
        raise InputError(
            "fever needs a limit for °C and one for °F.",
            fix="Write its condition as in care/recovery/warning_signs.toml.",
        )
    return found


def _limits(when: Expression) -> dict[str, Limit]:
    if not isinstance(when, Group):
        return {}
    if when.joined == "any":
        return {unit: limit for part in when.parts for unit, limit in _limits(part).items()}
    tests = {part.fact: part for part in when.parts if isinstance(part, Comparison)}
    if when.joined != "all" or set(tests) != {"unit", "temperature"} or len(when.parts) != 2:
        return {}
    limit = tests["temperature"]
    if limit.test not in ("over", "at_least"):
        return {}
    return {str(tests["unit"].bound): Limit(test=limit.test, bound=limit.bound)}
