"""Line integrals of attenuation from the focal spot to every pixel.

Model: trilinear between voxel centres. A slab of voxels counts as one plane, met by one bilinear
sample; with one voxel a slab that is the model itself but for the sum along the ray.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from basivert.arrays import Affine, Matrix, Vector
from basivert.errors import InputError
from basivert.fluoroscopy import kernels
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.stack import Stack
from basivert.geometry.rigid import inverse, moved

THREADS, PARTS = 2, 8
# Pixels below which rays are followed one by one: no picture of slopes pays for so few.
FEW_PIXELS = 128 * 128
# Spacing of the slopes' picture in voxels of the plane farthest from the source: least, and per
# voxel of a slab, so that neither step spoils what the other keeps.
FINEST, PER_VOXEL = 0.33, 0.15
# Grid points kept around the slopes' picture for the cubic look-up.
RIM = 3
ALIGNED = 1e-9


def line_integrals(stack: Stack, carm: CArm, pose: Affine | None = None) -> np.ndarray:
    """Line integral of attenuation at every pixel: float32 (rows, columns), without unit.

    Args:
        stack: the volume laid out for this beam: `stacked(volume, axis(volume, carm), 2)`.
        carm: where source and detector stand; the detector lies outside the volume.
        pose: rigid 4×4 in LPS mm that moves the volume first; None leaves it where it is.

    Raises: InputError where rays run along the planes of the stack, so that another axis is needed.
    """
    lps_from_stack = stack.lps_from_stack if pose is None else pose @ stack.lps_from_stack
    stack_from_lps = inverse(lps_from_stack)
    source = moved(stack_from_lps, carm.source)
    length = carm.lps_from_pixel[:3, [0, 1, 3]]
    length[:, 2] -= carm.source
    rays = stack_from_lps[:3, :3] @ length
    corners = rays @ _corners(carm)
    if corners[2].min() * corners[2].max() <= 0.0:
        raise InputError(
            "Some rays run along the planes of this stack.",
            fix="Lay the volume out along the axis nearest to the beam.",
        )
    out = np.zeros(carm.detector.pixels, dtype=np.float32)
    window = _window(stack, source, rays, carm.detector.pixels)
    if (window[1] - window[0]) * (window[3] - window[2]) <= FEW_PIXELS:
        kernels.by_pixel(
            stack.planes, stack.boxes, stack.centres, source, rays, length, out, window
        )
        return out
    ahead = float(np.sign(corners[2, 0]))
    grid, size = _grid(stack, source, rays, corners, carm.detector.pixels)
    slopes = np.zeros(size, dtype=np.float32)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(
            lambda first, last: kernels.by_slope(
                stack.planes, stack.boxes, stack.centres, source, ahead, grid, slopes, first, last
            ), *_parts(size[0]),
        ))  # fmt: skip
        list(pool.map(
            lambda first, last: kernels.to_detector(slopes, grid, rays, length, out, first, last),
            *_parts(len(out)),
        ))  # fmt: skip
    return out


def _parts(rows: int) -> tuple[np.ndarray, np.ndarray]:
    edges = np.linspace(0, rows, PARTS + 1).astype(int)
    return edges[:-1], edges[1:]


def _corners(carm: CArm) -> np.ndarray:
    """(3, 4) the detector's outermost pixel centres as (column, row, 1)."""
    rows, columns = carm.detector.pixels
    return np.array([[c, r, 1.0] for r in (0, rows - 1) for c in (0, columns - 1)]).T


def _window(stack: Stack, source: Vector, rays: Matrix, pixels: tuple[int, int]) -> np.ndarray:
    """(4,) rows and columns, first and last plus one, that the content's box can fall on."""
    rows, columns = pixels
    if not len(stack.content):
        return np.zeros(4, dtype=np.int64)
    across, down, depth = np.linalg.solve(rays, (stack.content - source).T)
    if depth.min() <= 0.0:  # part of it beside or behind the source
        return np.array([0, rows, 0, columns])
    across, down = across / depth, down / depth
    window = np.floor([down.min(), down.max() + 2.0, across.min(), across.max() + 2.0])
    return np.clip(window, 0, [rows, rows, columns, columns]).astype(np.int64)


def _grid(
    stack: Stack, source: Vector, rays: Matrix, corners: Matrix, pixels: tuple[int, int]
) -> tuple[Vector, tuple[int, int]]:
    """The slopes' grid (first P, step, first Q, step) and its rows and columns.

    Laid on the pixels themselves where the detector is parallel to the planes and to their sides.
    """
    slant = np.abs(rays[2, :2]) * max(pixels) / abs(rays[2, 2])
    skew = np.abs([rays[0, 1], rays[1, 0]]) / np.abs([rays[0, 0], rays[1, 1]]).max()
    if max(*slant, *skew) < ALIGNED:
        steps = np.array([rays[0, 0], rays[1, 1]]) / rays[2, 2]
        firsts = rays[:2, 2] / rays[2, 2] - RIM * steps
        size = (pixels[0] + 2 * RIM, pixels[1] + 2 * RIM)
    else:
        slopes = corners[:2] / corners[2]
        farthest = np.abs(stack.centres - source[2]).max()
        steps = np.full(2, max(FINEST, PER_VOXEL * stack.voxels) / farthest)
        firsts = slopes.min(axis=1) - RIM * steps
        count = np.ceil((slopes.max(axis=1) - firsts) / steps).astype(int) + RIM + 1
        size = (int(count[1]), int(count[0]))
    return np.array([firsts[0], steps[0], firsts[1], steps[1]]), size
