"""The report of 500 simulated patients against a second computation that shares no code with it."""

import json
import warnings
from fractions import Fraction

import numpy as np
import pytest
from scipy.stats import beta, ttest_1samp

from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.registry import known_by
from basivert.care.outcomes.report import report
from basivert.care.outcomes.responders import definition, followed, response
from basivert.care.outcomes.rules import outcome_rules

from .simulated import clinic

VISITS = {"w6": (42, 14), "m3": (91, 14), "m6": (183, 30), "m12": (365, 30), "m24": (731, 61),
          "m36": (1096, 61)}  # fmt: skip
HALF, ALL = Fraction(1, 2), Fraction(1)
# Definition: score, and whether baseline b and score f (exact numbers) are a response.
RULES = {
    "pain_50": ("nrs", lambda b, f: (b - f) / b >= HALF),
    "pain_over_50": ("nrs", lambda b, f: (b - f) / b > HALF),
    "pain_75": ("nrs", lambda b, f: (b - f) / b >= Fraction(3, 4)),
    "pain_over_75": ("nrs", lambda b, f: (b - f) / b > Fraction(3, 4)),
    "pain_100": ("nrs", lambda b, f: f == 0),
    "pain_free": ("nrs", lambda b, f: f == 0),
    "pain_mcid": ("nrs", lambda b, f: b - f >= 2),
    "pain_30": ("nrs", lambda b, f: (b - f) / b >= Fraction(3, 10)),
    "odi_10": ("odi", lambda b, f: b - f >= 10),
    "odi_15": ("odi", lambda b, f: b - f >= 15),
    "odi_20": ("odi", lambda b, f: b - f >= 20),
    "odi_30": ("odi", lambda b, f: (b - f) / b >= Fraction(3, 10)),
    "opioids_stopped": ("opioids", lambda b, f: f == 0),
    "no_opioids": ("opioids", lambda b, f: f == 0),
    "satisfied": ("satisfied", lambda b, f: f == 1),
}


@pytest.fixture(scope="module")
def document():
    return clinic(500, 11)


@pytest.fixture(scope="module")
def made(document):
    rules = outcome_rules()
    return report(registry(document, rules), rules)


def values(patient, name):
    """Day and value of a score: the simulator gives ODI as points of 50."""
    rows = [r for r in patient["scores"] if r["instrument"] == name]
    return [(r["day"], Fraction(r.get("value", 2 * r.get("total", 0)))) for r in rows]


def scored(patient, name, visit):
    day, room = VISITS[visit]
    inside = sorted((abs(d - day), d, v) for d, v in values(patient, name) if abs(d - day) <= room)
    return inside[0][1:] if inside else None


def baseline(patient, name):
    return max(((d, v) for d, v in values(patient, name) if -90 <= d <= 0), default=(0, None))[1]


def is_due(patient, visit, as_of):
    last = sum(VISITS[visit])
    left = patient.get("left", {})
    dead = left.get("why") == "death" and left["day"] <= last
    return patient["procedure_day"] + last <= as_of and not dead


def counted(document, key, visit):
    name, good = RULES[key]
    due = [p for p in document["patients"] if is_due(p, visit, document["as_of_day"])]
    if key == "opioids_stopped":  # of those who took them
        due = [p for p in due if baseline(p, name) != 0]
    seen = [p for p in due if scored(p, name, visit)]
    hits = sum(good(baseline(p, name), scored(p, name, visit)[1]) for p in seen)
    return hits, len(seen), len(due)


def clopper_pearson(hits, n):
    low = beta.ppf(0.025, hits, n - hits + 1) if hits else 0.0
    return low, (beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1.0)


@pytest.mark.parametrize("key", RULES)
def test_every_rate_to_the_last_digit(document, made, key):
    rows = {r["visit"]: r for r in made["responders"] if r["definition"] == key}
    assert set(VISITS) == set(rows)
    readings = {r["visit"]: r for r in made["missing_data"]["rates"] if r["definition"] == key}
    for visit, row in rows.items():
        hits, seen, due = counted(document, key, visit)
        assert (row["responders"], row["seen"]) == (hits, seen)
        assert row["due"] - row["undefined"] == due
        assert row["treated"] == 500 and row["missing"] == due - seen
        assert row["rate"] == (hits / seen if seen else None)
        if seen:
            assert (row["low"], row["high"]) == pytest.approx(clopper_pearson(hits, seen),
                                                              rel=1e-10)  # fmt: skip
        read = readings[visit]
        assert read["worst"]["rate"] == hits / due
        assert read["best"]["rate"] == (hits + due - seen) / due


