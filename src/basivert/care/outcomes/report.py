"""The registry's report: every number with its interval, who is missing, and whose rule it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from basivert.care.outcomes.changes import changes
from basivert.care.outcomes.charts import beside, funnels, run
from basivert.care.outcomes.durability import (
    Curve,
    at,
    kaplan_meier,
    response_times,
    retreatment_times,
)
from basivert.care.outcomes.events import by_margin, harms, published
from basivert.care.outcomes.missing import readings
from basivert.care.outcomes.registry import Registry
from basivert.care.outcomes.responders import Followed, Response, definitions, followed, responses
from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.outcomes.schedule import visits
from basivert.care.outcomes.subgroups import Group, Subgroups, subgroups, withheld

# say(share, step): share done 0-1, and what is being computed.
Progress = Callable[[float, str], None]
NOTICE = "Research use only. Not a medical device."


def report(
    registry: Registry, rules: OutcomeRules, *, say: Progress = lambda share, step: None
) -> dict[str, Any]:
    """All sections for programs; `docs/outcomes.md` explains each.

    The registry's own day decides what is due (`registry.known_by` sets it back).

    Args:
        say: told before each part which share of all is done, 0-1, and what comes now.
    """
    say(0.0, "sorting scores by visit")
    held = followed(registry, rules)
    made: dict[str, Any] = {
        "research_use_only": True, "notice": NOTICE, "registry": registry.name,
        "as_of_day": registry.as_of_day, "patients": len(registry.patients),
        "rules_edition": rules.edition,
        "editions": rules.editions, "clinic_edition": rules.clinic,
        "definitions": [_definition(one.key, rules) for one in definitions(rules)],
        "visits": [asdict(visit) for visit in visits(rules)],
    }  # fmt: skip
    for number, (name, words, section) in enumerate(SECTIONS, 1):
        say(number / (len(SECTIONS) + 1), words)
        made[name] = section(held)
    return made


def response_row(one: Response) -> dict[str, Any]:
    """A rate for programs, its counts beside it."""
    counts = asdict(one)
    rate = counts.pop("rate")
    return {
        "definition": counts.pop("definition"), "visit": counts.pop("visit"),
        "responders": rate["hits"], "seen": rate["n"], **counts,
        **{key: rate[key] for key in ("rate", "low", "high", "level")},
    }  # fmt: skip


def scores(held: Followed) -> dict[str, Any]:
    """How many scores there are, and which belong to no visit."""
    registry, spare, outside = held.registry, [], []
    for patient, mine in zip(registry.patients, held.placed, strict=True):
        for found in mine.values():
            spare += [{"patient": patient.id, **asdict(score)} for score in found.spare]
            outside += [{"patient": patient.id, **asdict(score)} for score in found.outside]
    return {
        "entered": sum(len(patient.scores) for patient in registry.patients),
        "unscored": registry.unscored, "spare": spare, "outside_windows": outside,
    }  # fmt: skip


def benchmarks(held: Followed) -> dict[str, Any]:
    """Published rates beside our own, with their funnels."""
    return {
        "limits": dict(held.rules["charts"]["funnel"]),
        "studies": [asdict(one) for one in beside(held)],
        "funnels": [asdict(one) for one in funnels(held)],
    }


def run_chart(held: Followed) -> dict[str, Any]:
    """The rate by period of the procedure, with the rules of its signals."""
    return asdict(run(held)) | {"rules": held.rules["charts"]["run"]}


def _definition(key: str, rules: OutcomeRules) -> dict[str, Any]:
    row = rules["responders"]["definition"][key]
    names = ("of", "measure", "sign", "threshold", "wording", "source", "confidence")
    return {"key": key, **{name: row[name] for name in names}}


def mean_changes(held: Followed) -> dict[str, Any]:
    """Mean changes of pain and ODI, and the published ones."""
    rows = held.rules["benchmarks"]["change"]
    return {
        "means": [asdict(one) for one in changes(held)],
        "published": [{"key": key, **row} for key, row in rows.items()],
    }


def missing_data(held: Followed) -> dict[str, Any]:
    """Complete case, worst and best case and imputation, side by side."""
    table = held.rules["analysis"]["imputation"]
    found = readings(held, np.random.default_rng(table["seed"]))
    return {"imputation": dict(table), "rates": [asdict(one) for one in found]}


def durability(held: Followed) -> dict[str, Any]:
    """How long a response lasts, and the time to a further treatment."""
    table = held.rules["analysis"]["durability"]
    days = {v.key: v.day for v in held.plan if v.key in table["horizons"]}
    level = float(table["level"])
    return {
        "rules": dict(table),
        "loss_of_response": curve_row(kaplan_meier(response_times(held), level), days)
        | {"origin": "first visit with a response", "event": "first visit without",
           "competing": "a further treatment"},
        "retreatment": curve_row(kaplan_meier(retreatment_times(held.registry), level), days)
        | {"origin": "the procedure", "event": "first further treatment", "competing": "death"},
    }  # fmt: skip


def curve_row(curve: Curve, days: dict[str, int]) -> dict[str, Any]:
    """A curve for programs, with its values at some days."""
    return {
        **asdict(curve),
        "horizons": [
            {"visit": key, "watched": (step := at(curve, day)) is not None,
             **(asdict(step) if step else {"day": day, "at_risk": 0})}
            for key, day in days.items()
        ],
    }  # fmt: skip


def events(held: Followed) -> dict[str, Any]:
    """Harm by kind, by the plan's margins, and beside the published rates."""
    registry, rules = held.registry, held.rules
    table = rules["events"]
    return {
        "grades": table["grade_source"], "serious_from": table["serious_from"],
        "kinds": [asdict(one) for one in harms(registry, rules)],
        "nerve_damage_by_margin": _margins(held),
        "published": [asdict(one) for one in published(registry, rules)],
    }  # fmt: skip


