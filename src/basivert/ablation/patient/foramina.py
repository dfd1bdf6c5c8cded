"""The bony border of the neural foramina, as far as one vertebra makes it.

Below its pedicle a vertebra has the roof (the pedicle's lower cortex), the front (the back of its
body) and the back (isthmus and lower articular process); above it the floor and the upper articular
process. What lies across belongs to the neighbour or is disc.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from basivert.anatomy.model import Pedicle, Vertebra
from basivert.arrays import Point, Points
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved, turned

# A place in the foramen is this far off the bone, looked for to this distance from the pedicle, mm.
OFF_MM, FAR_MM = 3.5, 22.0
# Bone farther from that place is no border of it, mm: half of a foramen's height is about 10 mm.
REACH_MM, STEP_MM = 14.0, 0.1
RAYS = 30
# Sagittal planes that the border is looked for in, as shares of half the pedicle's width.
PLANES = (-0.6, 0.0, 0.6)
WAYS: Mapping[str, float] = {"below": -1.0, "above": 1.0}


def foramina(vertebra: Vertebra) -> dict[str, Points]:
    """`foramen_SIDE_below` and `…_above` → (n, 3) LPS mm on the bone around it.

    An opening that the vertebra's own bone leaves no room for is left out (below S1).
    """
    found: dict[str, Points] = {}
    for side, pedicle in vertebra.pedicles.items():
        for word, sign in WAYS.items():
            points = _border(vertebra, pedicle, sign)
            if len(points):
                found[f"foramen_{side}_{word}"] = moved(vertebra.lps_from_body, points)
    return found


def _border(vertebra: Vertebra, pedicle: Pedicle, sign: float) -> Points:
    """(n, 3) body frame: the first bone that rays from within the foramen meet."""
    body_from_lps = inverse(vertebra.lps_from_body)
    centre = moved(body_from_lps, pedicle.centre)
    up = turned(body_from_lps, pedicle.height_axis)
    up = up if up[2] > 0 else -up
    middle = _opening(vertebra, centre, sign * up)
    if middle is None:
        return np.empty((0, 3))
    turn = np.linspace(0.0, 2 * np.pi, RAYS, endpoint=False)
    rays = np.stack([np.zeros(RAYS), np.cos(turn), np.sin(turn)], axis=1)
    half = pedicle.width_mm.value / 2 * np.array([1.0, 0.0, 0.0])
    found = [_met(vertebra, middle + share * half, rays) for share in PLANES]
    return np.concatenate(found)


def _opening(vertebra: Vertebra, centre: Point, way: Point) -> Point | None:
    """First place from the pedicle's centre that is `OFF_MM` off the bone."""
    steps = centre + np.arange(0.0, FAR_MM, STEP_MM)[:, None] * way
    off = _away(vertebra, steps) >= OFF_MM
    return steps[int(np.argmax(off))] if off.any() else None


def _met(vertebra: Vertebra, start: Point, rays: Points) -> Points:
    """(n, 3) where rays from `start` first meet bone within reach; none from within bone."""
    at = np.arange(0.0, REACH_MM, STEP_MM)
    places = start + at[None, :, None] * rays[:, None]
    inside = _away(vertebra, places.reshape(-1, 3)).reshape(len(rays), len(at)) <= 0.0
    if inside[0, 0]:
        return np.empty((0, 3))
    met = inside.any(axis=1)
    return places[met, np.argmax(inside[met], axis=1)]


def _away(vertebra: Vertebra, points: Points) -> np.ndarray:
    field = vertebra.field
    return interpolated(field.distance_mm, field.body_from_index, points, outside=99.0)
