"""C-arm angles that this patient's anatomy asks for.

Angles place the image receptor, seen from the isocentre, with the patient prone and the receptor
above the back: `primary_deg` turns it from straight dorsal to the patient's left (+) or right (−),
`secondary_deg` to cranial (+) or caudal (−). They refer to the axes of the scan, in which the
patient lay supine.
"""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.planning.model import View


def views(vertebra: Vertebra, shaft: Point, thresholds: Table) -> tuple[View, ...]:
    """En-face pedicle, both endplates squared, and the two orthogonal checks of the tip.

    The checks stand at right angles: from straight behind this vertebra, turned as it is turned,
    and along its width axis, where both halves of its posterior wall fall on one line.

    Args:
        vertebra: for its endplates and axes.
        shaft: (3,) unit LPS direction of the straight part, inwards.
        thresholds: rows `carm.*`.
    """
    left, behind, _ = vertebra.lps_from_body[:3, :3].T
    toward = {
        "pedicle en face": -shaft,
        "AP, upper endplate squared": _in_plate(behind, vertebra.upper_endplate.normal),
        "AP, lower endplate squared": _in_plate(behind, vertebra.lower_endplate.normal),
        "check from behind (AP)": behind,
        "check from the side (true lateral)": left,
    }
    return tuple(_view(name, direction, thresholds) for name, direction in toward.items())


def _in_plate(direction: Point, plate_normal: Point) -> Point:
    """`direction` tilted to cranial or caudal alone until it lies in the plate."""
    up = np.array([0.0, 0.0, 1.0])
    tilted = direction - (direction @ plate_normal) / (up @ plate_normal) * up
    return tilted / np.linalg.norm(tilted)


def _view(name: str, toward: Point, thresholds: Table) -> View:
    primary = float(np.degrees(np.arctan2(toward[0], toward[1])))
    secondary = float(np.degrees(np.arcsin(np.clip(toward[2], -1.0, 1.0))))
    reachable = (
        abs(primary) <= thresholds["carm.primary_limit"].value + 1.0
        and abs(secondary) <= thresholds["carm.secondary_limit"].value
    )
    return View(name=name, primary_deg=primary, secondary_deg=secondary, reachable=reachable)
