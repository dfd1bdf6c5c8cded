"""Facts that do not go together: said aloud, never resolved by guessing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from basivert.care.facts import Facts
from basivert.constants.model import Table
from basivert.errors import Finding

# Modic types that the indication names.
_TREATED = (1, 2)


def contradictions(facts: Facts, thresholds: Table) -> tuple[Finding, ...]:
    """Pairs of facts that a person should look at again; they change no answer.

    Args:
        facts: of one person.
        thresholds: table with `hu.osteoporosis`, HU, and `t_score.doubtful`, SD.
    """
    given: dict[str, Any] = {name: fact.value for name, fact in facts.items()}
    return tuple(
        Finding(code=code, severity="caution", what=what)
        for code, what in (*_time(given), *_mri(given), *_bone(given, thresholds))
    )


def _time(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    pain, care = given.get("pain_months"), given.get("conservative_care_months")
    if pain is not None and care is not None and care > pain:
        yield (
            "care-longer-than-pain",
            f"{care} months of care are longer than {pain} of pain.",
        )
    age = given.get("age_years")
    if pain is not None and age is not None and pain > 12 * (age + 1):
        yield "pain-longer-than-life", f"{pain} months of pain are longer than {age} years of life."


def _mri(given: dict[str, Any]) -> Iterator[tuple[str, str]]:
    modic = given.get("modic", {})
    if given.get("mri_impossible"):
        if modic:
            yield "mri-impossible", "MRI is said to be impossible, yet Modic types are entered."
        else:
            yield (
                "mri-impossible",
                "Without an MRI the Modic type is unknown: no refusal.",
            )
    beside = {body for disc, kind in modic.items() if kind in _TREATED for body in disc.split("/")}
    if beside and (far := [body for body in given.get("levels", ()) if body not in beside]):
        yield (
            "level-without-modic",
            f"{', '.join(far)} would be treated, but no disc beside it is entered as Modic 1 or 2.",
        )


def _bone(given: dict[str, Any], thresholds: Table) -> Iterator[tuple[str, str]]:
    score = given.get("osteoporosis_t_score")
    above = thresholds["t_score.doubtful"].value
    if score is not None and score > above:
        yield (
            "high-t-score",
            f"A T-score of +{score:g} means bone denser than of most young adults: "
            f"was the minus left out (-{score:g})?",
        )
    cut, density = thresholds["hu.osteoporosis"].value, given.get("bone_hu")
    if density is None or density >= cut:
        return
    then = "measure a T-score" if score is None else f"the T-score is given as {score}"
    yield (
        "low-density-on-ct",
        f"{density:.0f} HU on CT lies below {cut:.0f} HU, a screening cut without calibration, "
        f"in the range of osteoporosis: {then}.",
    )
