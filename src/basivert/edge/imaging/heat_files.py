"""Heat for others: fields as NRRD, the lesion as mesh and segmentation, LPS mm."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from basivert.ablation.patient.model import Heat, MapGrid
from basivert.edge.imaging.meshes import write_stl, write_vtp
from basivert.edge.imaging.slicer import Segment, place, write_labels
from basivert.report.heat import maps
from basivert.report.heat.shapes import lesion_mesh

# Voxels of the fields; probabilities keep those that they were mapped on.
STEP_MM = 1.0
SEGMENTS = (
    Segment(name="lesion", value=1, colour="0.84 0.37 0.00"),
    Segment(name="lesion by another endpoint only", value=2, colour="0.95 0.90 0.25"),
)  # fmt: skip


def write(folder: Path, heat: Heat) -> None:
    """All files of one burn, named by level, side and rank of its plan."""
    planned = heat.setup.planned
    head = f"{heat.setup.vertebra.level}_{planned.side}_{planned.rank}"
    grid = maps.respaced(heat.setup.map, STEP_MM)
    values = maps.on_grid(heat.moments[-1], grid)
    for name, (field, own, meaning) in fields(heat, grid, values).items():
        write_field(folder / f"{head}_{name}.nrrd", field, own, meaning)
    write_labels(folder / f"{head}_lesion.seg.nrrd", dead(heat, values), grid.lps_from_index,
                 SEGMENTS)  # fmt: skip
    if (mesh := lesion_mesh(heat)) is not None:
        write_stl(folder / f"{head}_lesion.stl", *mesh)
        write_vtp(folder / f"{head}_lesion.vtp", *mesh, {})


def fields(
    heat: Heat, grid: MapGrid, values: maps.Values
) -> Mapping[str, tuple[np.ndarray, MapGrid, str]]:
    """Name → (i, j, k) values, their grid, and what they are with unit; at the burn's end.

    Probabilities keep the grid they were computed on.
    """
    law = heat.setup.physics.stop_law
    found = {
        "temperature_degc": (values.temperature_degc, grid, "temperature, degC"),
        "log10_cem43_min": (values.log_cem43 / np.log(10.0), grid, "log10 of CEM43 in minutes"),
        f"ln_omega_{law}": (
            values.log_omega[law], grid, f"natural logarithm of Omega, Arrhenius law {law}"
        ),
    }  # fmt: skip
    if heat.uncertainty is not None:
        coarse = heat.setup.map
        for name, share, words in (
            ("p_dead", heat.uncertainty.p_dead, "probability that tissue is dead, 0 to 1"),
            ("p_safe", heat.uncertainty.p_safe, "probability to stay below the limits, 0 to 1"),
        ):
            found[name] = (share.reshape(coarse.shape), coarse, words)
    return found


def dead(heat: Heat, values: maps.Values) -> np.ndarray:
    """(i, j, k) label: 1 in the lesion by the default endpoint, 2 by another one only."""
    labels = np.zeros(values.temperature_degc.shape, np.uint8)
    for lesion in heat.lesions[1:]:
        labels[values.of(lesion.endpoint) >= 0.0] = 2
    labels[values.of(heat.lesion.endpoint) >= 0.0] = 1
    return labels


def write_field(file: Path, values: np.ndarray, grid: MapGrid, meaning: str) -> None:
    """Values (i, j, k) as compressed NRRD in single precision, with their place in LPS mm."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(values.transpose(2, 1, 0).astype(np.float32))
    place(image, grid.lps_from_index)
    image.SetMetaData("content", f"{meaning}; research use only")
    sitk.WriteImage(image, str(file), useCompression=True)
