"""What of a frame counts as metal."""

import numpy as np

from basivert.constants.load import builtin
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.frame import metal

TABLE = builtin("registration")
CARM = CArm(
    primary_deg=180.0, secondary_deg=0.0, isocentre=np.zeros(3), source_isocentre_mm=600.0,
    source_detector_mm=1000.0,
    detector=Detector(side_mm=(200.0, 200.0), pixels=(200, 200), offset_mm=(0.0, 0.0)),
)  # fmt: skip
ROWS, COLUMNS = np.mgrid[:200, :200]
ROD = (np.abs(ROWS - 100) <= 3) & (COLUMNS > 40) & (COLUMNS < 140)
CORTEX = (np.abs(COLUMNS - 90) <= 3) & (np.abs(ROWS - 100) < 12)
CURVE = (np.abs(np.hypot(ROWS - 80, COLUMNS - 140) - 20) <= 2) & (COLUMNS >= 140) & (ROWS > 86)


def found(*parts: tuple[np.ndarray, float]) -> np.ndarray:
    picture = np.zeros((200, 200), np.float32)
    for where, dark in parts:
        picture[where] = np.maximum(picture[where], dark)
    return metal(picture, CARM, TABLE)


def test_a_bone_edge_that_a_shaft_crosses_is_not_metal() -> None:
    seen = found((ROD, 1.0), (CORTEX, 0.35))
    assert (seen & ROD).sum() > 0.97 * ROD.sum()
    beside = CORTEX & (np.abs(ROWS - 100) > 6)
    assert not (seen & beside).any()


def test_a_faint_curve_at_the_end_of_a_shaft_stays_metal() -> None:
    seen = found((ROD, 1.0), (CURVE, 0.4))
    assert (seen & CURVE).sum() > 0.9 * CURVE.sum()
