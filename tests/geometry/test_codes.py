"""Where codes lie, against scipy and numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy import ndimage

from basivert.geometry.codes import extents

GRIDS = st.sampled_from([np.int16, np.uint8, np.int64]).flatmap(
    lambda kind: arrays(kind, array_shapes(min_dims=3, max_dims=3, max_side=6),
                        elements=st.integers(0, 4))
)  # fmt: skip


@given(GRIDS, st.sampled_from(["C", "F", "cut"]))
def test_boxes_counts_and_middles_are_those_of_scipy(grid, order):
    grid = grid[::2, :, 1:] if order == "cut" and grid.shape[2] > 1 else np.asarray(grid, order="K")
    grid = np.asfortranarray(grid) if order == "F" else grid
    found = extents(grid)
    assert len(found.count) == grid.max() + 1
    for code, box in enumerate(ndimage.find_objects(grid), start=1):
        at = np.argwhere(grid == code)
        assert found.count[code] == len(at)
        np.testing.assert_array_equal(found.sums[code], at.sum(axis=0))
        if box is not None:
            np.testing.assert_array_equal(found.low[code], [part.start for part in box])
            np.testing.assert_array_equal(found.high[code], [part.stop for part in box])


def test_a_mask_is_code_one():
    mask = np.zeros((3, 4, 5), bool)
    mask[1, 2:, 3] = True
    found = extents(mask.view(np.uint8))
    np.testing.assert_array_equal(found.low[1], [1, 2, 3])
    np.testing.assert_array_equal(found.high[1], [2, 4, 4])
    assert found.count[1] == 2


@pytest.mark.parametrize("code", [32767, 100_000])
def test_large_codes_keep_their_number(code):
    grid = np.zeros((2, 2, 2), np.int64)
    grid[1, 0, 1] = code
    found = extents(grid)
    np.testing.assert_array_equal(np.flatnonzero(found.count), [code])