def _margins(held: Followed) -> list[dict[str, Any]]:
    """Groups of planned margins; small ones are withheld, with others that would give them away."""
    rows = by_margin(held.registry, held.rules, "nerve_damage")
    hidden = withheld(
        {str(number): (row.rate.n,) for number, row in enumerate(rows) if row.rate.n},
        int(held.rules["analysis"]["cells"]["smallest"]),
    )
    return [
        {**asdict(row), "withheld": True, "rate": None} if str(number) in hidden
        else {**asdict(row), "withheld": False}
        for number, row in enumerate(rows)
    ]  # fmt: skip


def _subgroup(one: Subgroups) -> dict[str, Any]:
    return {
        "trait": one.trait, "wording": one.wording, "definition": one.definition,
        "visit": one.visit, "groups": [group_row(group) for group in one.groups],
    }  # fmt: skip


def group_row(group: Group) -> dict[str, Any]:
    """A group for programs: only what may be shown of it."""
    if group.found is None:
        return {"name": group.name, "withheld": True}
    row = response_row(group.found)
    names = ("treated", "due", "seen", "responders", "rate", "low", "high", "level")
    return {"name": group.name, "withheld": False, **{name: row[name] for name in names}}


SECTIONS: tuple[tuple[str, str, Callable[[Followed], Any]], ...] = (
    ("scores", "scores that belong to no visit", scores),
    ("responders", "responders", lambda held: [response_row(one) for one in responses(held)]),
    ("changes", "mean changes", mean_changes),
    ("missing_data", "what missing scores could mean", missing_data),
    ("durability", "how long it lasts", durability),
    ("events", "harm", events),
    ("benchmarks", "published figures", benchmarks),
    ("run_chart", "the run chart", run_chart),
    ("subgroups", "subgroups", lambda held: [_subgroup(one) for one in subgroups(held)]),
)
