"""Evidence beyond the neighbours, on drawn rings whose places are known."""

import numpy as np
import pytest

from basivert.fluoroscopy.beyond import beyond, ground
from basivert.fluoroscopy.similarity import edges, evidence

SEEN = np.ones((64, 96), bool)
BY = np.arange(-3, 4)


def ring(column: float) -> np.ndarray:
    rows, columns = np.mgrid[:64, :96]
    far = np.hypot(rows - 32, columns - column)
    return np.exp(-(((far - 12.0) / 2.0) ** 2)).astype(np.float32)


def test_a_neighbour_beside_it_draws_a_bone_but_not_once_it_is_known() -> None:
    bone, other = ring(36), ring(61)
    rng = np.random.default_rng(2)
    picture = bone + 3.0 * other + rng.normal(scale=0.05, size=bone.shape).astype(np.float32)
    fixed = edges(picture.astype(np.float32), SEEN, 6)
    known = ground(other, fixed)
    alone = [evidence(np.roll(bone, by, 1), fixed) for by in BY]
    among = [beyond(np.roll(bone, by, 1), fixed, known) for by in BY]
    assert BY[np.argmax(among)] == 0
    # How far the right place stands out against the next ones.
    assert among[3] - max(among[2], among[4]) > 1.5 * (alone[3] - max(alone[2], alone[4]))


def test_without_neighbours_it_is_the_plain_evidence() -> None:
    rng = np.random.default_rng(4)
    picture = (ring(40) + rng.normal(scale=0.1, size=(64, 96))).astype(np.float32)
    fixed = edges(picture, SEEN, 6)
    nothing = ground(np.zeros((64, 96), np.float32), fixed)
    assert beyond(ring(41), fixed, nothing) == pytest.approx(evidence(ring(41), fixed), rel=0.01)


def test_gain_of_the_neighbours_does_not_count() -> None:
    bone, other = ring(36), ring(58)
    fixed = edges((bone + 0.3 * other).astype(np.float32), SEEN, 6)
    found = [beyond(bone, fixed, ground(gain * other, fixed)) for gain in (1.0, 50.0)]
    assert found[0] == pytest.approx(found[1], rel=0.02)
    assert found[0] > evidence(bone, fixed)
