"""Evidence for a bone: what it must and must not depend on."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.fluoroscopy.similarity import covered, edges, evidence, smoothed, whole_evidence
from basivert.fluoroscopy.trust import trust

TABLE = builtin("registration")


@pytest.fixture
def bone() -> np.ndarray:
    rows, columns = np.mgrid[:64, :64]
    ring = np.exp(-(((np.hypot(rows - 30, columns - 34) - 12.0) / 2.0) ** 2))
    return ring.astype(np.float32)


@pytest.fixture
def frame(bone: np.ndarray) -> np.ndarray:
    rows, columns = np.mgrid[:64, :64]
    rng = np.random.default_rng(3)
    ground = 0.02 * rows + 0.3 * np.sin(columns / 17.0) + 0.02 * rng.normal(size=bone.shape)
    return (ground + 0.4 * bone).astype(np.float32)


SEEN = np.ones((64, 64), bool)


def test_the_right_place_has_more_evidence_than_any_shift(bone, frame) -> None:
    fixed = edges(frame, SEEN, 5)
    here = evidence(bone, fixed)
    shifted = [
        evidence(np.roll(bone, (i, j), (0, 1)), fixed)
        for i in range(-6, 7, 2) for j in range(-6, 7, 2) if (i, j) != (0, 0)
    ]  # fmt: skip
    assert here > max(shifted)


def test_gain_and_offset_of_frame_and_bone_do_not_count(bone, frame) -> None:
    plain = evidence(bone, edges(frame, SEEN, 5))
    other = evidence(40.0 * bone, edges(7.0 * frame + 3.0, SEEN, 5))
    assert other == pytest.approx(plain, rel=1e-3)


def test_an_inverted_frame_has_no_evidence_for_the_bone(bone, frame) -> None:
    assert evidence(bone, edges(-frame, SEEN, 5)) < 0.2 * evidence(bone, edges(frame, SEEN, 5))


def test_bright_metal_that_is_masked_changes_nothing(bone, frame) -> None:
    seen = SEEN.copy()
    seen[20:30, 40:56] = False
    spoiled = frame.copy()
    spoiled[22:28, 42:54] += 5.0
    assert evidence(bone, edges(spoiled, seen, 5)) == evidence(bone, edges(frame, seen, 5))


def test_an_even_part_of_a_frame_has_no_power_however_bright_the_rest() -> None:
    """Running sums over what is bright leave rounding behind."""
    picture = np.zeros((80, 120), np.float32)
    picture[:, :50] = 1000.0 * np.random.default_rng(1).normal(size=(80, 50))
    power = edges(picture, np.ones(picture.shape, bool), 6).power
    assert np.all(power[:, 60:] == 0.0)
    assert np.all(power[10:-10, 10:40] > 0.0)


def test_hiding_behind_a_mask_does_not_pay(bone, frame) -> None:
    seen = SEEN.copy()
    seen[:32] = False
    half = edges(frame, seen, 5)
    assert 0.2 < covered(bone, half) < 0.8
    assert whole_evidence(bone, half) < whole_evidence(bone, edges(frame, SEEN, 5))


def test_smoothing_keeps_the_sum_of_what_lies_inside(bone) -> None:
    assert smoothed(bone, 1.5).sum() == pytest.approx(bone.sum(), rel=1e-3)
    level = np.full((20, 30), 2.5, np.float32)
    assert np.allclose(smoothed(level, 1.0), 2.5, atol=1e-5)


def test_a_flat_optimum_or_an_equal_rival_is_never_good() -> None:
    assert trust(0.4, 0.35, 0.2, TABLE).verdict == "good"
    assert trust(0.4, 0.75, 0.2, TABLE).verdict != "good"
    assert trust(0.4, 0.35, 0.39, TABLE).verdict != "good"
    assert trust(0.0, 1.0, 0.0, TABLE).verdict == "failed"
