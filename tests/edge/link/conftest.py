"""A stored case with everything that a clinic can know of it."""

import datetime as dt

import pytest

from basivert.care.candidacy.entered import entered
from basivert.edge.fhir.read import builtin_codes
from basivert.edge.store import cases, facts, outcomes, records, recovery
from tests.care.procedure.records import whole as whole_record
from tests.edge.store.conftest import (  # noqa: F401  fixtures of the store
    clock,
    made_database,
    made_file,
    opened,
    other,
    server,
    store,
    team,
    url,
)
from tests.edge.store.test_clinic_commands import call  # noqa: F401

KNOWN = {
    "heart_failure": True, "active_infection": False, "implanted_electronics": False,
    "pregnant": {"value": False, "on": "2026-11-01"}, "pain_months": 18, "modic": {"L4/L5": 1},
    "nrs": {"value": 7, "on": "2026-11-01"}, "levels": ["L4", "L5"], "bmi": 27.4,
    "lumbar_surgery": "none",
}  # fmt: skip
NOT_KNOWN = ("weak_lungs", "odi")
VERDICT = {
    "answer": "not_candidate", "rules_edition": "default 2026-11", "missing": ["odi"],
    "reasons": [{"rule": "heart", "source": "page", "effect": "against",
                 "facts": {"heart_failure": {"value": True, "origin": "entered", "on": None}}}],
}  # fmt: skip
MEDICINES = [
    "Plavix 75 mg", {"text": "Warfarin 5 MG", "status": "stopped", "rxnorm": "855332",
                     "origin": "FHIR MedicationRequest/m1", "on": "2020-01-01"},
]  # fmt: skip


def fill(place, actor, case):
    """All that is kept of a case, as the pages would enter it."""
    known = builtin_codes()[1]
    with place.writing(actor) as work:
        given = entered(KNOWN, known, origin="entered")
        version = cases.case(work, case).version
        version = facts.enter(work, case, given, version=version, unknown=NOT_KNOWN)
        at = dt.datetime(2026, 12, 21, 16, tzinfo=dt.UTC)
        cases.set_procedure(work, case, version=version, at=at)
        facts.keep_verdict(
            work, case, answer="not_candidate", edition="default 2026-11", document=VERDICT
        )
        records.keep(work, case, "preparation", {"medicines": MEDICINES}, version=None)
        records.keep(work, case, "procedure", whole_record(), version=None)
        lines = [{"code": "driver", "wording": "A driver", "owner": "patient", "due_at": at},
                 {"code": "fasting", "wording": "Fasting"}]  # fmt: skip
        records.lay_out(work, case, "preparation", lines)
        recovery.add_checkin(
            work, case, day=1, answers={"day": 1, "temperature": 38.4, "unit": "C", "chills": True},
            answer="call_now", edition="2026-11", document={},
        )  # fmt: skip
        day = dt.date(2026, 11, 2)
        for name, score in (("nrs", 7), ("vas_mm", 61), ("opioids", 1)):
            outcomes.enter_outcome(
                work, case, instrument=name, visit="baseline", on=day, score=score
            )
        outcomes.enter_outcome(
            work, case, instrument="odi", visit="m3", on=None, score=None, missing="moved"
        )
        plan = outcomes.link_plan(
            work, case, digest="b" * 64, level="L4", side="left", coverage=0.93,
            margins_mm={"medial": 1.5}, document={},
        )  # fmt: skip
        outcomes.set_treated(work, plan, version=1, coverage=0.9)
        outcomes.add_event(
            work, case, kind="bleeding", grade=3, on=day, level="L4", plan=plan,
            note="Zzqpatient bled",
        )  # fmt: skip


@pytest.fixture
def filled(store, team, opened):  # noqa: F811
    fill(store, team.physician, opened[1])
    return opened
