"""Does a failed registration say so? Starts that cannot succeed, wrong bones, mirrored frames.

Everything on the shared frames; a case is right where the bone is within 1 mm of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import beta

from basivert.constants.load import builtin
from basivert.fluoroscopy.among import settled
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import Bone, bone, register
from basivert.geometry.rigid import moved

from .figures import figure
from .registration import CASES, definition, demo_case, frames_of

RIGHT_MM = 1.0
KINDS = ("near", "near", "far", "wrong bone", "mirrored", "L1")
# One level up or down, or beside the spine: outside of what a start may be.
FAR_MM = ((0.0, 0.0, 34.0), (0.0, 0.0, -34.0), (22.0, 0.0, 24.0), (-22.0, 0.0, -24.0))
LEVELS = ("T11", "T12", "L1", "L2", "L3")
BODY_FROM_MIDDLE = np.array([0.0, -15.0, 0.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One registration.  error_mm: of the bone; infinite where no right answer exists."""

    kind: str
    case: str
    error_mm: float
    evidence: float
    flatness: float
    rival: float
    verdict: str

    @property
    def right(self) -> bool:
        """Whether the bone was found."""
        return self.error_mm <= RIGHT_MM


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """`count` registrations of all kinds; the seed draws them."""
    tried = tries(seed, count)
    wrong = [one for one in tried if not one.right]
    right = [one for one in tried if one.right]
    false_good = sum(one.verdict == "good" for one in wrong)
    return [
        figure("registrations that are right", len(right), "1"),
        figure("registrations that are wrong", len(wrong), "1"),
        figure("wrong ones called good", false_good / max(len(wrong), 1), "1", "≤", 0.01),
        figure("the same, upper 95 % bound (Clopper-Pearson)", upper(false_good, len(wrong)), "1"),
        figure("right ones called good", _share(right, "good"), "1", "≥", 0.9),
        figure("right ones called failed", _share(right, "failed"), "1"),
    ]


def upper(hits: int, count: int) -> float:
    """One-sided 95 % upper bound of a share."""
    return 1.0 if hits >= count else float(beta.ppf(0.95, hits + 1, count - hits))


def _share(some: list[Tried], verdict: str) -> float:
    return sum(one.verdict == verdict for one in some) / max(len(some), 1)


def tries(seed: int, count: int) -> list[Tried]:
    """The registrations behind the figures."""
    shared, case, table = definition(), demo_case(), builtin("registration")
    bones = {name: bone(case.ct, case.labels, name, table) for name in LEVELS}
    frames = {name: frames_of(shared, name) for name in CASES}
    rng = np.random.default_rng(seed)
    return [
        _tried(shared, bones, frames, KINDS[n % len(KINDS)], CASES[(n // len(KINDS)) % 2], rng)
        for n in range(count)
    ]


def _tried(
    shared: Any, bones: dict[str, Bone], frames: dict[str, tuple[Frame, ...]], kind: str, case: str,
    rng: np.random.Generator,
) -> Tried:  # fmt: skip
    table = builtin("registration")
    shift, turn = rng.uniform(-10, 10, 3), rng.uniform(-10, 10, 3)
    chosen, truth, pivot, seen = bones["L2"], shared.TRUTH[case], shared.ISO, frames[case]
    possible = kind != "mirrored"
    if kind == "far":
        shift = shift + np.array(FAR_MM[rng.integers(len(FAR_MM))])
    elif kind == "L1":
        chosen, truth = bones["L1"], np.eye(4)
        pivot = chosen.fine.centre + BODY_FROM_MIDDLE
    elif kind == "wrong bone":
        # Looked for at L2; right only where it nevertheless finds its own place.
        chosen, truth, pivot = bones[("L1", "T12")[rng.integers(2)]], np.eye(4), np.zeros(3)
        shift, turn = shift + bones["L2"].fine.centre - chosen.fine.centre, np.zeros(3)
    elif kind == "mirrored":
        seen = tuple(_mirrored(one) for one in seen)
    alone = register(chosen, seen, shared.rigid(shift, turn, pivot) @ truth, table, rng)
    at = LEVELS.index(chosen.name)
    beside = [bones[LEVELS[n]] for n in (at - 1, at + 1)]
    found = settled(alone, chosen, beside, seen, table, rng)
    some = chosen.fine.points[::50] + chosen.fine.centre
    away = moved(found.room_from_ct, some) - moved(truth, some)
    return Tried(
        kind=kind, case=case, evidence=found.evidence, rival=found.rival,
        error_mm=float(np.linalg.norm(away, axis=1).mean()) if possible else np.inf,
        flatness=found.trust.flatness, verdict=found.trust.verdict,
    )  # fmt: skip


def _mirrored(frame: Frame) -> Frame:
    return replace(
        frame, picture=np.ascontiguousarray(frame.picture[:, ::-1]),
        seen=np.ascontiguousarray(frame.seen[:, ::-1]),
    )  # fmt: skip
