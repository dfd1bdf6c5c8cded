"""The right level wins on a real CT; a start one level away is called out. Frames are simulated."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.edge.imaging.case import read_case
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.level import level_check
from basivert.fluoroscopy.register import bone, register
from basivert.workflow.fluoro_frame import fluoro_tables, integrals, patient_of

TABLE = builtin("registration")
PLATE = Detector(side_mm=(280.0, 280.0), pixels=(256, 256), offset_mm=(0.0, 0.0))


@pytest.fixture(scope="module")
def bones_and_frames(shared):
    folder = shared / "verse014"
    case = read_case(folder / "sub-verse014_ct.nii.gz", folder / "sub-verse014_seg-vert_msk.nii.gz")
    bones = {name: bone(case.ct, case.labels, name, TABLE) for name in ("L2", "L3", "L4")}
    patient = patient_of(case.ct, fluoro_tables())
    rng = np.random.default_rng(4)
    frames = []
    for primary in (180.0, 90.0):
        carm = CArm(primary_deg=primary, secondary_deg=0.0, isocentre=bones["L3"].fine.centre,
                    source_isocentre_mm=620.0, source_detector_mm=1020.0,
                    detector=PLATE)  # fmt: skip
        picture = integrals(patient, (), carm)
        # Noise of a low dose behind a thick patient.
        picture = picture + rng.normal(scale=0.05, size=picture.shape).astype(np.float32)
        frames.append(Frame(picture=picture, seen=np.ones(picture.shape, bool), carm=carm))
    return bones, frames


def checked(bones, frames, shift):
    start = np.eye(4)
    start[:3, 3] = shift
    rng = np.random.default_rng(2)
    found = register(bones["L3"], frames, start, TABLE, rng)
    return found, level_check(found, bones["L3"], [bones["L2"], bones["L4"]], frames, TABLE, rng)


def test_l3_wins_against_its_neighbours(bones_and_frames) -> None:
    bones, frames = bones_and_frames
    found, check = checked(bones, frames, [5.0, -4.0, 6.0])
    moved = found.room_from_ct[:3, :3] @ bones["L3"].fine.centre + found.room_from_ct[:3, 3]
    assert np.linalg.norm(moved - bones["L3"].fine.centre) < 1.0
    assert check.best == check.expected == "L3"
    assert check.lead > 0.2


@pytest.mark.parametrize("there", ["L2", "L4"])
def test_a_start_one_level_away_is_called_out(bones_and_frames, there) -> None:
    bones, frames = bones_and_frames
    away = bones[there].fine.centre - bones["L3"].fine.centre
    _, check = checked(bones, frames, away + np.array([2.0, -2.0, 2.0]))
    assert check.best == there