@pytest.mark.parametrize(("measure", "name"), [("pain", "nrs"), ("odi", "odi")])
def test_mean_changes_to_the_last_digit(document, made, measure, name):
    rows = {c["visit"]: c for c in made["changes"]["means"] if c["measure"] == measure}
    for visit, row in rows.items():
        due = [p for p in document["patients"] if is_due(p, visit, document["as_of_day"])]
        pairs = [(baseline(p, name), scored(p, name, visit)[1])
                 for p in due if scored(p, name, visit)]  # fmt: skip
        steps = np.array([float(f - b) for b, f in pairs])
        ends = ttest_1samp(steps, 0).confidence_interval(0.95)
        assert (row["seen"], row["due"]) == (len(steps), len(due))
        assert row["change"] == pytest.approx(steps.mean(), rel=1e-12)
        assert (row["low"], row["high"]) == pytest.approx((ends.low, ends.high), rel=1e-9)
        assert row["baseline"] == pytest.approx(np.mean([float(b) for b, _ in pairs]), rel=1e-12)


def test_durability_to_the_last_digit(document, made):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library = pytest.importorskip("lifelines", reason="lifelines is not installed")
        days, causes = zip(*filter(None, map(lasted, document["patients"])), strict=True)
        fitted = library.KaplanMeierFitter(alpha=0.05).fit(days, [c == 1 for c in causes])
    found = made["durability"]["loss_of_response"]
    assert found["n"] == len(days)
    assert sum(s["events"] for s in found["steps"]) == sum(c == 1 for c in causes)
    for row in found["horizons"]:
        if row["watched"]:
            expected = fitted.survival_function_at_times(row["day"]).iloc[0]
            assert row["survival"] == pytest.approx(expected, rel=1e-12)
        else:
            assert row["day"] > max(days)


def lasted(patient):
    """Days from the first response, and cause, from the raw rows."""
    base = baseline(patient, "nrs")
    seen = [(k, scored(patient, "nrs", k)) for k in VISITS if scored(patient, "nrs", k)]
    good = [(k, day, (base - v) / base >= HALF) for k, (day, v) in seen]
    first = next((n for n, (k, _, g) in enumerate(good) if g and k in ("w6", "m3", "m6")), None)
    if first is None:
        return None
    begin = good[first][1]
    again = min((r["day"] for r in patient["retreatments"] if r["day"] > begin), default=10**6)
    for _, day, still in good[first + 1 :]:
        if not still and day < again:
            return day - begin, 1
    return (again - begin, 2) if again < 10**6 else (good[-1][1] - begin, 0)


def test_harm_and_subgroups_agree(document, made):
    kinds = {k["kind"]: k for k in made["events"]["kinds"]}
    hurt = sum(bool(p.get("events")) for p in document["patients"])
    assert kinds["any"]["rate"]["rate"] == hurt / 500
    table = next(t for t in made["subgroups"]
                 if (t["trait"], t["definition"]) == ("levels", "odi_15"))  # fmt: skip
    for group in table["groups"]:
        mine = [p for p in document["patients"] if " + ".join(p["levels"]) == group["name"]]
        hits, seen, due = counted({**document, "patients": mine}, "odi_15", "m6")
        if group["withheld"]:
            assert "seen" not in group
        else:
            assert (group["responders"], group["seen"], group["due"]) == (hits, seen, due)


def test_the_report_is_json_with_editions_and_is_the_same_twice(document, made):
    rules = outcome_rules()
    text = json.dumps(made, allow_nan=False)
    assert text == json.dumps(report(registry(document, rules), rules), allow_nan=False)
    assert made["research_use_only"] and made["rules_edition"] and made["editions"]
    for study in made["benchmarks"]["studies"]:
        assert study["source"] and study["population"]


def test_an_empty_registry_and_an_early_day_have_a_report():
    rules = outcome_rules()
    empty = report(registry({"as_of_day": 0, "patients": []}, rules), rules)
    assert empty["responders"] == [] and empty["durability"]["retreatment"]["n"] == 0
    early = known_by(registry(clinic(60, 2), rules), 300)
    made = report(early, rules)
    assert made["patients"] == len(early.patients) < 60
    assert {row["visit"] for row in made["responders"]} <= {"w6", "m3", "m6"}


def test_intervals_cover_the_truth():
    """Of 30 clinics the 95 % interval of the six-month rate holds the true rate in nearly all."""
    rules, covered = outcome_rules(), 0
    hits, seen, _ = counted(clinic(6000, 99, lost=0.0, years=30.0), "pain_50", "m6")
    for seed in range(30):
        held = followed(registry(clinic(60, seed, lost=0.0, years=12.0), rules), rules)
        one = definition("pain_50", rules)
        found = response(one, held.visit("m6"), held)
        covered += found.rate.low <= hits / seen <= found.rate.high
    assert covered >= 26  # 0.01-quantile of 30 trials at 95 %
