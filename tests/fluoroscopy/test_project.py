"""Line integrals against closed answers, against themselves moved, and against exact rays."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from basivert.errors import InputError, VolumeError
from basivert.fluoroscopy import kernels
from basivert.fluoroscopy.attenuation import Attenuation, excess, masked
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.project import line_integrals
from basivert.fluoroscopy.stack import axis, stacked
from basivert.geometry.rigid import moved

CENTRE = np.array([5.0, -8.0, -12.0])
MIDDLE, SD_MM, PEAK = CENTRE + np.array([4.0, -3.0, 6.0]), 7.0, 0.03
VIEWS = [(180, 0), (90, 0), (155, -12), (180, 25), (-131, 33), (0, 85)]


def carm(primary: float, secondary: float, pixels: int = 200, **changed: object) -> CArm:
    plate = Detector(side_mm=(150.0, 120.0), pixels=(pixels, pixels + 7), offset_mm=(5.0, -8.0))
    given = {
        "primary_deg": float(primary), "secondary_deg": float(secondary), "isocentre": CENTRE,
        "source_isocentre_mm": 600.0, "source_detector_mm": 1000.0, "detector": plate,
    }  # fmt: skip
    return CArm(**(given | changed))  # type: ignore[arg-type]


def grid(turn: Rotation, spacing: tuple[float, float, float], shape: tuple[int, int, int]):
    affine = np.eye(4)
    affine[:3, :3] = turn.as_matrix() * spacing
    affine[:3, 3] = CENTRE - affine[:3, :3] @ (0.5 * (np.array(shape) - 1))
    index = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), -1)
    return affine, moved(affine, index.astype(float))


def blob(turn: Rotation = Rotation.identity()) -> Attenuation:  # noqa: B008
    affine, points = grid(turn, (1.0, 1.1, 1.5), (70, 64, 50))
    far = ((points - MIDDLE) ** 2).sum(-1)
    values = PEAK * np.exp(-0.5 * far / SD_MM**2)
    return Attenuation(values=values.astype(np.float32), lps_from_index=affine)


def blob_integrals(machine: CArm) -> np.ndarray:
    """Closed answer: a Gaussian's line integral depends on the ray's distance from its middle."""
    rows, columns = machine.detector.pixels
    pixel = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), -1).reshape(-1, 2)
    ends = moved(machine.lps_from_pixel, np.c_[pixel, np.zeros(len(pixel))])
    ray = ends - machine.source
    ray /= np.linalg.norm(ray, axis=1, keepdims=True)
    off = np.linalg.norm(np.cross(MIDDLE - machine.source, ray), axis=1)
    whole = PEAK * SD_MM * np.sqrt(2 * np.pi) * np.exp(-0.5 * (off / SD_MM) ** 2)
    return whole.reshape(rows, columns)


def picture(volume: Attenuation, machine: CArm, voxels: int = 1, pose=None) -> np.ndarray:
    return line_integrals(stacked(volume, axis(volume, machine, pose), voxels), machine, pose)


def off(one: np.ndarray, other: np.ndarray) -> float:
    """Root of the mean square of the difference, as a share of that of the second."""
    return float(np.sqrt(((one - other) ** 2).mean() / (other.astype(float) ** 2).mean()))


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("pixels", [24, 200])
@pytest.mark.parametrize("turn", [Rotation.identity(), Rotation.from_rotvec([0.3, -0.5, 0.2])])
def test_a_gaussian_blob_has_its_closed_integral(view, pixels, turn) -> None:
    # Linear interpolation widens the blob: variance + h²/6, at most 0.8 % here.
    machine = carm(*view, pixels=pixels)
    assert off(picture(blob(turn), machine), blob_integrals(machine)) < 8e-3
    assert off(picture(blob(turn), machine, voxels=3), blob_integrals(machine)) < 1.2e-2


@pytest.mark.parametrize("primary", [180, 90, 160])
@pytest.mark.parametrize("pixels", [9, 201])
def test_a_ray_through_a_box_has_its_chord(primary, pixels) -> None:
    shape, spacing = (40, 44, 60), (1.5, 2.0, 1.0)
    affine, _ = grid(Rotation.identity(), spacing, shape)
    full = np.full(shape, 0.02, dtype=np.float32)
    machine = carm(primary, 0, pixels=pixels, detector=Detector(
        side_mm=(2.0, 2.0), pixels=(pixels, pixels), offset_mm=(0.0, 0.0)))  # fmt: skip
    found = picture(Attenuation(values=full, lps_from_index=affine), machine)
    toward = machine.axes[2]
    along = 1 if primary != 90 else 0
    chord = shape[along] * spacing[along] / abs(toward[along])
    assert found[pixels // 2, pixels // 2] == pytest.approx(0.02 * chord, rel=1e-5)


@pytest.mark.parametrize("pixels", [40, 180])
def test_order_and_direction_of_voxels_do_not_matter(pixels) -> None:
    volume = blob()
    machine = carm(150, 20, pixels=pixels)
    turn = np.zeros((4, 4))
    turn[2, 0], turn[0, 1], turn[1, 2], turn[3, 3] = 1, -1, 1, 1
    turn[0, 3] = volume.values.shape[0] - 1
    values = volume.values.transpose(2, 0, 1)[:, ::-1]
    other = Attenuation(values=values, lps_from_index=volume.lps_from_index @ turn)
    assert off(picture(other, machine), picture(volume, machine)) < 1e-4


@pytest.mark.parametrize("pixels", [30, 160])
def test_a_moved_volume_is_the_c_arm_moved_back(pixels) -> None:
    volume, shift = blob(), np.array([3.0, -5.0, 4.0])
    pose = np.eye(4)
    pose[:3, :3] = Rotation.from_euler("z", 20, degrees=True).as_matrix()
    pose[:3, 3] = CENTRE - pose[:3, :3] @ CENTRE + shift
    here = carm(170, -8, pixels=pixels)
    # Turning the patient by +20° about the head axis is turning the receptor by −20°.
    there = carm(150, -8, pixels=pixels, isocentre=CENTRE - pose[:3, :3].T @ shift)
    assert np.allclose(there.source, moved(np.linalg.inv(pose), here.source))
    assert off(picture(volume, here, pose=pose), picture(volume, there)) < 1e-4


def test_few_and_many_pixels_agree() -> None:
    # The same rays: every 5th pixel of the fine picture is a pixel of the coarse one.
    fine = carm(150, 20, detector=Detector(
        side_mm=(150.0, 150.0), pixels=(300, 300), offset_mm=(0.0, 0.0)))  # fmt: skip
    coarse = carm(150, 20, detector=Detector(
        side_mm=(150.0, 150.0), pixels=(60, 60), offset_mm=(0.0, 0.0)))  # fmt: skip
    assert off(picture(blob(), fine)[2::5, 2::5], picture(blob(), coarse)) < 1e-3


def test_a_row_beside_the_content_is_empty_though_nothing_changes_along_it() -> None:
    # Slopes of rounding only: the quotient is beyond an integer, and its length once ran over.
    first, last = kernels._narrowed(78, 191, -1e4, -1e-16)
    assert -(2**40) < last <= first


def test_a_part_moved_leaves_no_hole() -> None:
    volume = blob()
    mask = volume.values > 0.5 * PEAK
    machine = carm(165, 10)
    own = excess(volume, mask, 0.01)
    rest = Attenuation(values=np.where(mask, np.float32(0.01), volume.values),
                       lps_from_index=volume.lps_from_index)  # fmt: skip
    both = picture(rest, machine) + picture(own, machine)
    assert off(both, picture(volume, machine)) < 3e-3
    part = masked(volume, mask)
    assert part.values.shape < volume.values.shape
    outside = masked(volume, ~mask)
    # A mask's sharp rim is the hardest for the cubic look-up.
    assert off(picture(part, machine) + picture(outside, machine), picture(volume, machine)) < 3e-3


def test_nothing_lies_behind_the_source_or_beside_the_volume() -> None:
    away = carm(180, 0, isocentre=CENTRE + np.array([0.0, 900.0, 0.0]))
    assert not picture(blob(), away).any()
    beside = carm(180, 0, isocentre=CENTRE + np.array([400.0, 0.0, 0.0]), pixels=150)
    assert not picture(blob(), beside).any()


def test_what_cannot_be_rendered_is_refused() -> None:
    with pytest.raises(InputError, match="along the axis"):
        line_integrals(stacked(blob(), 2, 1), carm(180, 0))
    with pytest.raises(VolumeError, match="no voxel"):
        masked(blob(), blob().values > 1.0)
