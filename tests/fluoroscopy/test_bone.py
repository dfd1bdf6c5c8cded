"""A bone thrown onto the detector: mass, place and shadow by hand."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.errors import LabelError
from basivert.fluoroscopy.bone import Cloud, cloud, picture_from_room, splatted
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.volume.model import Labels, Volume

TABLE = builtin("registration")
PLATE = Detector(side_mm=(300.0, 300.0), pixels=(256, 256), offset_mm=(0.0, 0.0))
AP = CArm(
    primary_deg=180.0, secondary_deg=10.0, isocentre=np.zeros(3), source_isocentre_mm=600.0,
    source_detector_mm=1000.0, detector=PLATE,
)  # fmt: skip


def test_one_point_falls_where_the_c_arm_says() -> None:
    place = np.array([13.0, -22.0, 31.0])
    point = Cloud(points=np.zeros((1, 3), np.float32), weights=np.ones(1, np.float32), centre=place)
    picture = splatted(point, np.eye(4), picture_from_room(AP, 1, (0, 0)), (256, 256))
    rows, columns = np.mgrid[:256, :256]
    total = picture.sum()
    middle = [(picture * columns).sum() / total, (picture * rows).sum() / total]
    assert np.allclose(middle, AP.pixel(place[None])[0], atol=1e-3)


def test_a_binned_and_cropped_picture_is_the_same_picture() -> None:
    rng = np.random.default_rng(1)
    points = rng.normal(0.0, 12.0, (4000, 3)).astype(np.float32)
    bone = Cloud(points=points, weights=np.ones(4000, np.float32), centre=np.zeros(3))
    whole = splatted(bone, np.eye(4), picture_from_room(AP, 2, (0, 0)), (128, 128))
    part = splatted(bone, np.eye(4), picture_from_room(AP, 2, (30, 40)), (60, 50))
    assert np.allclose(part[1:-1, 1:-1], whole[31:89, 41:89], atol=1e-4 * whole.max())


def test_a_block_keeps_its_excess_and_shows_its_thickness() -> None:
    values = np.full((40, 40, 40), 40.0, np.float32)
    values[10:30, 10:30, 10:30] = 540.0
    codes = np.zeros(values.shape, np.uint8)
    codes[10:30, 10:30, 10:30] = 7
    lps = np.diag([1.0, 1.0, 1.0, 1.0])
    labels = Labels(
        volume=Volume(values=codes, lps_from_index=lps, unit="label"), code_of={"L3": 7},
        convention="test",
    )  # fmt: skip
    ct = Volume(values=values, lps_from_index=lps, unit="HU")
    bone = cloud(ct, labels, "L3", 0.7, TABLE)
    assert bone.weights.sum() == pytest.approx(500.0 * 20.0**3, rel=0.02)
    assert np.allclose(bone.centre, 19.5)
    with pytest.raises(LabelError, match="no L4"):
        cloud(ct, labels, "L4", 1.0, TABLE)
