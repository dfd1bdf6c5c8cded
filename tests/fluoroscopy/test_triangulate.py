"""Points and tools in space from their pictures: projected, then brought back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.detect import shadow
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.triangulate import point, tool
from basivert.geometry.rigid import unit

TABLE = builtin("registration")
PLATE = Detector(side_mm=(300.0, 300.0), pixels=(256, 256), offset_mm=(0.0, 0.0))


def carm(primary: float, secondary: float) -> CArm:
    return CArm(
        primary_deg=primary, secondary_deg=secondary, isocentre=np.zeros(3),
        source_isocentre_mm=600.0, source_detector_mm=1000.0, detector=PLATE,
    )  # fmt: skip


AP, LATERAL = carm(180.0, 0.0), carm(90.0, 0.0)
places = st.tuples(*[st.floats(-40, 40)] * 3).map(np.array)


@given(place=places)
def test_a_point_comes_back_from_two_pictures(place: np.ndarray) -> None:
    pixels = np.stack([one.pixel(place[None])[0] for one in (AP, LATERAL)])
    found, missed = point((AP, LATERAL), pixels)
    assert np.allclose(found, place, atol=1e-6)
    assert missed < 1e-6


@given(tip=places, turn=st.floats(-40, 40), tilt=st.floats(15, 50))
def test_a_tool_comes_back_with_its_direction(tip: np.ndarray, turn: float, tilt: float) -> None:
    a, b = np.radians([turn, tilt])
    axis = np.array([np.sin(a) * np.cos(b), -np.cos(a) * np.cos(b), -np.sin(b)])
    along = tip - np.linspace(0.0, 60.0, 7)[:, None] * axis
    found = tool((AP, LATERAL), [one.pixel(along) for one in (AP, LATERAL)], axis, TABLE)
    assert np.allclose(found.tip, tip, atol=1e-6)
    assert found.axis @ axis > 1.0 - 1e-9


def test_in_the_plane_of_both_beams_only_the_tip_is_measured() -> None:
    tip, axis = np.array([4.0, 6.0, 0.0]), unit(np.array([0.5, -0.8, 0.0]))
    along = tip - np.linspace(0.0, 60.0, 7)[:, None] * axis
    expected = unit(np.array([0.3, -0.9, 0.2]))
    found = tool((AP, LATERAL), [one.pixel(along) for one in (AP, LATERAL)], expected, TABLE)
    assert found.axis_sd_deg is None
    assert np.allclose(found.tip, tip, atol=1e-6)
    assert found.axis == pytest.approx(unit(expected * [1.0, 1.0, 0.0]), abs=1e-6)


def test_two_views_close_to_each_other_are_refused() -> None:
    line = np.array([[128.0, 128.0], [100.0, 120.0]])
    with pytest.raises(InputError, match="12° apart"):
        tool((AP, carm(168.0, 0.0)), [line, line], np.array([0.0, -1.0, 0.0]), TABLE)


def test_shadows_of_two_different_tips_are_refused() -> None:
    with pytest.raises(InputError, match="pass each other"):
        tool((AP, LATERAL), [np.array([[128.0, 128.0], [90.0, 120.0]]),
                             np.array([[128.0, 150.0], [200.0, 120.0]])],
             np.array([0.0, -1.0, 0.0]), TABLE)  # fmt: skip


def framed(picture: np.ndarray, view: CArm) -> Frame:
    return Frame(picture=picture, seen=np.ones(picture.shape, bool), carm=view)


def rod(view: CArm, ends: np.ndarray) -> np.ndarray:
    """A steel rod of 4.2 mm before even tissue, by distance of each pixel from its shadow."""
    first, last = view.pixel(ends)
    rows, columns = np.mgrid[:256, :256]
    along = unit(last - first)
    off = np.stack([columns - first[0], rows - first[1]], axis=-1)
    s = np.clip(off @ along, 0.0, np.linalg.norm(last - first))
    away = np.linalg.norm(off - s[..., None] * along, axis=-1)
    radius = 2.1 * view.magnification / PLATE.pitch_mm[0]
    chord = np.sqrt(np.maximum(1.0 - (away / radius) ** 2, 0.0))
    return (4.5 + 2.0 * chord + 0.02 * np.sin(rows / 9.0)).astype(np.float32)


def test_a_drawn_rod_is_found_to_half_a_millimetre() -> None:
    ends = np.array([[-4.0, 6.0, 3.0], [30.0, 60.0, 25.0]])
    axis = unit(ends[0] - ends[1])
    tip = ends[0] + 2.1 * axis
    lines = []
    for view in (AP, LATERAL):
        seen = shadow(framed(rod(view, ends), view), view.pixel(ends[:1])[0], TABLE)
        assert seen is not None
        assert seen.bend_px < 1.0
        lines.append(seen.line)
    found = tool((AP, LATERAL), lines, axis, TABLE)
    assert np.linalg.norm(found.tip - tip) < 0.7
    assert np.degrees(np.arccos(found.axis @ axis)) < 0.6


def test_no_metal_no_shadow() -> None:
    even = np.full((256, 256), 4.0, np.float32)
    assert shadow(framed(even, AP), np.array([128.0, 128.0]), TABLE) is None
