"""Tools in their tissue on the general grid: everything that does not change with time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.body import FLOW, PER_MM, PER_MM3
from basivert.ablation.cells.dual import EDGES
from basivert.ablation.cells.nearfield import near
from basivert.ablation.cells.nodes import Nodes
from basivert.ablation.cells.tools import INSIDE, TISSUE
from basivert.ablation.model import Material, Physics, TissueMap
from basivert.arrays import Codes, Vector
from basivert.errors import InputError

# A corner's part of a tetrahedron is looked at this far from the middle towards the corner.
TOWARDS = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Links:
    """Conductances.

    ends: (e, 2) unknowns.  heat: (e,) W/K.  electric: (e,) S at body temperature.
    rims: (m, 2) unknown and node of the outer boundary.  rim_heat, rim_electric: (m,).
    """

    ends: np.ndarray
    heat: Vector
    electric: Vector
    rims: np.ndarray
    rim_heat: Vector
    rim_electric: Vector

    def insulated(self) -> Links:
        """The same with no current through the outer boundary."""
        return replace(self, rim_electric=np.zeros_like(self.rim_electric))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contents:
    """What each unknown's cell holds, (n,).

    storage: J/K.  perfusion: W/K.  water: kg that can boil.
    """

    storage: Vector
    perfusion: Vector
    water: Vector


def pieces(nodes: Nodes, tissue: TissueMap, count: int) -> Codes:
    """Material in each corner of each tetrahedron (t, 4); `count` is metal.

    Raises: InputError when the tissue map names a material that does not exist.
    """
    corners = nodes.dual.corners
    at = nodes.points[corners]
    spots = TOWARDS * at + (1 - TOWARDS) * at.mean(axis=1, keepdims=True)
    code = np.asarray(tissue(spots.reshape(-1, 3))).reshape(corners.shape).astype(np.int64)
    if code.min() < 0 or code.max() >= count:
        raise InputError(
            f"The tissue map names material {code.max()}, the table has {count}.",
            fix="Give a row for each tissue in the map.",
        )
    kind = np.append(nodes.kind, np.full(len(nodes.points) - nodes.free, TISSUE))
    code[_metallic(nodes, kind)] = count
    return code


def _metallic(nodes: Nodes, kind: Codes) -> np.ndarray:
    """(t,) tetrahedra of metal: no corner in tissue, and the middle not between two tools."""
    corners = nodes.dual.corners
    solid = np.all(kind[corners] != TISSUE, axis=1)
    middle = nodes.points[corners[solid]].mean(axis=1)
    inside = np.any([t.metal.distance(middle) < 0.0 for t in nodes.tools], axis=0)
    inside |= np.any(kind[corners[solid]] == INSIDE, axis=1)
    solid[solid] = inside
    return solid


def links(
    nodes: Nodes, code: Codes, materials: Sequence[Material], physics: Physics
) -> tuple[Links, Contents]:
    """Conductances between nodes, and what each node's cell holds."""
    wide = 2 * np.pi / _angles(nodes)
    fill = wide / np.sin(wide)
    k, store, flow, sigma, water = np.array([
        (m.k_w_mk * PER_MM, m.rho_kg_m3 * m.c_j_kgk * PER_MM3,
         m.perfusion_ml_min_kg * FLOW * m.rho_kg_m3 * physics.blood_j_m3k * PER_MM3,
         m.sigma_s_m * PER_MM, m.rho_kg_m3 * m.water * PER_MM3) for m in materials
    ] + [(0.0,) * 5]).T  # fmt: skip
    metal = np.zeros((2, len(k)))
    metal[:, -1] = physics.probe_k_w_mk * PER_MM * fill, physics.probe_j_m3k * PER_MM3 * fill
    factor = near(nodes)
    heat = _summed(nodes, code, k) * factor.heat + _summed(nodes, code, metal[0])
    electric = _summed(nodes, code, sigma) * factor.electric
    storage = _contents(nodes, code, store) * factor.contents + _contents(nodes, code, metal[1])
    held = Contents(
        storage=storage, perfusion=_contents(nodes, code, flow) * factor.contents,
        water=_contents(nodes, code, water) * factor.contents,
    )  # fmt: skip
    ends = nodes.dual.links
    inner, rim = ends[:, 1] < nodes.free, (ends[:, 0] < nodes.free) & (ends[:, 1] >= nodes.free)
    made = Links(
        ends=ends[inner], heat=heat[inner], electric=electric[inner], rims=ends[rim],
        rim_heat=heat[rim], rim_electric=electric[rim],
    )  # fmt: skip
    return made, held


def _angles(nodes: Nodes) -> int:
    """Nodes around a probe."""
    return max(int(t.place[:, 0].max()) for t in nodes.tools) + 1


def _summed(nodes: Nodes, code: Codes, value: Vector) -> Vector:
    """(e,) conductance of all links: corners in series, tetrahedra side by side."""
    one, two = value[code[:, EDGES[:, 0]]], value[code[:, EDGES[:, 1]]]
    both = np.maximum(one + two, 1e-300)
    parts = nodes.dual.area * 2 * one * two / both
    return np.bincount(nodes.dual.edge.ravel(), parts.ravel(), minlength=len(nodes.dual.links))


def _contents(nodes: Nodes, code: Codes, value: Vector) -> Vector:
    """(n,) integral of a value over each unknown's cell."""
    at = nodes.points[nodes.dual.corners]
    square = np.sum((at[:, EDGES[:, 0]] - at[:, EDGES[:, 1]]) ** 2, axis=2)
    share = nodes.dual.area * square / 6
    total = np.zeros(len(nodes.points))
    for end in (0, 1):
        corner = nodes.dual.corners[:, EDGES[:, end]]
        weight = share * value[code[:, EDGES[:, end]]]
        total += np.bincount(corner.ravel(), weight.ravel(), minlength=len(total))
    return total[: nodes.free]
