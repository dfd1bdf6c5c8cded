"""CT and labels of a virtual patient: partial volume, blur and noise without supersampling."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from scipy.special import ndtr

from basivert.arrays import Affine
from basivert.geometry.grids import grid_points
from basivert.geometry.rigid import inverse, moved
from basivert.phantom.model import LevelSpec, OpeningSpec, VertebraTruth, VirtualSpine
from basivert.phantom.shapes import VESSELS, body, bone_on_grid, endplate, opening, vessel
from basivert.volume.model import Case, Labels, Volume

# CT numbers, HU, and true thickness of cortex, mm (shell.thickness, pedicle.cortex).
MUSCLE_HU, FAT_HU, AIR_HU, DISC_HU, VEIN_HU, CORTEX_HU = 55.0, -100.0, -1000.0, 90.0, 50.0, 1300.0
BLOOD_HU = 45.0
SHELL_MM, PEDICLE_CORTEX_MM = 0.5, 1.2
FAT_MM = 18.0
BOX_MM = (56.0, 70.0, 34.0)
FRONT_SHARE = 0.62
SCLEROSIS_MM = 6.0
CODES = {"L1": 1, "L2": 2, "L3": 3, "L4": 4, "L5": 5, "S1": 6, "aorta": 11, "vena_cava": 12}
TEXTURE_HU, TEXTURE_MM = 14.0, 1.5
# Exact evaluation is needed only this near to the surface; further off every third voxel does.
COARSE, NEAR_MM = 3, 7.0
# Where a disc and an opening can be seen: so far about them, and below the body, mm.
DISC_AROUND_MM, DISC_BELOW_MM, OPENING_AROUND_MM = 6.0, 20.0, 12.0
# A share of a voxel that no CT number shows.
NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """How the virtual patient is scanned.

    spacing_mm: along x, y, z.  blur_mm: SD of the point spread.  noise_hu: SD in soft tissue.
    turn_deg: rotation of the grid about the front-back axis.
    """

    spacing_mm: tuple[float, float, float]
    blur_mm: float
    noise_hu: float
    turn_deg: float
    seed: int


def _silent(done: float, what: str) -> None:
    """Nobody listens."""


def render(
    spine: VirtualSpine, scanner: Scanner, progress: Callable[[float, str], None] = _silent
) -> Case:
    """The virtual patient's scan with labels by truth at voxel centres.

    Args:
        spine: whom to scan.
        scanner: how.
        progress: is told the share done and what is drawn.

    Source: the mean of a step seen through a normal point spread is the normal distribution's
        integral of signed distance over its SD along the surface's normal; a voxel adds
        spacing²/12 to that SD's square. Exact for surfaces flat over one voxel.
    """
    lps_from_index, shape = _grid(spine, scanner)
    points = grid_points(lps_from_index, shape)
    hu = _soft_tissue(spine, points)
    labels = np.zeros(shape, np.int16)
    nearest = np.zeros(shape, np.float32)
    rng = np.random.default_rng(scanner.seed)
    for number, (level, truth) in enumerate(spine.vertebrae.items()):
        progress(number / len(spine.vertebrae), f"drawing {level}")
        box = _box(truth, lps_from_index, shape)
        inside = moved(inverse(truth.lps_from_body), points[box]).astype(np.float32)
        part, distance = _painted(truth.spec, inside, hu[box], truth, scanner, rng)
        hu[box] = part
        mine = (distance < 0) & (distance < nearest[box])
        labels[box] = np.where(mine, CODES[level], labels[box])
        nearest[box] = np.minimum(nearest[box], distance)
        front = inside[..., 1] < -truth.spec.depth_mm / 2
        for name in VESSELS:
            blood = vessel(truth.spec, name, inside[front])
            there, named_there = hu[box][front], labels[box][front]
            hu[box][front] = there + (BLOOD_HU - there) * ndtr(-blood / scanner.blur_mm)
            free = (blood < 0) & (named_there == 0)
            labels[box][front] = np.where(free, CODES[name], named_there)
    hu += _noise(shape, scanner, rng)
    ct = Volume(values=hu.astype(np.float32), lps_from_index=lps_from_index, unit="HU")
    named = Volume(values=labels, lps_from_index=lps_from_index, unit="label")
    codes = {name: CODES[name] for name in (*spine.vertebrae, *VESSELS)}
    return Case(
        ct=ct, labels=Labels(volume=named, code_of=codes, convention="Virtual patient"),
        findings=(), ct_name="virtual patient", labels_name="truth",
    )  # fmt: skip


def _grid(spine: VirtualSpine, scanner: Scanner) -> tuple[Affine, tuple[int, int, int]]:
    """A box about the vertebrae and out to the skin of the back."""
    centres = np.array([truth.lps_from_body[:3, 3] for truth in spine.vertebrae.values()])
    low = centres.min(axis=0) - [BOX_MM[0], 42.0, 32.0]
    high = centres.max(axis=0) + np.array([BOX_MM[0], 0.0, 32.0])
    high[1] = spine.torso_centre[1] + spine.torso_half_mm[1] + 12.0
    turn = np.radians(scanner.turn_deg)
    rotation = np.array([[np.cos(turn), 0, np.sin(turn)], [0, 1, 0],
                         [-np.sin(turn), 0, np.cos(turn)]])  # fmt: skip
    middle = (low + high) / 2
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = rotation * scanner.spacing_mm
    i, j, k = (int(n) for n in np.ceil((high - low) / scanner.spacing_mm))
    lps_from_index[:3, 3] = middle - lps_from_index[:3, :3] @ (np.array([i, j, k]) - 1) / 2
    return lps_from_index, (i, j, k)


def _soft_tissue(spine: VirtualSpine, points: np.ndarray) -> np.ndarray:
    away = points - spine.torso_centre
    a, b = spine.torso_half_mm
    edge = (np.hypot(away[..., 0] / a, away[..., 1] / b) - 1.0) * min(a, b)
    return np.where(edge > 0, AIR_HU, np.where(edge > -FAT_MM, FAT_HU, MUSCLE_HU)).astype(
        np.float32
    )


def _box(
    truth: VertebraTruth, lps_from_index: Affine, shape: tuple[int, int, int]
) -> tuple[slice, slice, slice]:
    """The part of the grid that can hold this vertebra."""
    corner = np.array(np.meshgrid([-1, 1], [-FRONT_SHARE, 1], [-1, 1])).reshape(3, -1).T * BOX_MM
    index = moved(inverse(lps_from_index), moved(truth.lps_from_body, corner))
    low = np.clip(np.floor(index.min(axis=0)).astype(int), 0, np.array(shape) - 1)
    high = np.clip(np.ceil(index.max(axis=0)).astype(int) + 1, 1, shape)
    i, j, k = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return i, j, k


def _painted(
    spec: LevelSpec, p: np.ndarray, hu: np.ndarray, truth: VertebraTruth, scanner: Scanner,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """The box with this vertebra and its lower disc painted in; and its signed distance."""
    value, rear = bone_on_grid(spec, p, COARSE, NEAR_MM)
    spacing = np.array(scanner.spacing_mm)
    slopes = [np.gradient(value, s, axis=n) for n, s in enumerate(spacing)]
    length = np.sqrt(slopes[0] ** 2 + slopes[1] ** 2 + slopes[2] ** 2)
    distance = value / np.maximum(length, 0.3)
    variance = sum(slope**2 * s**2 / 12.0 for slope, s in zip(slopes, spacing, strict=True))
    sigma = np.sqrt(scanner.blur_mm**2 + variance / np.maximum(length, 1e-6) ** 2)
    cortex = np.where(rear <= value + 1e-6, PEDICLE_CORTEX_MM, SHELL_MM)
    outer, inner = ndtr(-distance / sigma), ndtr(-(distance + cortex) / sigma)
    below = _below(spec, p)
    soft = hu.copy()
    disc = ndtr(-_disc(spec, p[below]) / sigma[below])
    soft[below] = hu[below] * (1 - disc) + DISC_HU * disc
    marrow = spec.cancellous_hu + _texture(p.shape[:3], scanner, rng)
    if spec.sclerosis_upper_hu or spec.sclerosis_lower_hu:
        within = inner > NOTHING
        marrow[within] += _sclerosis(spec, p[within])
    painted = soft * (1 - outer) + CORTEX_HU * (outer - inner) + marrow * inner
    for one in spec.openings:
        near = (outer > NOTHING) & _about(one, p)
        vein = ndtr(-opening(spec, one, p[near]) / sigma[near]) * outer[near]
        painted[near] = painted[near] * (1 - vein) + VEIN_HU * vein
    return painted.astype(np.float32), distance.astype(np.float32)


def _below(spec: LevelSpec, p: np.ndarray) -> np.ndarray:
    """Voxels that the lower disc can reach, blur included."""
    x, y, z = p[..., 0], p[..., 1], p[..., 2]
    beside = (np.abs(x) < spec.width_mm / 2 + DISC_AROUND_MM) & (
        np.abs(y) < spec.depth_mm / 2 + DISC_AROUND_MM
    )
    return beside & (z < 2.0) & (z > -spec.height_mm / 2 - DISC_BELOW_MM)


def _about(one: OpeningSpec, p: np.ndarray) -> np.ndarray:
    """Voxels that an opening can reach, blur included."""
    x_mm, z_mm = one.width_mm / 2 + OPENING_AROUND_MM, one.height_mm / 2 + OPENING_AROUND_MM
    return (np.abs(p[..., 0] - one.x_mm) < x_mm) & (np.abs(p[..., 2] - one.z_mm) < z_mm)


def _disc(spec: LevelSpec, p: np.ndarray) -> np.ndarray:
    """Below the lower endplate, inside the body's outline."""
    raised = p.copy()
    raised[..., 2] = np.clip(p[..., 2], -0.3 * spec.height_mm, 0.3 * spec.height_mm)
    return np.maximum.reduce([body(spec, raised), -endplate(spec, p, -1.0),
                              endplate(spec, p, -1.0) - 9.0])  # fmt: skip


def _sclerosis(spec: LevelSpec, p: np.ndarray) -> np.ndarray:
    upper = np.exp(np.clip(endplate(spec, p, 1.0), -50, 0) / SCLEROSIS_MM)
    lower = np.exp(np.clip(endplate(spec, p, -1.0), -50, 0) / SCLEROSIS_MM)
    return spec.sclerosis_upper_hu * upper + spec.sclerosis_lower_hu * lower


def _texture(shape: tuple[int, ...], scanner: Scanner, rng: np.random.Generator) -> np.ndarray:
    """Trabecular unevenness, correlated over about a millimetre and a half."""
    field = ndimage.gaussian_filter(
        rng.standard_normal(shape).astype(np.float32), TEXTURE_MM / np.array(scanner.spacing_mm)
    )
    return TEXTURE_HU * field / max(float(field.std()), 1e-9)


def _noise(shape: tuple[int, ...], scanner: Scanner, rng: np.random.Generator) -> np.ndarray:
    field = ndimage.gaussian_filter(rng.standard_normal(shape).astype(np.float32), 0.5)
    return scanner.noise_hu * field / max(float(field.std()), 1e-9)
