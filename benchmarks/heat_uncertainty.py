"""Whether the heat's 90 % intervals hold the truth: virtual patients with hidden constants.

One patient's geometry gives one prediction from nominal knowledge and TRUTHS burns whose constants,
pose, sensor and rule of death are drawn from the prior and solved in full, with the probe moved in
the patient. The surrogate takes no part in the truth.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

import numpy as np
from scipy.spatial import KDTree

from basivert.ablation.lesion import above
from basivert.ablation.uncertainty.burning import Burnt, burnt
from basivert.ablation.uncertainty.design import changed, chosen, drawn, moved_by, values
from basivert.ablation.uncertainty.forward import Trained, propagated, trained
from basivert.ablation.uncertainty.measures import measured
from basivert.ablation.uncertainty.model import (
    Endpoint,
    HeatCase,
    HeatUncertainty,
    SurrogateError,
)
from basivert.ablation.uncertainty.priors import prior
from basivert.ablation.uncertainty.training import asked, degc
from basivert.constants.load import builtin
from basivert.planning.robustness import errors_at

from .figures import figure
from .heat_patients import TISSUES, burn

SAMPLES, TRUTHS, LEVEL = 512, 8, 0.9
BOUNDS = (0.85, 0.95)
# Figures that are bounded, and those that are told besides; by the end of a quantity's name.
BOUNDED = ("volume_ml", "coverage", "margin_mm", "peak_degc")
BESIDES = ("length_1_mm", "length_2_mm", "length_3_mm", "cem43_min", "power_end_w", "power_peak_w",
           "impedance_end_ohm", "energy_j")  # fmt: skip
# P(dead) between these is neither sure death nor sure life.
UNSURE = (0.25, 0.75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One patient.

    inside: quantity → by truth, whether the closed interval holds it.  rank: the same → its rank
    among the samples, ties broken at random, 0–1.  p_dead, dead: at the hub's places of all truths.
    off_degc, off_volume: surrogate minus full solve where neither was trained or corrected.
    seconds: processor time of the solves and of the rest.
    """

    inside: Mapping[str, list[bool]]
    rank: Mapping[str, list[float]]
    p_dead: list[float]
    dead: list[bool]
    off_degc: list[float]
    off_volume: list[float]
    error: SurrogateError
    first: Mapping[str, str]
    seconds: tuple[float, float]


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """All patients, one process a core."""
    # As the command line does: one process a core, and no threads of linear algebra beside them.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        return told(list(pool.map(partial(checked, seed), range(count))))


def checked(seed: int, number: int) -> Check:
    """One patient: prediction, and its hidden truths."""
    case = burn(seed, number)
    belief = prior(TISSUES, builtin("tissue"), builtin("heat_priors"),
                   errors_at("L3", builtin("errors_model"), 0.0))  # fmt: skip
    begun = time.process_time()
    marks: list[float] = []

    def say(done: float, what: str) -> None:
        if what == "surrogate":
            marks.append(time.process_time())

    made = trained(case, belief, seed=number, mapper=map, say=say)
    told_ = propagated(made, samples=SAMPLES, seed=number, say=lambda done, what: None)
    spent = (marks[0] - begun, time.process_time() - marks[0])
    x, unit = drawn(belief.factors, TRUTHS, 100_000 + 1000 * seed + number)
    rules = [belief.endpoints[n] for n in chosen(belief.endpoints, unit)]
    return _check(made, told_, x, rules, spent, np.random.default_rng([seed, number]))


def _check(
    made: Trained, told_: HeatUncertainty, x: np.ndarray, rules: Sequence[Endpoint],
    spent: tuple[float, float], rng: np.random.Generator,
) -> Check:  # fmt: skip
    case, belief = made.work.case, made.prior
    inside: dict[str, list[bool]] = {name: [] for name in told_.quantities}
    rank: dict[str, list[float]] = {name: [] for name in told_.quantities}
    dead: list[bool] = []
    off_degc: list[float] = []
    off_volume: list[float] = []
    for row, rule in zip(x, rules, strict=True):
        value = values(belief.factors, row)
        there = changed(case, value)
        done = burnt(there)
        threshold = rule.threshold + value["endpoint.threshold"] * rule.spread
        truth, killed = true_numbers(there, done, rule, threshold)
        dead += killed.tolist()
        for n, (name, quantity) in enumerate(told_.quantities.items()):
            low, high = quantity.estimate.low, quantity.estimate.high
            inside[name].append(bool(low <= truth[name] <= high))
            column = told_.outputs[:, n]
            ties = rng.uniform() * np.mean(column == truth[name])
            rank[name].append(float(np.mean(column < truth[name]) + ties))
        apart = _apart(made, row, there, done)
        off_degc += apart[0].tolist()
        off_volume.append(apart[1])
    return Check(
        inside=inside, rank=rank, p_dead=np.tile(told_.p_dead, len(x)).tolist(), dead=dead,
        off_degc=off_degc, off_volume=off_volume, error=made.error,
        first={n: q.indices[0].factor for n, q in told_.quantities.items()}, seconds=spent,
    )  # fmt: skip


