"""Curved tools in frames of a real CT that no code of basivert draws: turn, length and tip.

Needs ../shared/benchmarks/fluoroscopy and the demonstration's CT. The vertebra's place is given:
only the tool is looked for. Every fourth tool is a straight one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.curve import Curve, curve
from basivert.fluoroscopy.curve_search import Kit
from basivert.fluoroscopy.detect import shadow, straight_part
from basivert.fluoroscopy.frame import Frame, thin_parts
from basivert.fluoroscopy.triangulate import shaft
from basivert.geometry.rigid import unit
from basivert.instruments.load import builtin_instrument
from basivert.workflow.curve_from_frames import kit_of

from .curved_frames import Drawn, backdrop, frame, view
from .figures import figure
from .registration import definition, demo_case

PAIRS = (
    ((180.0, 0.0), (90.0, 0.0)),
    ((180.0, -12.0), (90.0, 8.0)),
    ((180.0, 12.0), (90.0, 8.0)),
    ((155.0, -12.0), (90.0, 0.0)),
)
# Beyond this a turn that is called known would mislead the hand.
MISLED_DEG = 20.0
# A shaft nearer to a beam is a dot of a few millimetres, which shows no line to start from.
SIDE_ON_DEG = 15.0
EVERY_STRAIGHT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One tool: drawn, and what was told of it.

    aside_deg: least angle of its shaft to a beam.
    roll_deg, tip_mm, length_mm: errors; NaN where no curve was found.
    """

    straight: bool
    aside_deg: float
    found: bool
    known: bool
    roll_deg: float
    roll_sd: float
    tip_mm: float
    length_mm: float
    why: str


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """`count` tools; the seed draws them, their views and the noise."""
    return told(trials(seed, count))


