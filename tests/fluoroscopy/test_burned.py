"""What counts as drawn by the machine, and what is a tool blacker than the monitor shows."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from basivert.constants.load import builtin
from basivert.fluoroscopy.burned import burned, filled
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.detect import shadow
from basivert.fluoroscopy.frame import Frame

TABLE = builtin("registration")
SIDE, PITCH_MM = 400, 0.7
ROWS, COLUMNS = np.mgrid[:SIDE, :SIDE]
# From the right border to the middle, 8 mm wide at the detector, rising.
ACROSS, ALONG = ROWS - 200 + 0.3 * (COLUMNS - 200), COLUMNS - 200
SHAFT = (np.abs(ACROSS) <= 6) & (ALONG > 0)
BLADES = (ROWS < 8) | (COLUMNS > SIDE - 60)


def greys(tool: np.ndarray = SHAFT, drawn: np.ndarray | None = None) -> np.ndarray:
    """Grey values 0-255 with bone dark: body, blades, a tool beyond what the monitor shows."""
    picture = 140.0 + np.random.default_rng(1).normal(0.0, 3.0, (SIDE, SIDE))
    picture -= 280.0 * gaussian_filter(tool.astype(float), 1.2)
    picture = np.clip(np.rint(picture), 0.0, 255.0)
    picture[:12, :12] = 255.0
    return picture if drawn is None else np.where(drawn, 0.0, picture)


@pytest.mark.parametrize("over", [False, True])
def test_a_tool_blacker_than_black_that_comes_in_over_the_border_is_seen(over) -> None:
    """Also in a picture turned over, where it is whiter than white."""
    picture = greys()
    hidden = burned(255.0 - picture if over else picture, PITCH_MM, TABLE)
    assert not hidden[SHAFT & (COLUMNS < SIDE - 12)].any()
    arm = CArm(
        primary_deg=90.0, secondary_deg=0.0, isocentre=np.zeros(3), source_isocentre_mm=600.0,
        source_detector_mm=1000.0, detector=Detector(
            side_mm=(SIDE * PITCH_MM, SIDE * PITCH_MM), pixels=(SIDE, SIDE), offset_mm=(0.0, 0.0)),
    )  # fmt: skip
    frame = Frame(picture=filled(-picture / 100.0, hidden), seen=~hidden, carm=arm)
    found = shadow(frame, np.array([180.0, 206.0]), TABLE)
    assert found is not None
    assert np.linalg.norm(found.line[0] - [200.0, 200.0]) < 3.0


def test_blades_stay_hidden_with_a_tool_across_them() -> None:
    hidden = burned(greys(drawn=BLADES), PITCH_MM, TABLE)
    assert hidden[BLADES].all()
    inside = SHAFT & (COLUMNS < SIDE - 60 - 20)
    assert not hidden[inside].any()


def test_a_narrow_blade_and_the_slivers_of_a_round_field_stay_hidden() -> None:
    round_field = np.hypot(ROWS - 199.5, COLUMNS - 199.5) > 199.0
    for blank in (ROWS < 5, round_field):
        assert burned(greys(np.zeros_like(SHAFT), blank), PITCH_MM, TABLE)[blank].all()


def test_a_sharp_line_over_the_border_is_drawn() -> None:
    hair = (np.abs(ACROSS) <= 2) & (ALONG > 0)
    assert burned(greys(np.zeros_like(SHAFT), hair), PITCH_MM, TABLE)[hair].all()
