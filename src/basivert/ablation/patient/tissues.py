"""Which tissue lies where around one vertebra, from its anatomy, the CT and the label map."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.model import Material
from basivert.ablation.patient import layers
from basivert.ablation.patient.known import Known
from basivert.ablation.patient.marrow import Marrow, cancellous, marrow, steps
from basivert.ablation.tables import materials
from basivert.anatomy.model import Vertebra
from basivert.arrays import Affine, Codes, Points, frozen
from basivert.constants.model import Table
from basivert.geometry.grids import clamped
from basivert.geometry.rigid import inverse
from basivert.volume.model import Case

FIXED = ("muscle", "fat", "vessel", "disc", "endplate", "csf", "plexus", "cortical", "vein")
"""Tissues with one material each, in the order of their codes; `plexus` takes the vein's row."""
# Farther out the tissue of the nearest place counts.
STEP_MM = 0.7
# From the body's centre to each side, behind and ahead, up and down.
REACH_MM = ((-48.0, 48.0), (-48.0, 62.0), (-46.0, 46.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class TissueTables:
    """Tables that tissues are made from."""

    tissue: Table
    marrow: Table
    layers: Table
    priors: Table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TissueGrid:
    """Tissue of any point by nearest voxel; call it with (n, 3) LPS mm.

    codes: (i, j, k) index into the list of materials.  index_from_lps: LPS mm → voxel.
    """

    codes: np.ndarray
    index_from_lps: Affine

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", frozen(self.codes))
        object.__setattr__(self, "index_from_lps", frozen(self.index_from_lps))

    def __call__(self, points: Points) -> Codes:
        """(n,) codes; beyond the grid that of its nearest voxel."""
        return clamped(self.codes, self.index_from_lps, points).astype(np.int64)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Tissues:
    """Map and materials of one vertebra.

    parts: which state the marrow has: "" everywhere, and by endplate with a Modic change.
    beyond: (i, j, k) int8 on the grid; −1, 1: the CT number means less, more bone than the table's
        range, whose end counts there.
    """

    grid: TissueGrid
    materials: tuple[Material, ...]
    parts: dict[str, Marrow]
    beyond: np.ndarray

    def __post_init__(self) -> None:
        object.__setattr__(self, "beyond", frozen(self.beyond))

    @property
    def marrow(self) -> np.ndarray:
        """(i, j, k) voxels of cancellous bone."""
        return self.grid.codes >= len(FIXED)


def tissues(vertebra: Vertebra, case: Case, known: Known, tables: TissueTables) -> Tissues:
    """Tissues around a vertebra.

    Args:
        vertebra: its anatomy.
        case: scan and labels.
        known: what is known of its marrow.
        tables: constants.

    Assumes: layers that a CT does not resolve have the thickness of the table `tissue_layers`;
        points without a name are fat or muscle by their CT number.
    """
    space = layers.space(vertebra, case, REACH_MM, STEP_MM)
    unknown = tables.priors["perfusion.unknown"].value
    parts = {"": marrow(known, None, tables.marrow, unknown)}
    parts |= {p: marrow(known, m, tables.marrow, unknown) for p, m in known.modic.items()}
    found = list(_fixed(tables.tissue))
    beyond = np.zeros(space.distance_mm.shape, np.int8)
    code = layers.surroundings(space, vertebra, tables.layers, FIXED)
    for part, state in parts.items():
        first = len(found)
        name = f"Modic {known.modic[part]} {part}" if part else "cancellous"  # type: ignore[index]
        found += [
            cancellous(f"{name}, bone {100 * b:.0f} %", float(b), state, tables.tissue,
                       tables.marrow)
            for b in steps(tables.marrow)
        ]  # fmt: skip
        where = layers.marrow_part(space, vertebra, part, tables.marrow)
        number, beyond[where] = layers.classes(space, where, state.yellow, tables.marrow)
        code[where] = first + number
    cortex = tables.marrow["hu.cortex"].value
    layers.dense(code, space, vertebra, tables.layers, cortex, FIXED)
    grid = TissueGrid(codes=code, index_from_lps=inverse(space.lps_from_index))
    return Tissues(grid=grid, materials=tuple(found), parts=parts, beyond=beyond)


def _fixed(tissue: Table) -> tuple[Material, ...]:
    return tuple(
        replace(m, name=name)
        for name, m in zip(
            ("vein, epidural plexus" if n == "plexus" else n for n in FIXED),
            materials(tissue, ["vein" if n == "plexus" else n for n in FIXED]), strict=True,
        )
    )  # fmt: skip
