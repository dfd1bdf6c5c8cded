"""One vertebra as a cloud of points that can be thrown onto a detector.

What a vertebra adds to an X-ray picture is what it holds above soft tissue: taken out, moved and
put back it leaves no hole. Each point carries that excess, so that a picture of the bone alone is
the sum of its points (splatting), at a cost that does not depend on the size of the CT.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from numba import njit
from scipy.ndimage import gaussian_filter

from basivert.arrays import Affine, Grid, Point, frozen
from basivert.constants.model import Table
from basivert.errors import LabelError
from basivert.fluoroscopy.carm import CArm
from basivert.geometry.grids import regridded
from basivert.geometry.morphology import depth_mm
from basivert.geometry.rigid import moved
from basivert.volume.model import Labels, Volume

# A point sample stands for a ball of its own pitch; smoothing by half of it keeps coarse clouds
# from missing thin cortex.
SMOOTHING = 0.5
BLOCK = 512  # points that are worked out at once
EDGE = 1e-3  # pixels; a point this near to the last one counts as outside


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cloud:
    """One bone as points.

    points: (n, 3) float32, LPS mm of the CT, relative to `centre`; column after column in memory,
        which makes throwing them twice as fast.
    weights: (n,) float32, excess over soft tissue times the volume of a point, HU·mm³.
    centre: (3,) LPS mm of the CT, mean of the label; motions turn about it.
    """

    points: np.ndarray
    weights: np.ndarray
    centre: Point

    def __post_init__(self) -> None:
        object.__setattr__(self, "points", np.asfortranarray(self.points))
        for name in ("points", "weights", "centre"):
            object.__setattr__(self, name, frozen(getattr(self, name)))


def cloud(ct: Volume, labels: Labels, name: str, pitch_mm: float, table: Table) -> Cloud:
    """The structure called `name` as points `pitch_mm` apart.

    Args:
        table: `registration`, rows cloud.*.

    Raises: LabelError where the label has no voxels.
    """
    centre = labels.centre(name)
    if centre is None:
        raise LabelError(
            f"The label map holds no {name}.", fix="Choose a level that is labelled in this CT."
        )
    excess, lps_from_index = _excess(ct, labels, name, table)
    values, lps_from_new = _resampled(excess, lps_from_index, pitch_mm)
    keep = np.argwhere(values > table["cloud.least_excess"].value)
    points = moved(lps_from_new, keep.astype(float)) - centre
    weights = values[tuple(keep.T)] * pitch_mm**3
    return Cloud(
        points=points.astype(np.float32), weights=weights.astype(np.float32), centre=centre
    )


def _excess(ct: Volume, labels: Labels, name: str, table: Table) -> tuple[Grid, Affine]:
    """HU above soft tissue in the label and a thin rim about it, cropped to that."""
    rim_mm = table["cloud.rim"].value
    inside = labels.pieces[labels.code_of[name]].box
    margin = np.ceil(rim_mm / ct.spacing_mm).astype(int) + 1
    low = [max(part.start - m, 0) for part, m in zip(inside, margin, strict=True)]
    box = tuple(slice(a, part.stop + m) for a, part, m in zip(low, inside, margin, strict=True))
    near = depth_mm(labels.volume.values[box] != labels.code_of[name], ct.spacing_mm) <= rim_mm
    soft = table["cloud.soft_tissue"].value
    excess = np.where(near, np.maximum(ct.values[box].astype(np.float32) - soft, 0.0), 0.0)
    lps_from_index = ct.lps_from_index.copy()
    lps_from_index[:3, 3] = moved(ct.lps_from_index, np.array(low, float))
    return np.pad(excess, 1).astype(np.float32), _shifted(lps_from_index, -1.0)


def _shifted(lps_from_index: Affine, by: float) -> Affine:
    out = lps_from_index.copy()
    out[:3, 3] = moved(lps_from_index, np.full(3, by))
    return out


def _resampled(values: Grid, lps_from_index: Affine, pitch_mm: float) -> tuple[Grid, Affine]:
    spacing = np.linalg.norm(lps_from_index[:3, :3], axis=0)
    smooth = gaussian_filter(
        values, np.where(pitch_mm > spacing, SMOOTHING * pitch_mm / spacing, 0.0), mode="constant"
    )
    i, j, k = (int(n) for n in np.ceil(np.array(values.shape) * spacing / pitch_mm))
    step = np.diag([*(pitch_mm / spacing), 1.0])
    lps_from_new = lps_from_index @ step
    return regridded(smooth, lps_from_index, lps_from_new, (i, j, k), outside=0.0), lps_from_new


def picture_from_room(carm: CArm, binning: int, first: tuple[int, int]) -> np.ndarray:
    """(3, 4): room LPS mm → (column, row, 1) times depth, in a binned and cropped picture.

    Args:
        binning: detector pixels that one pixel of the picture joins, each way.
        first: (row, column) of the picture's first pixel, in binned pixels.
    """
    half = 0.5 / binning - 0.5
    binned = np.array([
        [1.0 / binning, 0.0, half - first[1]],
        [0.0, 1.0 / binning, half - first[0]],
        [0.0, 0.0, 1.0],
    ])  # fmt: skip
    return binned @ carm.projection


def splatted(
    bone: Cloud, room_from_ct: Affine, picture_from_room: np.ndarray, shape: tuple[int, int]
) -> np.ndarray:
    """Picture of the bone alone, its excess over soft tissue along each ray.

    Args:
        room_from_ct: where the bone stands: CT's LPS mm → LPS mm of the C-arm's isocentre.
        picture_from_room: see `picture_from_room`.
        shape: rows, columns.

    Returns: shape float32, HU·mm up to one factor for the whole picture.
    """
    placed = room_from_ct.copy()
    placed[:3, 3] = moved(room_from_ct, bone.centre)
    matrix = (picture_from_room @ placed).astype(np.float32)
    return _splat(bone.points, bone.weights, matrix, shape[0], shape[1])


@njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
@no_type_check
def _splat(
    points: np.ndarray, weights: np.ndarray, matrix: np.ndarray, rows: int, columns: int
) -> np.ndarray:
    picture = np.zeros(rows * columns, np.float32)
    across, down = np.uint64(1), np.uint64(columns)
    pixel = np.empty(BLOCK, np.int32)
    share = np.empty((4, BLOCK), np.float32)
    for first in range(0, len(weights), BLOCK):
        count = min(BLOCK, len(weights) - first)
        _shares(points, weights, matrix, rows, columns, first, count, pixel, share)
        for k in range(count):
            # Unsigned, an index needs no test for counting from the end.
            at = np.uint64(pixel[k])
            picture[at] += share[0, k]
            picture[at + across] += share[1, k]
            picture[at + down] += share[2, k]
            picture[at + down + across] += share[3, k]
    return picture.reshape(rows, columns)


@njit(nogil=True, fastmath=True, cache=True, error_model="numpy")
@no_type_check
def _shares(
    points: np.ndarray, weights: np.ndarray, matrix: np.ndarray, rows: int, columns: int,
    first: int, count: int, pixel: np.ndarray, share: np.ndarray,
) -> None:  # fmt: skip
    """Of each point of a block, its upper left pixel and what four pixels get of it.

    Without a branch, so that several points are worked out at once; outside, the shares are 0.
    """
    # Plain numbers: the compiler cannot know that writing shares leaves the matrix as it is.
    ax, ay, az, a1 = matrix[0, 0], matrix[0, 1], matrix[0, 2], matrix[0, 3]
    bx, by, bz, b1 = matrix[1, 0], matrix[1, 1], matrix[1, 2], matrix[1, 3]
    cx, cy, cz, c1 = matrix[2, 0], matrix[2, 1], matrix[2, 2], matrix[2, 3]
    right, low = np.float32(columns - 1 - EDGE), np.float32(rows - 1 - EDGE)
    none, wide = np.float32(0.0), np.int32(columns)
    for k in range(count):
        x, y, z = points[first + k, 0], points[first + k, 1], points[first + k, 2]
        over = np.float32(1.0) / (cx * x + cy * y + cz * z + c1)
        column = (ax * x + ay * y + az * z + a1) * over
        row = (bx * x + by * y + bz * z + b1) * over
        # A voxel nearer to the source covers more pixels, each with the same line integral.
        weight = weights[first + k] * over * over
        inner_column = min(max(column, none), right)
        inner_row = min(max(row, none), low)
        if inner_column != column or inner_row != row:
            weight = none
        i, j = np.int32(inner_row), np.int32(inner_column)
        beside = inner_column - np.float32(j)
        lower = weight * (inner_row - np.float32(i))
        upper = weight - lower
        pixel[k] = i * wide + j
        share[0, k] = upper - upper * beside
        share[1, k] = upper * beside
        share[2, k] = lower - lower * beside
        share[3, k] = lower * beside
