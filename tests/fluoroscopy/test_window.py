"""A person's window spreads bone, keeps air from glaring, and can be taken back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.constants.load import builtin
from basivert.fluoroscopy.window import Window, window

XRAY = builtin("xray")
NUMBERS = st.floats(0.0, 1.0)


def made(body_sd: float, air: float, body: float = 0.5) -> np.ndarray:
    """(200, 200) of body, the right third of it air that a monitor would cut off."""
    values = np.random.default_rng(3).normal(body, body_sd, (200, 200))
    values[:, 130:] = air
    return values


@given(NUMBERS, st.floats(0.45, 1.5), NUMBERS, NUMBERS)
def test_the_window_is_monotone_and_can_be_taken_back(centre, width, one, other) -> None:
    seen = Window(centre=centre, width=width, black=0.02, white=0.86)
    low, high = sorted((one, other))
    shown = seen.shown(np.array([low, high]))
    assert 0.02 <= shown[0] <= shown[1] <= 0.86
    assert seen.taken_back(shown) == pytest.approx([low, high], abs=1e-6)


@pytest.mark.parametrize("body", [0.3, 0.5, 0.7])
def test_what_fills_the_middle_sets_brightness_and_air_does_not(body) -> None:
    values = made(0.05, 1.6, body)
    seen = window(values, np.ones(values.shape, bool), XRAY)
    share = (seen.shown(np.array([body])) - seen.black) / (seen.white - seen.black)
    assert share == pytest.approx(XRAY["window.middle"].value, abs=0.01)
    assert seen.shown(values).max() <= XRAY["window.white"].value
    # Bone has more contrast than without the window, and thin tissue differs from air.
    assert np.ptp(seen.shown(np.array([body - 0.05, body + 0.05]))) > 0.1
    assert np.ptp(seen.shown(np.array([body + 0.5, body + 1.1]))) > 0.01


def test_a_picture_without_a_body_has_a_window_too() -> None:
    air = np.full((50, 50), 1.4)
    seen = window(air, np.ones(air.shape, bool), XRAY)
    assert np.isfinite(seen.shown(air)).all()


def test_unknown_parts_drive_no_brightness() -> None:
    values = made(0.05, 1.6)
    hidden = values.copy()
    hidden[80:120, 60:100] = 0.05
    used = np.ones(values.shape, bool)
    used[80:120, 60:100] = False
    assert window(hidden, used, XRAY).centre == pytest.approx(
        window(values, used, XRAY).centre, abs=1e-9
    )
