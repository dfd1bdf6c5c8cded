"""The chain after the beam: quanta, scatter, field, brightness; and where the scan ends."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.special import erf

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.attenuation import Attenuation
from basivert.fluoroscopy.beam import beam
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.fluoroscope import Patient, frame
from basivert.fluoroscopy.image import levelled, opening, quanta, usual_exposure
from basivert.fluoroscopy.metal import Tool
from basivert.workflow.fluoro_frame import fluoro_tables, picture, turned

XRAY, EIGHTY = builtin("xray"), beam(builtin("beams/80kvp"))
USUAL = usual_exposure(XRAY)
PLATE = Detector(side_mm=(200.0, 200.0), pixels=(160, 160), offset_mm=(0.0, 0.0))
AP = CArm(primary_deg=180.0, secondary_deg=0.0, isocentre=np.zeros(3), source_isocentre_mm=600.0,
          source_detector_mm=1000.0, detector=PLATE)  # fmt: skip
ALL = np.ones(PLATE.pixels, dtype=bool)


def counted(primary: np.ndarray, exposure=USUAL, shadow=ALL, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return quanta(primary, shadow, opening(PLATE, exposure), AP, exposure, XRAY, rng)


@pytest.mark.parametrize("dose", [10.0, 40.0])
def test_quanta_are_those_of_the_stated_dose_and_fluctuate_as_such(dose: float) -> None:
    found = counted(np.full(PLATE.pixels, 0.02), replace(USUAL, dose_ngy=dose, scatter_ratio=0.0))
    middle = found[20:-20, 20:-20].astype(float)
    per_mm2 = XRAY["receptor.quanta"].value * dose / 1000 * XRAY["receptor.frames"].value
    expected = per_mm2 * np.prod(PLATE.pitch_mm)
    assert middle.mean() == pytest.approx(expected, rel=0.01)
    # The blur (SD 0.24 pixels here) takes some of the quantum noise away, never adds to it.
    assert (
        0.5 * expected < middle.var() < 1.05 * (expected + XRAY["receptor.electronic"].value ** 2)
    )


def test_an_open_beam_beside_the_patient_makes_no_scatter() -> None:
    half = ALL.copy()
    half[:, 80:] = False
    primary = np.where(half, 0.02, 1.0)
    none = counted(primary, replace(USUAL, scatter_ratio=0.0), half).astype(float)
    some = counted(primary, replace(USUAL, scatter_ratio=1.0), half).astype(float)
    # Without scatter contrast is 50; scatter fills the shadow, and the open half would fill it
    # twenty-fold if it scattered.
    contrast = [x[40:-40, 90:150].mean() / x[40:-40, 10:60].mean() for x in (none, some)]
    assert contrast[0] == pytest.approx(50.0, rel=0.05)
    assert 20.0 < contrast[1] < 40.0


def test_blades_and_round_field_blacken_the_rest() -> None:
    round_field = opening(PLATE, replace(USUAL, field="round"))
    assert round_field.mean() == pytest.approx(np.pi / 4, abs=0.01)
    narrow = replace(USUAL, blades_mm=(25.0, 50.0))
    assert opening(PLATE, narrow).sum() == 40 * 80
    found = counted(np.full(PLATE.pixels, 0.1), narrow)
    assert not found[~opening(PLATE, narrow)].any()
    with pytest.raises(InputError, match="no field"):
        opening(PLATE, replace(USUAL, blades_mm=(0.0, 5.0)))
    with pytest.raises(InputError, match="dose"):
        counted(np.full(PLATE.pixels, 0.1), replace(USUAL, dose_ngy=0.0))


def test_brightness_of_the_centre_does_not_depend_on_the_patients_thickness() -> None:
    grey = [
        levelled(counted(np.full(PLATE.pixels, share)), ALL, ALL, AP, XRAY) for share in (0.1, 1e-3)
    ]
    for shown in grey:
        assert shown[60:100, 60:100].mean() == pytest.approx(XRAY["display.level"].value, abs=0.02)


def cylinder() -> Attenuation:
    """A trunk of water, 160 × 120 mm, 100 mm long, with a bone in its axis; voxels 2 × 2 × 4 mm."""
    x, y = np.meshgrid(np.arange(-100, 101, 2.0), np.arange(-80, 81, 2.0), indexing="ij")
    slice_ = np.where((x / 80) ** 2 + (y / 60) ** 2 < 1, 0.0206, 0.0)
    slice_ = np.where(np.hypot(x, y) < 15, 0.05, slice_)
    affine = np.diag([2.0, 2.0, 4.0, 1.0])
    affine[:3, 3] = [-100.0, -80.0, -50.0]
    return Attenuation(values=np.repeat(slice_[:, :, None], 26, axis=2).astype(np.float32),
                       lps_from_index=affine)  # fmt: skip


def test_a_picture_is_unknown_where_the_body_goes_on_and_the_scan_does_not() -> None:
    wide = replace(AP, detector=replace(PLATE, side_mm=(340.0, 340.0)))
    made = frame(Patient(whole=cylinder(), xray=XRAY), (), wide, USUAL, EIGHTY,
                 np.random.default_rng(1))  # fmt: skip
    place = wide.pixel(np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 80.0], [0.0, 0.0, -80.0],
                                 [95.0, 0.0, 0.0]])).round().astype(int)  # fmt: skip
    middle, head, foot, beside = (made.known[r, c] for c, r in place)
    assert middle and beside
    assert not head and not foot


def test_bone_is_darker_than_tissue_and_metal_darker_than_bone() -> None:
    patient = Patient(whole=cylinder(), xray=XRAY)
    rod = Tool(line=np.array([[30.0, 40.0, 0.0], [60.0, 40.0, 0.0]]), radius_mm=2.0, inner_mm=0.0,
               material="steel")  # fmt: skip
    grey = frame(patient, (rod,), AP, USUAL, EIGHTY, np.random.default_rng(2)).grey
    at = AP.pixel(np.array([[0.0, 0.0, 10.0], [35.0, 0.0, 10.0], [45.0, 40.0, 0.0]]))
    bone, tissue, metal = (
        grey[r - 1 : r + 2, c - 1 : c + 2].mean() for c, r in at.round().astype(int)
    )
    assert metal < bone < tissue
    again = frame(patient, (rod,), AP, USUAL, EIGHTY, np.random.default_rng(2)).grey
    assert np.array_equal(grey, again)


@pytest.mark.parametrize("ratio", [0.5, 1.5])
def test_behind_a_small_block_lies_the_stated_share_of_scatter(ratio: float) -> None:
    """As scatter is measured: what is seen behind a block that lets nothing through is scatter."""
    primary = np.full(PLATE.pixels, 0.02)
    primary[77:83, 77:83] = 0.0
    found = counted(primary, replace(USUAL, dose_ngy=4000.0, scatter_ratio=ratio)).astype(float)
    share = found[79:81, 79:81].mean() / found[60:70, 60:100].mean()
    # Of the broad spread a plate of 200 mm catches this part at its middle.
    caught = ratio * erf(100.0 / (np.sqrt(2.0) * XRAY["scatter.spread"].value)) ** 2
    assert share == pytest.approx(caught / (1.0 + caught), rel=0.05)


def test_the_seed_of_a_picture_draws_its_noise() -> None:
    patient, tables = Patient(whole=cylinder(), xray=XRAY), fluoro_tables()
    one, again, other = (picture(patient, (), AP, USUAL, tables, seed).unclipped
                         for seed in (4, 4, 5))  # fmt: skip
    assert np.array_equal(one, again)
    assert not np.array_equal(one, other)


def test_angles_of_ones_own_take_the_place_of_their_own_alone() -> None:
    tilted = replace(AP, secondary_deg=12.0)
    for given, wanted in (((150.0, None), (150.0, 12.0)), ((None, -7.0), (180.0, -7.0))):
        found = turned(tilted, *given)
        assert (found.primary_deg, found.secondary_deg) == wanted
