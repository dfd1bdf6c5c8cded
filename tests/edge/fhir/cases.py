"""A whole case, and facts of any kind."""

import datetime as dt

from hypothesis import strategies as st

from basivert.edge.fhir.case import case
from basivert.edge.fhir.read import builtin_codes
from tests.edge.fhir.records import TODAY

NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
BARE = {"pseudonym": "P-001", "recorded_by": "ward", "facts": {}}
WHOLE = {
    "pseudonym": "P-001", "recorded_by": "nurse 3", "gender": "female",
    "facts": {
        "pain_months": {"value": 18, "origin": "entered", "on": "2026-11-20"},
        "conservative_care_months": 8, "modic": {"L4/L5": 1, "L5/S1": 2}, "age_years": 50,
        "pregnant": False, "heart_failure": False, "weak_lungs": False, "bleeding_disorder": True,
        "active_infection": False, "implanted_electronics": False, "skeletally_mature": True,
        "osteoporosis_t_score": -1.5, "levels": ["L4", "L5", "S1"],
    },
    "medicines": [
        {"name": "Warfarin 5 MG", "rxnorm": "855332", "status": "active", "since": "2020-01-01"},
        {"name": "garlic", "status": "unknown"}, {"name": "aspirin", "status": "not-taken"},
    ],
    "scores": [
        {"instrument": "odi", "value": 44, "on": "2026-10-20"},
        {"instrument": "odi", "value": 12.5, "on": "2026-11-25"},
        {"instrument": "nrs", "value": 2, "on": "2026-11-25"},
    ],
    "densities": [{"level": "L3", "hu": 112.4, "on": "2026-10-01"}],
    "operation": {
        "start": "2026-11-24T08:00:00+01:00", "end": "2026-11-24T09:15:00+01:00",
        "instruments": [{"name": "probe", "lot": "A1", "maker": "M"}, {"name": "cannula"}],
        "bodies": [
            {"level": "L4", "side": "left", "instruments": ["probe"]},
            {"level": "L5", "side": "right"},
            {"level": "S1", "side": "left", "instruments": ["probe", "cannula"]},
        ],
        "fluoroscopy_s": 312, "dose_area_gym2": 0.0021, "complications": ["bruise"],
    },
    "tasks": [
        {"what": "Ask the prescriber", "owner": "nurse", "due": "2026-11-18T12:00:00+01:00"},
        {"what": "Driver", "owner": "patient", "status": "completed"},
    ],
    "course": {"title": "Aftercare", "activities": ["Rest for 48 hours"]},
    "verdict": {
        "answer": "unknown", "rules_edition": "2026-11", "research_use_only": True,
        "missing": ["radicular_pain_dominant", "heart_failure", "nrs"],
        "reasons": [{"rule": "pain", "source": "fda.2016", "effect": "for",
                     "facts": ["pain_months"]}],
    },
    "events": [
        {"what": "increased pain", "on": "2026-11-26", "level": "L5", "severity": "mild",
         "serious": False},
        {"what": "bleeding", "on": "2026-11-26"},
    ],
    "check_ins": [
        {"day": 1, "at": "2026-11-25T18:00:00+01:00", "answer": "call_today", "edition": "2026-11",
         "answers": {"temperature": 37.2, "unit": "C", "chills": False, "swelling": "same",
                     "drainage": True}},
    ],
    "plans": [
        {"digest": "a" * 64, "level": "L4", "side": "left", "coverage_planned": 0.93,
         "coverage_treated": 0.88, "margins_mm": {"posterior": 6.2, "medial": 1.4}},
    ],
}  # fmt: skip


def made(**changes):
    return case({**BARE, **changes})


def _one(kind):
    match kind.shape:
        case "number":
            return st.integers(int(kind.low), int(kind.high)) | st.floats(kind.low, kind.high)
        case "yes_no":
            return st.booleans()
        case "by_place":
            return st.dictionaries(
                st.sampled_from(kind.places), st.sampled_from(kind.choices), min_size=1
            )
        case "places":
            return st.lists(st.sampled_from(kind.places), min_size=1, unique=True)
        case _:
            return st.sampled_from(kind.choices)


def _dated(values):
    days = st.none() | st.integers(0, 27).map(lambda days: str(TODAY - dt.timedelta(days=days)))
    return st.builds(lambda value, on: {"value": value, "on": on}, values, days)


def any_facts():
    """Facts of the vocabulary, each known or left out, dated within four weeks or not."""
    _, known = builtin_codes()
    return st.fixed_dictionaries(
        {}, optional={name: _dated(_one(kind)) for name, kind in known.kinds.items()}
    )
