"""A seeded registry whose truth is known."""

import numpy as np

DAYS = {"w6": 42, "m3": 91, "m6": 183, "m12": 365, "m24": 731, "m36": 1096}
LEVELS = (("L4", "L5"), ("L5", "S1"), ("L3", "L4"), ("L4", "L5", "S1"))


def clinic(n, seed, *, years=4.0, lost=0.2, retreated=0.06, response=0.65):
    """A registry's document: each patient lasts as a responder or not, and some are not seen.

    Who has more pain left is more often not seen the next time (missing at random given the past).
    """
    rng = np.random.default_rng(seed)
    last = int(365.25 * years)
    patients = [_patient(rng, k, last, lost, retreated, response) for k in range(n)]
    return {"name": "simulated clinic", "as_of_day": last, "patients": patients}


def _patient(rng, number, last, lost, retreated, response):
    day, levels = int(rng.integers(0, last)), LEVELS[int(rng.choice(4, p=[0.4, 0.4, 0.15, 0.05]))]
    baseline, odi = int(rng.integers(5, 10)), int(rng.integers(15, 31))
    coverage = {level: round(float(rng.beta(8, 2)), 3) for level in levels}
    good = rng.random() < response
    left = {}
    if rng.random() < 0.05 and last - day > 200:
        left = {"left": {"day": int(rng.integers(30, last - day)),
                         "why": str(rng.choice(["withdrawn", "lost", "death"]))}}  # fmt: skip
    scores = [
        {"instrument": "nrs", "value": baseline, "day": -int(rng.integers(1, 60))},
        {"instrument": "odi", "total": odi, "answered": 10, "day": -1},
        {"instrument": "opioids", "value": int(baseline > 7), "day": -1},
    ]
    share = rng.uniform(0.0, 0.45) if good else rng.uniform(0.55, 1.1)
    now = baseline
    for target in DAYS.values():
        at = target + int(rng.integers(-16, 17))
        good = good and rng.random() > 0.04
        part = share if good else max(share, rng.uniform(0.55, 1.1))
        before, now = now, int(np.clip(round(baseline * part + rng.normal(0, 0.3)), 0, 10))
        gone = rng.random() < lost * (0.4 + 1.2 * before / 10)
        if gone or day + at > last or ("left" in left and at > left["left"]["day"]):
            continue
        scores.append({"instrument": "nrs", "value": now, "day": at})
        points = int(np.clip(round(odi * part + rng.normal(0, 1)), 0, 50))
        scores.append({"instrument": "odi", "total": points, "answered": 10, "day": at})
        scores.append({"instrument": "opioids", "value": int(now > 5), "day": at})
        scores.append({"instrument": "satisfied", "value": int(now < 4), "day": at})
    return {
        "id": f"p{number:05d}", "procedure_day": day, "age_years": int(rng.integers(28, 95)),
        "sex": "female" if rng.random() < 0.5 else "male", "levels": list(levels),
        "modic": {"L4/L5": int(rng.choice([1, 2]))} if rng.random() < 0.9 else {},
        "coverage_planned": coverage,
        "coverage_treated": {k: round(v * 0.95, 3) for k, v in coverage.items()}
        if rng.random() < 0.7 else {},
        "margins_mm": {level: round(float(rng.normal(3, 2)), 2) for level in levels},
        "scores": scores, **_harm(rng, levels, last - day), **left,
        "retreatments": [{"kind": "fusion", "day": int(rng.integers(100, last - day))}]
        if rng.random() < retreated and last - day > 101 and not left else [],
    }  # fmt: skip


def _harm(rng, levels, days):
    if rng.random() > 0.08 or days < 2:
        return {}
    kind = str(rng.choice(["increased_pain", "nerve_damage", "fracture", "infection", "other"]))
    return {"events": [{"kind": kind, "grade": int(rng.integers(1, 4)), "level": levels[0],
                        "day": int(rng.integers(0, min(days, 60)))}]}  # fmt: skip
