"""The lesion as a mesh, alone and in the three-dimensional view."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from basivert.ablation.patient.model import Heat, MapGrid
from basivert.arrays import Points
from basivert.report.heat import maps
from basivert.report.model import Scene
from basivert.report.scene import bone_scene

# Spacing and border of the block that a lesion is meshed in, mm.
STEP_MM, BORDER_MM = 0.8, 2.0


def lesion_mesh(heat: Heat) -> tuple[Points, np.ndarray] | None:
    """Surface of the lesion by the default endpoint, LPS mm; the probe's place counts as dead.

    None where there is no lesion.
    """
    region = heat.lesion.region
    if region is None:
        return None
    low, high = region.surface.min(axis=0) - BORDER_MM, region.surface.max(axis=0) + BORDER_MM
    lps_from_index = np.diag([STEP_MM, STEP_MM, STEP_MM, 1.0])
    lps_from_index[:3, 3] = low
    i, j, k = (int(n) for n in np.ceil((high - low) / STEP_MM) + 1)
    block = MapGrid(lps_from_index=lps_from_index, shape=(i, j, k))
    values = maps.on_grid(heat.moments[-1], block).of(heat.lesion.endpoint)
    return maps.surface(values, block)


def heat_scene(heat: Heat) -> Scene:
    """Bone, canal, probe, the lesion and, where samples were drawn, the band of its edge."""
    made = heat.setup
    lines = [(made.planned.side, made.planned.path.centre_line)]
    if made.planned.partner is not None:
        lines.append(("other", made.planned.partner.centre_line))
    return replace(bone_scene(made.vertebra, lines), lesion=lesion_mesh(heat),
                   band=band_meshes(heat))  # fmt: skip


def band_meshes(heat: Heat) -> tuple[tuple[Points, np.ndarray] | None, ...]:
    """Surfaces, LPS mm, where tissue is dead with 5 and with 95 % probability; () without samples.

    None for a probability that no tissue reaches. Cut where the map of probabilities ends.
    """
    if heat.uncertainty is None:
        return ()
    grid = heat.setup.map
    dead = heat.uncertainty.p_dead.reshape(grid.shape)
    return tuple(maps.surface(dead - level, grid) for level in maps.BAND)
