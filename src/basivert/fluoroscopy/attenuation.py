"""How much X-ray each voxel of a CT takes away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import no_type_check

import numpy as np
from numba import njit

from basivert.arrays import Affine, Grid, Mask, frozen
from basivert.constants.model import Table
from basivert.errors import VolumeError
from basivert.volume.model import Volume


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Attenuation:
    """Attenuation at the voxel centres, trilinear between them, zero one voxel beyond the last.

    values: (i, j, k) float32, 1/mm at 60 keV, read-only.
    lps_from_index: voxel centre (i, j, k, 1) → LPS mm.
    """

    values: Grid
    lps_from_index: Affine

    def __post_init__(self) -> None:
        if self.values.ndim != 3 or self.values.size == 0:
            raise VolumeError(f"Attenuation of shape {self.values.shape} is no volume.")
        values = np.asarray(self.values, dtype=np.float32)
        object.__setattr__(self, "values", frozen(values))
        object.__setattr__(self, "lps_from_index", frozen(self.lps_from_index.astype(float)))


def mu_from_hu(hu: np.ndarray, xray: Table) -> np.ndarray:
    """Attenuation at 60 keV, float32 1/mm, of CT numbers of any shape.

    Water's share below 0 HU, bone's slope above: domain mapping of `xray` (rows mu.*, hu.*).
    """
    made = np.empty(hu.shape, dtype=np.float32)
    _fill(hu.reshape(1, -1), *_mapping(xray), made.reshape(1, -1))
    return made


def _mapping(xray: Table) -> tuple[float, float, float, float]:
    """HU of air, 1/mm of water, 1/mm per HU below and above 0 HU."""
    air, water = xray["hu.air"].value, xray["mu.water"].value
    return air, water, -water / air, (xray["mu.bone"].value - water) / xray["hu.bone"].value


@njit(cache=True, nogil=True)
@no_type_check
def _fill(hu, air, water, below, above, made):
    for i in range(hu.shape[0]):
        for j in range(hu.shape[1]):
            value = max(hu[i, j], air)
            made[i, j] = water + (below if value <= 0.0 else above) * value


def attenuation(ct: Volume, xray: Table) -> Attenuation:
    """Attenuation of a CT in HU. Raises VolumeError for a volume of labels.

    Args:
        xray: table `xray`.
    """
    if ct.unit != "HU":
        raise VolumeError(
            f"A volume in {ct.unit} has no attenuation.", fix="Give the CT, not its labels."
        )
    values = np.empty_like(ct.values, dtype=np.float32)  # in the order of the scan
    for k in range(values.shape[2]):  # slice by slice: no second copy of the whole
        _fill(ct.values[:, :, k].T, *_mapping(xray), values[:, :, k].T)
    return Attenuation(values=values, lps_from_index=ct.lps_from_index)


def cut_out(whole: Attenuation, box: tuple[slice, ...]) -> Attenuation:
    """A part of the volume, without a copy; zero one voxel beyond it."""
    return Attenuation(values=whole.values[box], lps_from_index=_shifted(whole.lps_from_index, box))


def masked(whole: Attenuation, mask: Mask) -> Attenuation:
    """The same with zero outside the mask, cut to the box that holds the mask.

    Masking comes before interpolation, so the border is half a voxel soft.
    Raises: VolumeError for an empty mask.
    """
    box = _box(mask)
    values = np.where(mask[box], whole.values[box], np.float32(0))
    return Attenuation(values=values, lps_from_index=_shifted(whole.lps_from_index, box))


def excess(whole: Attenuation, mask: Mask, tissue_mu: float) -> Attenuation:
    """What the masked voxels take away beyond soft tissue of `tissue_mu` 1/mm, cut to their box.

    Line integrals add: the picture of a moved bone is the whole, minus this, plus this moved; no
    hole stays behind.
    """
    box = _box(mask)
    values = np.where(mask[box], whole.values[box] - np.float32(tissue_mu), np.float32(0))
    return Attenuation(values=values, lps_from_index=_shifted(whole.lps_from_index, box))


def _box(mask: Mask) -> tuple[slice, ...]:
    box = []
    for axis in range(3):
        held = np.flatnonzero(mask.any(axis=tuple({0, 1, 2} - {axis})))
        if held.size == 0:
            raise VolumeError("The mask holds no voxel.", fix="Choose a structure that is there.")
        box.append(slice(int(held[0]), int(held[-1]) + 1))
    return tuple(box)


def _shifted(lps_from_index: Affine, box: tuple[slice, ...]) -> Affine:
    shifted = lps_from_index.copy()
    shifted[:3, 3] += lps_from_index[:3, :3] @ [part.start for part in box]
    return shifted
