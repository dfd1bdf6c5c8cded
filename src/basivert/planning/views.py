"""C-arm angles that this patient's anatomy asks for.

Angles place the image receptor, seen from the isocentre, with the patient prone and the receptor
above the back: `primary_deg` turns it from straight dorsal to the patient's left (+) or right (−),
`secondary_deg` to cranial (+) or caudal (−). They refer to the axes of the scan, in which the
patient lay supine. `fluoroscopy.views` turns the same directions into DICOM angles.
"""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.geometry.rigid import unit
from basivert.planning.model import View

EN_FACE = "pedicle en face"
UPPER, LOWER = "AP, upper endplate squared", "AP, lower endplate squared"
BEHIND, LATERAL = "check from behind (AP)", "check from the side (true lateral)"
# A lateral of a vertebra that is turned by a degree is still a lateral.
SLACK_DEG = 1.0
# A view at the very limit is within it, however its angle was computed.
ROUNDING_DEG = 1e-6


def views(vertebra: Vertebra, shaft: Point, carm: Table) -> tuple[View, ...]:
    """En-face pedicle, both endplates squared, and the two orthogonal checks of the tip.

    S1 has no lower endplate, and so no view of one.

    Args:
        vertebra: for its endplates and axes.
        shaft: (3,) unit LPS direction of the straight part, inwards.
        carm: table of a C-arm, rows limit.*.
    """
    toward = directions(vertebra, shaft)
    if vertebra.level == "S1":
        del toward[LOWER]
    return tuple(_view(name, direction, carm) for name, direction in toward.items())


def directions(vertebra: Vertebra, shaft: Point) -> dict[str, Point]:
    """Name of a view → (3,) unit LPS direction from the patient to the receptor.

    The checks stand at right angles: from behind, half way between the views that square the upper
    and the lower endplate (at S1, which has no lower one, that of the upper), and along the width
    axis, where both halves of the posterior wall fall on one line.

    Args:
        vertebra: for its endplates and axes.
        shaft: (3,) unit LPS direction of the straight part, inwards.
    """
    left = vertebra.lps_from_body[:3, 0]
    upper = _in_plate(left, vertebra.upper_endplate.normal)
    lower = _in_plate(left, -vertebra.lower_endplate.normal)
    return {
        EN_FACE: -shaft,
        UPPER: upper,
        LOWER: lower,
        BEHIND: upper if vertebra.level == "S1" else unit(upper + lower),
        LATERAL: left,
    }


def _in_plate(left: Point, cranial: Point) -> Point:
    """Backwards within both the plate and the vertebra's plane of symmetry."""
    return unit(np.cross(cranial, left))


def _view(name: str, toward: Point, carm: Table) -> View:
    primary = float(np.degrees(np.arctan2(toward[0], toward[1])))
    secondary = float(np.degrees(np.arcsin(np.clip(toward[2], -1.0, 1.0))))
    most = carm["limit.primary_deg"].value, carm["limit.secondary_deg"].value
    reachable = not any(past(primary, secondary, *most))
    return View(name=name, primary_deg=primary, secondary_deg=secondary, reachable=reachable)


def past(
    turn_deg: float, tilt_deg: float, most_turn_deg: float, most_tilt_deg: float
) -> tuple[bool, bool]:  # fmt: skip
    """Whether a turn to the side, and a tilt, go past what a C-arm reaches."""
    return abs(turn_deg) > most_turn_deg + SLACK_DEG, abs(tilt_deg) > most_tilt_deg + ROUNDING_DEG
