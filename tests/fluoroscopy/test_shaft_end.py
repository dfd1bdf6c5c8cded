"""Where the shaft ends though a thinner core goes on, in frames that other code draws."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.detect import shadow
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.shaft_end import shaft_line
from basivert.fluoroscopy.triangulate import tool
from tests.fluoroscopy.solid_tool import TUBE, Solid, shot
from tests.fluoroscopy.test_curve import AXIS, PAIRS, drawn

TABLE = builtin("registration")
# Of three turns so many are told.
TIP_MM, LEAST_TOLD = 1.5, 2
# What the monitor shows of metal at most, above the body's −log of 4.
BLACKEST = 5.2


def lines(solid: Solid, view: CArm, *, clipped: bool) -> tuple[np.ndarray, np.ndarray]:
    """The tool's middle line as it is found, and of it the shaft's."""
    picture = shot(solid, view, np.random.default_rng(1))
    picture = np.minimum(picture, BLACKEST) if clipped else picture
    frame = Frame(picture=picture, seen=np.ones(picture.shape, bool), carm=view)
    seen = shadow(frame, view.pixel(np.zeros((1, 3)))[0], TABLE)
    assert seen is not None
    return seen.line, shaft_line(frame, seen.line, TUBE[1], TABLE)


@pytest.mark.parametrize("clipped", [False, True])
@pytest.mark.parametrize("pair", PAIRS)
def test_the_tip_is_the_shafts_though_a_core_goes_on(pair: str, clipped: bool) -> None:
    """Where the two ends do not meet the tip is refused, never told wrong."""
    told, views = 0, PAIRS[pair]
    for roll in (0.0, 70.0, 180.0):
        solid = drawn(roll, 14.0, radius=20.0)
        shafts = [lines(solid, one, clipped=clipped)[1] for one in views]
        try:
            found = tool(views, shafts, AXIS, TABLE)
        except InputError as refused:
            assert "pass each other" in refused.what
            continue
        told += 1
        assert np.linalg.norm(found.tip - solid.start) < TIP_MM
    assert told >= LEAST_TOLD


@pytest.mark.parametrize("pair", PAIRS)
def test_a_shaft_alone_keeps_its_line(pair: str) -> None:
    for view in PAIRS[pair]:
        whole, shaft = lines(drawn(30.0, 0.2), view, clipped=False)
        assert np.array_equal(whole, shaft)
