"""The C-arm's frame: signs by hand, the pinhole by rays, and the way back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm, Detector, angles

PLATE = Detector(side_mm=(300.0, 300.0), pixels=(256, 256), offset_mm=(0.0, 0.0))
LEFT, BACK, HEAD = np.eye(3)


def carm(primary: float, secondary: float, **changed: object) -> CArm:
    given = {
        "primary_deg": float(primary), "secondary_deg": float(secondary),
        "isocentre": np.array([25.0, 21.0, -309.0]), "source_isocentre_mm": 600.0,
        "source_detector_mm": 1000.0, "detector": PLATE,
    }  # fmt: skip
    return CArm(**(given | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("primary", "secondary", "receptor"),
    [(0, 0, -BACK), (180, 0, BACK), (90, 0, LEFT), (-90, 0, -LEFT), (0, 90, HEAD)],
)
def test_receptor_stands_where_dicom_says(
    primary: float, secondary: float, receptor: np.ndarray
) -> None:
    assert np.allclose(carm(primary, secondary).axes[2], receptor)


def test_prone_ap_picture_has_the_head_up_and_the_patients_left_at_the_left() -> None:
    here = carm(180, 0)
    middle, head, left = here.pixel(
        here.isocentre + np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 10.0], [10.0, 0.0, 0.0]])
    )
    assert np.allclose(middle, 127.5)
    assert head[1] < middle[1]
    # Seen from behind, as the surgeon stands: the patient's left is on the left of the picture.
    assert left[0] < middle[0]


def test_lateral_with_the_receptor_at_the_left_has_the_back_at_the_right_hand() -> None:
    here = carm(90, 0)
    middle, back = here.pixel(here.isocentre + np.array([[0.0, 0.0, 0.0], [0.0, 10.0, 0.0]]))
    assert back[0] > middle[0]


@given(
    primary=st.floats(-180, 180), secondary=st.floats(-89, 89),
    off=st.tuples(st.floats(-40, 40), st.floats(-40, 40)),
    share=st.floats(0.1, 0.95), column=st.floats(0, 255), row=st.floats(0, 127),
)  # fmt: skip
def test_a_point_on_the_ray_to_a_pixel_falls_on_that_pixel(
    primary: float, secondary: float, off: tuple[float, float], share: float, column: float,
    row: float,
) -> None:  # fmt: skip
    plate = Detector(side_mm=(200.0, 300.0), pixels=(128, 256), offset_mm=off)
    here = carm(primary, secondary, detector=plate)
    end = (here.lps_from_pixel @ [column, row, 0, 1])[:3]
    point = here.source + share * (end - here.source)
    assert np.allclose(here.pixel(point[None])[0], [column, row], atol=1e-6)
    assert np.isclose(here.scale(point[None])[0], share)


@given(primary=st.floats(-179, 179), secondary=st.floats(-89, 89))
def test_angles_undo_the_direction(primary: float, secondary: float) -> None:
    assert np.allclose(angles(carm(primary, secondary).axes[2]), (primary, secondary), atol=1e-6)


@pytest.mark.parametrize(
    "wrong",
    [{"source_isocentre_mm": 1100.0}, {"secondary_deg": 120.0}, {"source_detector_mm": -1.0}],
)
def test_impossible_machines_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(InputError):
        carm(180, 0, **wrong)