def trials(seed: int, count: int) -> list[Tried]:
    """All tools of a seed."""
    shared, case = definition(), demo_case()
    backdrops: dict[tuple[float, float], np.ndarray] = {}
    kit = kit_of(builtin_instrument("curved_bipolar"), 20.0, builtin("errors_model"))
    rows: list[Tried] = []
    for number in range(count):
        rng = np.random.default_rng([seed, number])
        pair = PAIRS[number % len(PAIRS)]
        for angles in pair:
            if angles not in backdrops:
                carm = view(*angles, shared.ISO)
                backdrops[angles] = backdrop(case.ct.values, case.ct.lps_from_index, carm)
        # The oblique view looks along the left pedicle.
        side = 1.0 if number % len(PAIRS) == 3 else float(rng.choice([-1.0, 1.0]))
        straight = (number // len(PAIRS)) % EVERY_STRAIGHT == EVERY_STRAIGHT - 1
        drawn = _drawn(shared.HUB, side, straight, rng)
        frames = [
            _framed(backdrops[angles], drawn, angles, shared.ISO, rng) for angles in pair
        ]  # fmt: skip
        rows.append(_tried(drawn, straight, frames, shared.HUB, kit, rng))
    return rows


def _drawn(hub: np.ndarray, side: float, straight: bool, rng: np.random.Generator) -> Drawn:
    """A tool through a pedicle: 8–35° to the midline, 20° up to 15° down, any turn, 10–30 mm."""
    turn, tilt = np.radians(rng.uniform(8, 35)), np.radians(rng.uniform(-20, 15))
    axis = np.array([-side * np.sin(turn) * np.cos(tilt), -np.cos(turn) * np.cos(tilt),
                     -np.sin(tilt)])  # fmt: skip
    start = hub + np.array([side * rng.uniform(8, 14), rng.uniform(8, 16), rng.uniform(-3, 4)])
    one = unit(np.cross(axis, [0.0, 0.0, 1.0]))
    roll = rng.uniform(0, 2 * np.pi)
    return Drawn(
        start=start, axis=axis, bend=np.cos(roll) * one + np.sin(roll) * np.cross(axis, one),
        radius_mm=20.0 * (1.0 + rng.normal(0.0, 0.075)),
        deployed_mm=0.1 if straight else rng.uniform(10, 30), probe=False,
    )  # fmt: skip


def _framed(
    tissue: np.ndarray, drawn: Drawn, angles: tuple[float, float], isocentre: np.ndarray,
    rng: np.random.Generator,
) -> Frame:  # fmt: skip
    carm = view(*angles, isocentre)
    picture = frame(tissue, drawn, carm, rng)
    return Frame(picture=picture, seen=np.ones(picture.shape, bool), carm=carm)


def _tried(
    drawn: Drawn, straight: bool, frames: list[Frame], hub: np.ndarray, kit: Kit,
    rng: np.random.Generator,
) -> Tried:  # fmt: skip
    aside = min(_aside_deg(drawn, one.carm) for one in frames)
    found, why = _looked(frames, hub, unit(drawn.axis + rng.normal(0.0, 0.03, 3)), kit)
    if found is None:
        return Tried(straight=straight, aside_deg=aside, found=False, known=False, why=why,
                     roll_deg=np.nan, roll_sd=np.nan, tip_mm=np.nan, length_mm=np.nan,
                     )  # fmt: skip
    arc = found.arc
    off = np.arctan2(arc.bend @ np.cross(drawn.axis, drawn.bend), arc.bend @ drawn.bend)
    return Tried(
        straight=straight, aside_deg=aside, found=True, known=not found.unknown,
        roll_deg=float(np.degrees(off)), roll_sd=found.turn_sd_deg,
        tip_mm=float(np.linalg.norm(arc.tip - drawn.tip)),
        length_mm=arc.deployed_mm - drawn.deployed_mm, why=found.unknown,
    )  # fmt: skip


def _aside_deg(drawn: Drawn, carm: CArm) -> float:
    """Angle of the shaft to the ray through its tip, 0–90."""
    across = np.linalg.norm(np.cross(drawn.axis, unit(drawn.start - carm.source)))
    return float(np.degrees(np.arcsin(min(across, 1.0))))


def _looked(
    frames: list[Frame], hub: np.ndarray, expected: np.ndarray, kit: Kit
) -> tuple[Curve | None, str]:  # fmt: skip
    table = builtin("registration")
    shadows = [shadow(one, one.carm.pixel(hub[None])[0], table) for one in frames]
    lines = [straight_part(one.line) for one in shadows if one is not None]
    if len(lines) < 2:
        return None, "no shaft in both views"
    carms = [one.carm for one in frames]
    try:
        line = shaft(carms, lines, expected, table)
    except InputError as cause:
        return None, cause.what
    thins = [thin_parts(one.picture, one.carm, table) for one in frames]
    return curve(carms, thins, line, kit, table), "no curve seen"


def told(rows: list[Tried]) -> list[dict[str, Any]]:
    """Figures of all tools."""
    curved = [one for one in rows if not one.straight]
    known = [one for one in curved if one.known]
    side_on = [one for one in curved if one.aside_deg >= SIDE_ON_DEG]
    roll = np.abs([one.roll_deg for one in known])
    inside = [abs(one.roll_deg) <= 1.96 * one.roll_sd for one in known]
    tip = np.array([one.tip_mm for one in known])
    length = np.abs([one.length_mm for one in known])
    straight = [one for one in rows if one.straight]
    return [
        figure("curved tools whose curve is found", np.mean([o.found for o in curved]), "1"),
        figure("curved tools whose turn is told", len(known) / len(curved), "1"),
        figure(f"the same, shaft {SIDE_ON_DEG:g}° or more from both beams",
               np.mean([o.known for o in side_on]), "1", "≥", 0.7),
        figure("turn told: median error", np.median(roll), "°", "≤", 5.0),
        figure("turn told: 95th percentile of the error", np.quantile(roll, 0.95), "°", "≤", 15.0),
        figure("turn told: largest error", roll.max(), "°"),
        figure("turn told: share more than 20° off", np.mean(roll > MISLED_DEG), "1", "≤", 0.02),
        figure("turn told: 95 % interval holds the truth", np.mean(inside), "1", "≥", 0.9),
        figure("turn told: median error of the tip", np.median(tip), "mm", "≤", 1.0),
        figure("turn told: 95th percentile of the tip", np.quantile(tip, 0.95), "mm", "≤", 2.0),
        figure("turn told: median error of the length", np.median(length), "mm", "≤", 1.5),
        figure("straight ones told to be curved", np.sum([o.known for o in straight]), "1", "≤", 0),
    ]  # fmt: skip
