"""Where a shaft enters the vertebral body: through the pedicle, or beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from basivert.anatomy.model import Pedicle, Side, Vertebra, Wall
from basivert.arrays import Point, Vector
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved, turned

RouteName = Literal["transpedicular", "S1", "extrapedicular"]

# Pedicle walls count this far behind the isthmus: its own length to the arch.
PEDICLE_BEHIND_MM = 5.0
# Search range about the pedicle's own axis, degrees.  + turns to the midline, + tilts to caudal.
PEDICLE_TURNS_DEG = np.arange(-12.0, 24.1, 4.0)
PEDICLE_TILTS_DEG = np.arange(-16.0, 16.1, 4.0)
# The ala lets the shaft in from far above and beside (S1.route: wide and steep).
S1_TILTS_DEG = np.arange(-32.0, 32.1, 8.0)
S1_TURNS_DEG = np.arange(-40.0, 24.1, 8.0)
# Beyond this turn from straight behind the shaft would come through the ilium at S1 (S1.route: the
# iliac crest limits it), or along the table elsewhere.
S1_MOST_TURN_DEG, MOST_TURN_DEG = 40.0, 65.0
# Beside the pedicle: the body is entered this far in front of its posterior wall, over a patch of
# this size, with the shaft turned further to the midline than any pedicle allows.
BESIDE_DEPTH_MM = 4.0
BESIDE_PATCH_MM = 9.0
# Without a pedicle around it the introducer is held by this much bone.
BESIDE_ANCHOR_MM = 3.0
BESIDE_TURNS_DEG = np.arange(-16.0, 16.1, 4.0)
BESIDE_TILTS_DEG = np.arange(-16.0, 16.1, 4.0)
RAY_STEP_MM = 0.25
RAY_MM = 45.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gate:
    """One way into the body, in the body frame.

    route: name of the way.  sign: +1 left, −1 right.  centre: (3,) middle of the opening.
    width_axis, height_axis: (3,) unit, to medial (or anterior) and to cranial.
    width_mm, height_mm: size of the opening.  turn, tilt: middle of the search, radians.
    behind_mm: how far behind the opening walls count.  least_depth_mm: the introducer goes at
        least this far beyond the opening.  most_turn: largest turn to the midline, radians.
    turns_deg, tilts_deg: search offsets.
    passed: walls that the straight shaft goes through on purpose and that do not count for it.
    """

    route: RouteName
    sign: float
    centre: Point
    width_axis: Point
    height_axis: Point
    width_mm: float
    height_mm: float
    turn: float
    tilt: float
    behind_mm: float
    least_depth_mm: float
    most_turn: float
    turns_deg: Vector
    tilts_deg: Vector
    passed: frozenset[Wall]


def pedicle_gate(vertebra: Vertebra, pedicle: Pedicle) -> Gate:
    """The pedicle's isthmus; at S1 the pedicle–ala, with steeper shafts tried."""
    body_from_lps = inverse(vertebra.lps_from_body)
    centre = moved(body_from_lps, pedicle.centre)
    across = turned(body_from_lps, pedicle.width_axis)
    up = turned(body_from_lps, pedicle.height_axis)
    sacral = vertebra.level == "S1"
    return Gate(
        route="S1" if sacral else "transpedicular",
        sign=float(np.sign(centre[0])),
        centre=centre,
        width_axis=across if across[0] * centre[0] < 0 else -across,
        height_axis=up if up[2] > 0 else -up,
        width_mm=pedicle.width_mm.value,
        height_mm=pedicle.height_mm.value,
        turn=float(np.radians(pedicle.transverse_deg.value)),
        tilt=float(np.radians(pedicle.sagittal_deg.value)),
        behind_mm=PEDICLE_BEHIND_MM,
        least_depth_mm=0.0,
        most_turn=float(np.radians(S1_MOST_TURN_DEG if sacral else MOST_TURN_DEG)),
        turns_deg=S1_TURNS_DEG if sacral else PEDICLE_TURNS_DEG,
        tilts_deg=S1_TILTS_DEG if sacral else PEDICLE_TILTS_DEG,
        passed=frozenset({Wall.ARCH}),
    )


def lateral_gate(vertebra: Vertebra, side: Side) -> Gate | None:
    """The body's posterolateral corner at the pedicle's height, for the extrapedicular route.

    None where no bone surface is found there.

    Source: `tech.extrapedicular` in the facts (details recall); place and patch size are ours.
    """
    sign = 1.0 if side == "left" else -1.0
    pedicle = vertebra.pedicles.get(side)
    to_body = inverse(vertebra.lps_from_body)
    height = 0.0 if pedicle is None else float(moved(to_body, pedicle.centre)[2])
    outward = np.arange(0.0, RAY_MM, RAY_STEP_MM)
    start = np.array([0.0, float(_wall_y(vertebra, height)) - BESIDE_DEPTH_MM, height])
    points = start + outward[:, None] * np.array([sign, 0.0, 0.0])
    field = vertebra.field
    outside = interpolated(field.distance_mm, field.body_from_index, points, outside=20.0) > 0
    if outside[0] or not outside.any():
        return None
    centre = points[int(np.argmax(outside))]
    target = moved(to_body, vertebra.target.centre)
    aim = target - centre
    return Gate(
        route="extrapedicular",
        sign=sign,
        centre=centre,
        width_axis=np.array([0.0, -1.0, 0.0]),
        height_axis=np.array([0.0, 0.0, 1.0]),
        width_mm=BESIDE_PATCH_MM,
        height_mm=BESIDE_PATCH_MM,
        turn=float(np.arctan2(-sign * aim[0], max(-aim[1], 1.0))),
        tilt=float(np.arctan2(-aim[2], np.hypot(aim[0], aim[1]))),
        behind_mm=0.0,
        least_depth_mm=BESIDE_ANCHOR_MM,
        most_turn=float(np.radians(MOST_TURN_DEG)),
        turns_deg=BESIDE_TURNS_DEG,
        tilts_deg=BESIDE_TILTS_DEG,
        passed=frozenset({Wall.ARCH, Wall.LATERAL}),
    )


def _wall_y(vertebra: Vertebra, height: float) -> float:
    return float(vertebra.posterior_wall.y_mm(np.array(0.0), np.array(height)))
