"""The script of a clinic's year: who comes, what is known, what is answered, what must come out.

Nothing of basivert is used here: the counts are made from the script alone.
"""

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
from scipy.stats import beta

FIRST = dt.date(2026, 1, 5)
PATIENTS = 500
# Visit → target day and half window, as a clinic would read them off the protocol.
VISITS = {"w6": (42, 14), "m3": (91, 14), "m6": (183, 30)}
NO = ("pregnant", "implanted_electronics", "active_infection", "heart_failure", "weak_lungs",
      "bleeding_disorder", "spine_fracture_or_tumour", "radicular_pain_dominant")  # fmt: skip
DISCS, MODIC = ("L3/L4", "L4/L5", "L5/S1"), (0.4, 0.25, 0.3, 0.05)
HARMS = ("bleeding", "infection", "increased_pain")
SIGNS = ("chills", "warmth_at_incision", "redness_expanding", "drainage", "new_leg_weakness",
         "saddle_numbness", "bladder_or_bowel_change", "chest_pain", "short_of_breath")  # fmt: skip


@dataclass
class Person:
    """One patient of the script. facts: as entered; None where the case stays unknown."""

    name: str
    born: dt.date
    comes: dt.date
    facts: dict
    procedure: dt.date | None = None
    checkins: list = field(default_factory=list)
    pain: dict = field(default_factory=dict)
    odi: dict = field(default_factory=dict)
    event: dict | None = None


def people(seed):
    """All patients of the year."""
    rng = np.random.default_rng(seed)
    return [_person(number, rng) for number in range(PATIENTS)]


def _person(number, rng):
    facts = {
        "pain_months": int(rng.integers(3, 120)),
        "conservative_care_months": int(rng.integers(3, 40)),
        "modic": {disc: int(rng.choice([0, 1, 2, 3], p=MODIC)) for disc in DISCS},
        "nrs": int(rng.integers(4, 11)), "odi": int(rng.integers(20, 80)),
        "age_years": int(rng.integers(25, 80)), "skeletally_mature": True,
        "osteoporosis_t_score": float(rng.choice([-3.0, -2.5, -1.0, 0.5])),
        "levels": ["L4", "L5"], **{name: bool(rng.random() < 0.02) for name in NO},
    }  # fmt: skip
    for name in list(facts):
        if rng.random() < 0.01:
            del facts[name]
    person = Person(
        name=f"Person {number:03d}", born=dt.date(1960 + number % 40, 1 + number % 12, 1),
        comes=FIRST + dt.timedelta(days=int(rng.integers(0, 230))), facts=facts,
    )  # fmt: skip
    if candidate(facts) == "candidate":
        _treated(person, rng)
    return person


def candidate(facts):
    """The answer by the written criteria, worked out by hand: unknown is never yes and never no."""

    def known(name, test):
        return None if name not in facts else bool(test(facts[name]))

    checks = [
        known("pain_months", lambda v: v >= 6), known("conservative_care_months", lambda v: v >= 6),
        known("modic", lambda v: any(kind in (1, 2) for kind in v.values())),
        known("skeletally_mature", lambda v: v), known("age_years", lambda v: v >= 18),
        known("osteoporosis_t_score", lambda v: v > -2.5), known("levels", lambda v: True),
        *(known(name, lambda v: not v) for name in NO),
    ]  # fmt: skip
    if False in checks:
        return "not_candidate"
    return "unknown" if None in checks else "candidate"


def _treated(person, rng):
    person.procedure = person.comes + dt.timedelta(days=int(rng.integers(10, 30)))
    start = int(rng.integers(4, 11))
    person.pain["baseline"], person.odi["baseline"] = start, int(rng.integers(10, 40)) * 2
    for visit in VISITS:
        if rng.random() < 0.15:
            continue
        person.pain[visit] = (
            int(rng.integers(0, start + 2)) if start < 10 else int(rng.integers(0, 11))
        )
        person.odi[visit] = int(rng.integers(0, 35)) * 2
    for day in (1, 3):
        if rng.random() < 0.9:
            person.checkins.append((day, _answers(rng)))
    if rng.random() < 0.05:
        grade, day = int(rng.integers(1, 4)), int(rng.integers(1, 30))
        person.event = {"kind": str(rng.choice(HARMS)), "grade": grade, "day": day}


def _answers(rng):
    answers = {name: "yes" if rng.random() < 0.02 else "no" for name in SIGNS}
    answers |= {"temperature": f"{rng.normal(98.4, 0.8):.1f}", "unit": "F", "swelling": "none",
                "pain_controlled_by_medication": "yes"}  # fmt: skip
    if rng.random() < 0.1:
        del answers[str(rng.choice(list(answers)))]
    return answers


def triage(answers):
    """The answer to a check-in, worked out by hand."""
    yes = {name for name in SIGNS if answers.get(name) == "yes"}
    hot = "unit" in answers and float(answers.get("temperature", 0)) > 101
    if yes & set(SIGNS[4:]):
        return "emergency"
    if yes or hot:
        return "call_now"
    complete = {*SIGNS, "temperature", "unit", "swelling", "pain_controlled_by_medication"}
    return "all_right" if complete <= set(answers) else "incomplete"


def rate(hits, seen):
    """Share with Clopper and Pearson's exact 95 % interval."""
    if not seen:
        return None, None, None
    low = 0.0 if hits == 0 else float(beta.ppf(0.025, hits, seen - hits + 1))
    high = 1.0 if hits == seen else float(beta.ppf(0.975, hits + 1, seen - hits))
    return hits / seen, low, high


def expected(persons, until):
    """(visit, definition) → due, seen, better, share, low, high; by counting people."""
    found = {}
    treated = [one for one in persons if one.procedure is not None and one.procedure <= until]
    for visit, (day, half) in VISITS.items():
        due = [p for p in treated if (until - p.procedure).days >= day + half]
        for name, scores, better in (
            ("pain_50", "pain", lambda b, f: 2 * (b - f) >= b),
            ("pain_75", "pain", lambda b, f: 4 * (b - f) >= 3 * b),
            ("pain_free", "pain", lambda b, f: f == 0),
            ("odi_15", "odi", lambda b, f: b - f >= 15),
        ):
            seen = [getattr(p, scores) for p in due if visit in getattr(p, scores)]
            hits = sum(better(one["baseline"], one[visit]) for one in seen)
            found[visit, name] = (len(due), len(seen), hits, *rate(hits, len(seen)))
    return found
