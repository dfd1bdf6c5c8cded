"""Records that fit."""

from basivert.care.expressions import names

WHOLE = {
    "pain_months": 24, "conservative_care_months": 12, "modic": {"L4/L5": 1, "L5/S1": 2},
    "nrs": 7, "odi": 44, "age_years": 48, "skeletally_mature": True, "pregnant": False,
    "implanted_electronics": False, "active_infection": False, "heart_failure": False,
    "weak_lungs": False, "bleeding_disorder": False, "spine_fracture_or_tumour": False,
    "osteoporosis_t_score": -0.8, "radicular_pain_dominant": False, "levels": ["L4", "L5", "S1"],
}  # fmt: skip
STABLE = set(WHOLE)
FITTING = {
    **WHOLE, "modic": {**dict.fromkeys(["T12/L1", "L1/L2", "L2/L3", "L3/L4"], 0), **WHOLE["modic"]},
    "severe_heart_or_lung_disease": False, "ablation_distance_mm": 11.5, "bone_hu": 160,
    "metabolic_bone_disease": False, "facet_pain": False, "symptomatic_stenosis": False,
    "other_pain_source": False, "scoliosis": False, "spondylolysis": False,
    "spondylolisthesis_mm": 0, "disc_extrusion": False, "disc_protrusion_mm": 2,
    "lumbar_surgery": "discectomy_or_laminectomy", "months_since_lumbar_surgery": 20,
    "leg_pain_gone": True, "ablated_before": False, "bmi": 27, "beck_score": 8,
    "waddell_signs": 0, "litigation": False, "disability_compensation": False,
    "extended_release_opioids": False, "structured_care_months": 7, "cbt_sessions": 4,
    "modic_in_mri_report": True, "daily_life_limited": True, "pain_worse_sitting_or_bending": True,
}  # fmt: skip


def whole_for(rules, known):
    """A record that meets every criterion of a rule set, with no other fact than it reads."""
    read = {name for one in rules.criteria.values() for name in names(one.when)}
    whole = {name: FITTING[name] for name in known.kinds if name in read}
    if rules.name == "smart_2018":
        whole["lumbar_surgery"] = "none"
    return whole
