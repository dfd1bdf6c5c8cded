"""The stable names of a candidate's facts."""

from basivert.care.facts import vocabulary
from basivert.constants.load import document

STABLE = {
    "pain_months", "conservative_care_months", "modic", "nrs", "odi", "age_years",
    "skeletally_mature", "pregnant", "implanted_electronics", "active_infection", "heart_failure",
    "weak_lungs", "bleeding_disorder", "spine_fracture_or_tumour", "osteoporosis_t_score",
    "radicular_pain_dominant", "levels",
}  # fmt: skip


def test_the_names_that_programs_rely_on_are_there():
    assert STABLE <= set(vocabulary(document("care/candidacy_facts")).kinds)
