"""Whether to believe a registration: a found place must stand out, or it counts as not found.

A wrong pose can fit some edges, but then many poses about it fit nearly as well. So the evidence
of the pose is compared with what a shove of 4–8 mm leaves of it (`flatness`), and with the best
other place that the search met. How these tell right from wrong was fitted to simulated good and
bad cases (rows trust.*); `python -m benchmarks registration_trust` measures it on others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import ndtri

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.scene import Scene, step

# A power of two. Drawn evenly (Sobol) the mean hardly wanders from seed to seed; that of as many
# independent shoves wanders enough to move a verdict.
SHOVES = 32
EDGE = 1e-9  # a direction's number may not be infinite

Verdict = Literal["good", "doubtful", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How far to believe one registration.

    probability: that the pose is right within about a millimetre, 0–1, on simulated frames.
    flatness: mean evidence after a shove over the evidence, 0–1; low is good.
    verdict: only `good` may be used; `failed` must not.
    """

    probability: float
    flatness: float
    verdict: Verdict


def flatness(scene: Scene, pose: Affine, table: Table, rng: np.random.Generator) -> float:
    """Share of the evidence that is left, in the mean, after shoves in all directions.

    Args:
        table: `registration`, rows trust.shove_*.
        rng: draws the directions, shift and turn alike.
    """
    here = scene.whole(pose)
    if here <= 0.0:
        return 1.0
    left = [scene.whole(step(move, pose, scene.bone)) for move in _shoves(table, rng)]
    return float(np.mean(left) / here)


def _shoves(table: Table, rng: np.random.Generator) -> np.ndarray:
    """(SHOVES, 6) moves in directions spread evenly, see `step`."""
    # Slow to import, and not needed until a pose is judged.
    from scipy.stats import qmc  # noqa: PLC0415

    drawn = np.clip(qmc.Sobol(7, rng=rng).random(SHOVES), EDGE, 1.0 - EDGE)
    toward, share = ndtri(drawn[:, :6]), drawn[:, 6:]
    least, most = table["trust.shove_least"].value, table["trust.shove_most"].value
    return toward * (least + share * (most - least)) / np.linalg.norm(toward, axis=1, keepdims=True)


def trust(evidence: float, flat: float, rival: float, table: Table) -> Trust:
    """How far to believe a pose.

    Args:
        evidence: of the pose, mean over the views.
        flat: its flatness.
        rival: evidence of the best other place met.
        table: `registration`, rows trust.*.
    """
    lead = 1.0 - rival / evidence if evidence > 0.0 else 0.0
    sign = (
        table["trust.at"].value
        + table["trust.evidence"].value * evidence
        + table["trust.flatness"].value * flat
    )
    probability = float(1.0 / (1.0 + np.exp(-sign)))
    # The fit saw no pictures without a bone: noise alone has some evidence, and any flatness.
    if evidence < table["trust.least_evidence"].value:
        probability = 0.0
    if probability < table["trust.doubtful"].value or lead <= 0.0:
        verdict: Verdict = "failed"
    elif probability < table["trust.good"].value or lead < table["trust.lead"].value:
        verdict = "doubtful"
    else:
        verdict = "good"
    return Trust(probability=probability, flatness=flat, verdict=verdict)
