"""From transmitted X-rays to the picture on the monitor: scatter, quanta, blur, brightness.

Order of the chain: primary and scatter → quanta → blur of the receptor → read-out noise →
logarithm. Assumes a receptor corrected for distance and heel effect: the open beam is even.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.ndimage import gaussian_filter, zoom

from basivert.arrays import Matrix, Pixels
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm, Detector

# What is broad is spread on blocks of this many millimetres.
BLOCK_MM = 6.0
LEAST_QUANTA, SMALL = 0.5, 1e-3
NANO = 1e-3  # nGy in a µGy


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """How a frame is taken.

    dose_ngy: mean receptor dose of one frame in the centre, primary and scatter; the picture is
        the mean of as many frames as the table's `receptor.frames` says.
    scatter_ratio: scatter to primary in the body's shadow.
    field: `full`, or `round` like an image intensifier's.
    blades_mm: half height and half width of the collimator's opening at the receptor; None = open.
    """

    dose_ngy: float
    scatter_ratio: float
    field: Literal["full", "round"]
    blades_mm: tuple[float, float] | None


def usual_exposure(xray: Table) -> Exposure:
    """A fluoroscopy frame as the table has it, full field."""
    return Exposure(
        dose_ngy=xray["receptor.dose"].value, scatter_ratio=xray["scatter.ratio"].value,
        field="full", blades_mm=None,
    )  # fmt: skip


def opening(detector: Detector, exposure: Exposure) -> Pixels:
    """(rows, columns) pixels that the collimator and the round field leave open."""
    rows, columns = detector.pixels
    down = (np.arange(rows) + 0.5 - rows / 2) * detector.pitch_mm[0]
    across = (np.arange(columns) + 0.5 - columns / 2) * detector.pitch_mm[1]
    free = np.ones(detector.pixels, dtype=bool)
    if exposure.blades_mm is not None:
        if min(exposure.blades_mm) <= 0.0:
            raise InputError(f"Collimator blades at {exposure.blades_mm} mm leave no field.")
        free &= np.abs(down)[:, None] <= exposure.blades_mm[0]
        free &= np.abs(across)[None] <= exposure.blades_mm[1]
    if exposure.field == "round":
        free &= np.hypot(down[:, None], across[None]) <= min(detector.side_mm) / 2
    return free


def quanta(
    primary: Matrix, shadow: Pixels, free: Pixels, carm: CArm, exposure: Exposure, xray: Table,
    rng: np.random.Generator,
) -> np.ndarray:  # fmt: skip
    """Quanta that the receptor counts in each pixel; float32 (rows, columns), 0 outside the field.

    Args:
        primary: (rows, columns) share of the open beam that is transmitted.
        shadow: pixels behind the body: only there scatter arises.
        free: `opening`.
        rng: draws quanta and read-out noise.

    Raises: InputError for a dose that is not above 0.
    """
    if exposure.dose_ngy <= 0.0:
        raise InputError(f"A dose of {exposure.dose_ngy:g} nGy makes no picture.")
    pitch = np.array(carm.detector.pitch_mm)
    lit = np.where(free, primary, 0.0)
    lit += exposure.scatter_ratio * _spread(
        np.where(shadow, lit, 0.0), pitch, xray["scatter.spread"].value
    )
    per_pixel = xray["receptor.quanta"].value * NANO * exposure.dose_ngy * pitch.prod()
    per_pixel *= xray["receptor.frames"].value
    centre = _centre(lit, free, xray)
    expected = lit * (per_pixel / max(centre, np.finfo(float).tiny))
    drawn = rng.poisson(expected).astype(np.float32)
    seen = gaussian_filter(drawn, xray["receptor.blur"].value / pitch, truncate=3.0)
    seen += np.float32(xray["receptor.electronic"].value) * rng.standard_normal(
        seen.shape, dtype=np.float32
    )
    return np.where(free, np.maximum(seen, np.float32(LEAST_QUANTA)), np.float32(0))


def levelled(counted: Matrix, free: Pixels, known: Pixels, carm: CArm, xray: Table) -> np.ndarray:
    """Grey values, bone and metal dark; automatic brightness on the centre.

    known: pixels whose rays lie in the scan; the others drive neither brightness nor levelling.
    Returns: float32 (rows, columns), black 0 to white 1 and beyond where a monitor would cut it
        off; 0 outside the field.
    """
    logs = np.log(np.maximum(counted, np.float32(LEAST_QUANTA)))
    used = free & known if (free & known).any() else free
    pitch, sd = np.array(carm.detector.pitch_mm), xray["display.broad"].value
    weight = _spread(used.astype(float), pitch, sd)
    broad = _spread(np.where(used, logs, 0.0), pitch, sd) / np.maximum(weight, SMALL)
    logs = logs - np.float32(xray["display.levelled"].value) * broad.astype(np.float32)
    middle = np.float32(_centre(logs, used, xray))
    grey = xray["display.level"].value + (logs - middle) / np.float32(xray["display.span"].value)
    return np.where(free, grey, 0.0).astype(np.float32)


def _spread(lit: Matrix, pitch: np.ndarray, sd_mm: float) -> np.ndarray:
    """Values spread broadly, over a picture's own size as nothing lay beyond."""
    rows, columns = lit.shape
    block = np.maximum(1, (BLOCK_MM / pitch).astype(int))
    high, wide = -(-rows // block[0]), -(-columns // block[1])
    padded = np.pad(lit, ((0, high * block[0] - rows), (0, wide * block[1] - columns)))
    coarse = padded.reshape(high, block[0], wide, block[1]).mean(axis=(1, 3))
    coarse = gaussian_filter(coarse, sd_mm / (pitch * block), mode="constant")
    fine = np.asarray(zoom(coarse, block, order=1, mode="nearest", grid_mode=True))
    return fine[:rows, :columns]


def _centre(values: Matrix, used: Pixels, xray: Table) -> float:
    """Mean over the used pixels of the middle; over all used ones where the middle has none."""
    middle = used & middle_of(values.shape, xray)
    chosen = middle if middle.any() else used
    return float(values[chosen].mean()) if chosen.any() else 0.0


def middle_of(shape: tuple[int, ...], xray: Table) -> Pixels:
    """(rows, columns) bool: what automatic brightness looks at."""
    rows, columns = shape
    edge = [round(0.5 * (1.0 - xray["display.centre"].value) * n) for n in (rows, columns)]
    middle = np.zeros((rows, columns), dtype=bool)
    middle[edge[0] : rows - edge[0], edge[1] : columns - edge[1]] = True
    return middle
