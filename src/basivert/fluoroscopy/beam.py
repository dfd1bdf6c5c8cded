"""What a beam of many energies leaves behind water, bone and instruments.

Every voxel counts as water up to water's attenuation and as bone for what lies above it, so two
line integrals describe a ray for all energies. Metal adds its own lengths.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates

from basivert.arrays import Matrix, Vector, frozen
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.attenuation import Attenuation

# Grid of the look-up: straight lines between its points are off by less than 1e-3 in the logarithm.
WATER_STEP_MM, BONE_STEP_MM = 4.0, 1.0
TISSUES = ("water", "bone")
NOT_MATERIALS = ("energy", "share")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beam:
    """A spectrum as the receptor weighs it.

    share: (bins,) of the open beam's signal.  mu: material → (bins,) attenuation, 1/mm.
    """

    energy_kev: Vector
    share: Vector
    mu: Mapping[str, Vector]


def beam(table: Table) -> Beam:
    """A beam from its table, such as `beams/80kvp`. Raises InputError for rows that do not fit."""
    columns: dict[str, list[float]] = {}
    for key, row in sorted(table.rows.items()):
        columns.setdefault(key.partition(".")[0], []).append(row.value)
    made = {name: np.array(column) for name, column in columns.items()}
    needed = (*NOT_MATERIALS, *TISSUES)
    if missing := [name for name in needed if name not in made]:
        raise InputError(f"Beam {table.name} lacks {', '.join(missing)}.")
    if len({len(column) for column in made.values()}) > 1:
        raise InputError(f"Beam {table.name}: its columns are not of one length.")
    return Beam(
        energy_kev=frozen(made["energy"]), share=frozen(made["share"] / made["share"].sum()),
        mu={name: frozen(mu) for name, mu in made.items() if name not in NOT_MATERIALS},
    )  # fmt: skip


def water(volume: Attenuation, xray: Table) -> Attenuation:
    """Water in each voxel of an attenuation at 60 keV, as a share: mm of water in a mm of ray.

    xray: the table that the attenuation was made with.
    """
    share = volume.values / np.float32(xray["mu.water"].value)
    np.minimum(share, np.float32(1), out=share)  # a scan is large: no second copy
    return Attenuation(values=share, lps_from_index=volume.lps_from_index)


def bone(volume: Attenuation, xray: Table) -> Attenuation:
    """Bone beyond water in each voxel of an attenuation at 60 keV, as a share of solid bone."""
    low, high = np.float32(xray["mu.water"].value), np.float32(xray["mu.bone"].value)
    share = volume.values - low
    np.maximum(share, np.float32(0), out=share)
    share /= high - low
    return Attenuation(values=share, lps_from_index=volume.lps_from_index)


def transmitted(
    spectrum: Beam, water_mm: np.ndarray, bone_mm: np.ndarray, metal_mm: Mapping[str, np.ndarray]
) -> np.ndarray:
    """Share of the open beam that is left, for rays of any shape; 1 in air.

    Args:
        water_mm, bone_mm: line integrals of `water` and `bone`.
        metal_mm: material → length of each ray in it; every material must be in the beam's table.

    Returns: the same shape, float64. Exact sum over the bins.
    """
    depth = (np.multiply.outer(spectrum.mu["water"], water_mm)
             + np.multiply.outer(spectrum.mu["bone"] - spectrum.mu["water"], bone_mm))  # fmt: skip
    for material, length in metal_mm.items():
        if material not in spectrum.mu:
            raise InputError(
                f"The beam knows no {material} (it knows: {', '.join(spectrum.mu)}).",
                fix="Add the material's column to the beam's table.",
            )
        depth += np.multiply.outer(spectrum.mu[material], length)
    return np.tensordot(spectrum.share, np.exp(-depth), axes=1)


def transmitted_tissue(spectrum: Beam, water_mm: Matrix, bone_mm: Matrix) -> np.ndarray:
    """`transmitted` for a whole picture without metal, read from a table of its logarithm.

    Returns: (rows, columns) float32.
    """
    size = [int(np.ceil(x.max() / step)) + 2
            for x, step in ((water_mm, WATER_STEP_MM), (bone_mm, BONE_STEP_MM))]  # fmt: skip
    grid = np.meshgrid(WATER_STEP_MM * np.arange(size[0]), BONE_STEP_MM * np.arange(size[1]),
                       indexing="ij")  # fmt: skip
    logs = np.log(transmitted(spectrum, grid[0], grid[1], {})).astype(np.float32)
    at = np.stack([water_mm / np.float32(WATER_STEP_MM), bone_mm / np.float32(BONE_STEP_MM)])
    return np.exp(map_coordinates(logs, at, order=1, mode="nearest", output=np.float32))
