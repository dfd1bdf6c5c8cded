"""The wanted views as positions of the C-arm, from this patient's own anatomy.

With a cone of rays a plate is a line only when the source lies in its plane, and a shaft a dot only
when the source lies on its axis: every view names what its central ray goes through.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Point
from basivert.fluoroscopy.machine import Machine
from basivert.fluoroscopy.model import Preset, ViewName, Way
from basivert.geometry.rigid import inverse, moved
from basivert.planning.views import BEHIND, EN_FACE, LATERAL, LOWER, UPPER, directions


def presets(vertebra: Vertebra, way: Way, machine: Machine) -> dict[ViewName, Preset]:
    """AP with both endplates and with each squared, true lateral, pedicle en face.

    The AP of both lies half way between those of the upper and the lower endplate. S1 has no lower
    endplate: its AP is that of the upper one.
    """
    toward = directions(vertebra, way.path.axis)
    sacral = vertebra.level == "S1"
    level = f"{way.level} "
    found: dict[ViewName, Preset] = {
        "ap": Preset(
            name="ap", title=f"{level}AP, squared",
            carm=machine.placed(toward[BEHIND], vertebra.lps_from_body[:3, 3]),
            centred_on="the middle of the vertebral body",
            seen=_ap_seen(vertebra, toward[UPPER], toward[LOWER], sacral), beyond="",
        ),
        "ap_upper": Preset(
            name="ap_upper", title=f"{level}AP, upper endplate a line",
            carm=machine.placed(toward[UPPER], vertebra.upper_endplate.centre),
            centred_on="the middle of the upper endplate",
            seen="The upper endplate is one line.", beyond="",
        ),
        "ap_lower": Preset(
            name="ap_lower", title=f"{level}AP, lower endplate a line",
            carm=machine.placed(toward[LOWER], vertebra.lower_endplate.centre),
            centred_on="the middle of the lower endplate",
            seen="The lower endplate is one line.", beyond="",
        ),
        "lateral": Preset(
            name="lateral", title=f"{level}true lateral",
            carm=machine.placed(toward[LATERAL], wall_middle(vertebra)),
            centred_on="the posterior wall at the height of the hub",
            seen="Both halves of the posterior wall, both pedicles and both edges of each endplate "
            "lie on each other.", beyond="",
        ),
        "en_face": Preset(
            name="en_face", title=f"{level}{way.side} {_eye(way)} en face",
            carm=machine.placed(
                toward[EN_FACE], way.path.entry_bone + way.depths.isthmus_mm * way.path.axis
            ),
            centred_on="the planned shaft where it passes the narrowest section",
            seen="The straight shaft is a dot inside the pedicle's oval.", beyond="",
        ),
    }  # fmt: skip
    if sacral:
        del found["ap_lower"]
    return {
        name: replace(preset, beyond=machine.beyond(preset.carm)) for name, preset in found.items()
    }


def wall_middle(vertebra: Vertebra) -> Point:
    """(3,) LPS mm: midline of the posterior wall at the height of the hub."""
    height = float(moved(inverse(vertebra.lps_from_body), vertebra.target.centre)[2])
    y = float(vertebra.posterior_wall.y_mm(0.0, height))
    return moved(vertebra.lps_from_body, np.array([0.0, y, height]))


def _eye(way: Way) -> str:
    return "entry beside the pedicle" if way.route == "extrapedicular" else "pedicle"


def _ap_seen(vertebra: Vertebra, upper: Point, lower: Point, sacral: bool) -> str:
    if sacral:
        return (
            "The upper endplate of the sacrum is one line, the median crest midway between the "
            "pedicles."
        )
    apart = float(np.degrees(np.arccos(np.clip(upper @ lower, -1.0, 1.0))))
    words = (
        "Endplates are lines, the spinous process midway between the pedicles, the ovals of the "
        "pedicles in the upper half of the body."
    )
    if apart < 1.0:
        return words
    return (
        f"{words} The two endplates need views {apart:.0f}° apart: this one lies half way, so each "
        f"shows an edge of {apart / 2:.0f}°."
    )
