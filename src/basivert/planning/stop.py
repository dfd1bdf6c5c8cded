"""Where the introducer stops against the posterior wall, and how far that is preferred."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Vector
from basivert.constants.model import Table
from basivert.geometry.rigid import unit
from basivert.instruments.model import Instrument
from basivert.planning.poses import Lines

# A shaft that hardly goes forward has no depth against the wall; this share of it counts at least.
LEAST_FORWARD = 0.2


def off_usual_mm(
    vertebra: Vertebra, paths: Lines, instrument: Instrument, technique: Table
) -> Vector:
    """(n,) mm along the shaft by which the introducer ends outside its usual stretch; 0 inside.

    Counted from the wall that comes last: the midline's, which the lateral view shows, or the
    path's own. Only a curve of set radius leaves there; other kinds have no usual stop.

    Source: `tech.curve.start`, `tech.depth.introducer`; table `technique`, row introducer.usual.
    """
    tip = paths.shaft[:, -1]
    if instrument.kind != "curved":
        return np.zeros(len(tip))
    wall, usual = vertebra.posterior_wall, technique["introducer.usual"]
    shown, own = wall.y_mm(np.zeros(len(tip)), tip[:, 2]), wall.y_mm(tip[:, 0], tip[:, 2])
    forward = np.maximum(-unit(tip - paths.shaft[:, 0])[:, 1], LEAST_FORWARD)
    past = (np.minimum(shown, own) - tip[:, 1]) / forward
    low, high = usual.low or 0.0, usual.high or usual.value
    return np.maximum(np.maximum(low - past, past - high), 0.0)


def preferred(worth: Vector, margin_mm: Vector, off_mm: Vector, technique: Table) -> Vector:
    """(n,) worth for the choice: lower where the stop is unusual.

    Little lower on purpose: of plans that are worth nearly the same the usual one is taken, and
    only where it leaves as much room as the worthiest.
    """
    least = margin_mm[int(np.argmax(worth))] - technique["introducer.margin"].value
    away = np.clip(off_mm / technique["introducer.fade"].value, 0.0, 1.0)
    away = np.where(margin_mm < least, 1.0, away)
    return worth * (1.0 - technique["introducer.yield"].value * away)
