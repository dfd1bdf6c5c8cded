"""Facts that do not go together are said, and change nothing."""

import pytest

from basivert.care.candidacy.consistency import contradictions
from basivert.care.candidacy.editions import candidate_facts
from basivert.care.candidacy.entered import entered
from basivert.constants.load import builtin

from .records import FITTING, WHOLE


@pytest.mark.parametrize(
    ("record", "codes"),
    [
        (WHOLE, []), (FITTING, []), ({}, []),
        ({"pain_months": 6, "conservative_care_months": 7}, ["care-longer-than-pain"]),
        ({"pain_months": 6, "conservative_care_months": 6}, []),
        ({"pain_months": 300, "age_years": 20}, ["pain-longer-than-life"]),
        ({"mri_impossible": True}, ["mri-impossible"]),
        ({"modic": {"L4/L5": 1, "L5/S1": 0}, "levels": ["L5", "S1"]}, ["level-without-modic"]),
        ({"bone_hu": 109.9}, ["low-density-on-ct"]), ({"bone_hu": 110}, []),
        ({"osteoporosis_t_score": 2.5}, ["high-t-score"]), ({"osteoporosis_t_score": -2.5}, []),
        ({"osteoporosis_t_score": 1.0}, []),
    ],
)  # fmt: skip
def test_contradictions_are_named(record, codes):
    facts = entered(record, candidate_facts(), origin="test")
    found = contradictions(facts, builtin("thresholds"))
    assert [one.code for one in found] == codes
    assert {one.severity for one in found} <= {"caution"}