def true_numbers(
    case: HeatCase, done: Burnt, rule: Endpoint, threshold: float
) -> tuple[dict[str, float], np.ndarray]:
    """All reported numbers of a full solve, and (n,) which of the hub's places die."""
    end, course = done.final, done.course
    grown = {"temperature": done.hottest_degc, "cem43": end.log_cem43, **end.log_omega}
    region = above(end, grown[rule.field], threshold)

    def dose(points: np.ndarray) -> np.ndarray:
        if rule.field == "temperature":
            return done.peaks(points)
        read = end.sampled(points)
        return np.log(read.cem43_min if rule.field == "cem43" else read.omega[rule.field])

    killed = dose(case.hub) >= threshold
    found = {
        "volume_ml": region.volume_ml if region else 0.0,
        **{f"length_{n + 1}_mm": float(region.lengths_mm[n]) if region else 0.0 for n in range(3)},
        "coverage": float(case.hub_weights @ killed),
        "power_end_w": float(course.power_w[-1]), "power_peak_w": float(course.power_w.max()),
        "impedance_end_ohm": float(course.impedance_ohm[-1]), "energy_j": done.given_j,
    }  # fmt: skip
    tree = KDTree(region.surface if region else case.probes[0].line)
    for name, points in case.structures.items():
        away, lost = tree.query(points)[0], dose(points) >= threshold
        found[f"{name}.peak_degc"] = float(done.peaks(points).max())
        found[f"{name}.cem43_min"] = float(end.sampled(points).cem43_min.max())
        found[f"{name}.margin_mm"] = float(-away[lost].max() if lost.any() else away.min())
    return found, killed


def _apart(
    made: Trained, row: np.ndarray, there: HeatCase, done: Burnt
) -> tuple[np.ndarray, float]:
    """Surrogate minus full solve: (m,) °C at the points asked about, and share of the volume."""
    case, model, rule = made.work.case, made.model, made.work.endpoints[0]
    inner = row[[not f.name.startswith("endpoint.") for f in made.prior.factors]]
    field = {n: (f.at(inner[None])[0] + model.bias(n)) for n, f in model.fields.items()}
    motion = moved_by(case, values(made.work.factors, inner))
    lattice, points = made.tool.lattice, asked(case)
    read = lattice.read(
        lattice.coefficients(field["temperature"]), lattice.index(motion.back(points))
    )
    end = done.final
    grown = {"temperature": done.hottest_degc, "cem43": end.log_cem43, **end.log_omega}
    region = above(end, grown[rule.field], rule.threshold)
    size = measured(made.tool, field[rule.field] - rule.threshold).volume_ml
    off = degc(read, case.physics.body_degc) - done.peaks(points)
    return off, size / region.volume_ml - 1 if region else 0.0


def told(checks: list[Check]) -> list[dict[str, Any]]:
    """The figures of all checks."""
    rows = [figure("patients with a truth", len(checks) * TRUTHS, "patients")]
    for end in BOUNDED:
        share = _held(checks, end)
        rows += [
            figure(f"90 % interval of {end} holds at least", share, "1", "≥", BOUNDS[0]),
            figure(f"90 % interval of {end} holds at most", share, "1", "≤", BOUNDS[1]),
        ]
    rows += [figure(f"90 % interval of {end} holds", _held(checks, end), "1") for end in BESIDES]
    closed = [h for c in checks for h in c.inside["coverage"]]
    rows.append(figure("closed interval of coverage holds, ties counted in", np.mean(closed), "1"))
    p, dead = (np.concatenate([getattr(c, n) for c in checks]) for n in ("p_dead", "dead"))
    unsure = (p > UNSURE[0]) & (p < UNSURE[1])
    off = np.concatenate([c.off_degc for c in checks])
    stated = np.sqrt(np.mean([c.error.rms_degc**2 for c in checks]))
    rows += [
        figure("mean P(dead) of the hub's places", p.mean(), "1"),
        figure("share of them that died", dead.mean(), "1"),
        figure("mean P(dead) where it is 0.25 to 0.75", p[unsure].mean(), "1"),
        figure("share of these that died", dead[unsure].mean(), "1"),
        figure("surrogate against independent full solves, RMS", np.sqrt(np.mean(off**2)), "°C"),
        figure("the same as each run states it, RMS", stated, "°C"),
        figure("its volume, RMS", np.sqrt(np.mean(np.concatenate(
            [c.off_volume for c in checks]) ** 2)), "1"),
        figure(f"{SAMPLES} samples: processor time, solves on two cores, median", np.median(
            [c.seconds[0] / 2 + c.seconds[1] for c in checks]), "s", "≤", 60.0),
    ]  # fmt: skip
    return rows


def _held(checks: list[Check], end: str) -> float:
    """Share of truths whose rank lies inside the central 90 %, over all quantities so named."""
    ranks = [r for c in checks for n, row in c.rank.items() if n.split(".")[-1] == end for r in row]
    edge = (1 - LEVEL) / 2
    return float(np.mean([edge <= r <= 1 - edge for r in ranks]))
