"""The tables of outcomes as they decide in a clinic today: as they ship, or with its own file."""

from __future__ import annotations

from functools import lru_cache

from basivert.care.outcomes.rules import OutcomeRules, outcome_rules
from basivert.care.own_rules import OUTCOMES, changed
from basivert.edge.store import own_rules
from basivert.edge.store.work import Work
from basivert.edge.toml_file import toml_of
from basivert.errors import InputError, RecordError


def own_outcome_rules(work: Work) -> OutcomeRules:
    """What `basivert outcomes report --rules FILE` reads, with the file in force today.

    Raises: RecordError where that file does not fit this version.
    """
    one = own_rules.standing(work).get(OUTCOMES)
    if one is None:
        return outcome_rules()
    try:
        return _put_in(one.written)
    except InputError as problem:
        raise RecordError(
            f"The clinic's own rules {one.edition} do not fit this version: {problem}",
            fix="An administrator takes them back under Settings, or puts corrected ones in force.",
        ) from problem


@lru_cache(maxsize=16)
def _put_in(written: str) -> OutcomeRules:
    made = changed(OUTCOMES, toml_of(written.encode(), "The file"))
    assert isinstance(made, OutcomeRules)
    return made
