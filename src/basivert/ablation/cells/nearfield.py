"""What is known about the field close to metal, as factors on the links between rings.

Nodes around a rod stand for the polygon that their cells make of each ring; the factors make of it
the ring again: exact flux across and around where the field falls as 1/r (1/r² about a ball), exact
areas along. Near an electrode's end they hold the singular field of `singular` as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation import singular
from basivert.ablation.cells.metal import Sphere
from basivert.ablation.cells.nodes import Nodes
from basivert.ablation.cells.tools import NEAR_MM, ToolNodes
from basivert.arrays import Vector

# Tangent planes of n evenly spread directions have 1 + this / n times the sphere's area: mean
# square width of a regular hexagon, 1.5 · 0.1604 · 4π.
FLAT_AREA = 3.02


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Near:
    """Factors on what lies in tissue.

    heat, electric: (e,) of conductances.  contents: (n,) of the unknowns' volumes.
    """

    heat: Vector
    electric: Vector
    contents: Vector


def near(nodes: Nodes) -> Near:
    """All factors; 1 beyond the rings."""
    count = len(nodes.dual.links)
    heat, electric, contents = np.ones(count), np.ones(count), np.ones(nodes.free)
    one, two = nodes.dual.links.T
    first = 0
    for tool in nodes.tools:
        last = first + len(tool.points)
        own = np.flatnonzero((one >= first) & (one < last) & (two >= first) & (two < last))
        a, b = tool.place[one[own] - first], tool.place[two[own] - first]
        if isinstance(tool.metal, Sphere):
            shells = (a[:, 0] == b[:, 0]) & (np.minimum(a[:, 2], b[:, 2]) >= tool.surface)
            heat[own[shells]] = _shells(tool)[np.minimum(a[shells, 2], b[shells, 2])]
            electric[own] = heat[own]
        else:
            contents[first:last] = _rings(tool, tool.place, tool.place)
            heat[own] = _rings(tool, a, b)
            electric[own] = heat[own] * _ends(tool, a, b)
        first = last
    return Near(heat=heat, electric=electric, contents=contents)


def _shells(tool: ToolNodes) -> Vector:
    """Exact flux between shells over that of tangent planes; by number of the inner one."""
    near, far = tool.radii[:-1], tool.radii[1:]
    count = int(tool.place[:, 0].max()) + 1
    return near * far / ((near + far) / 2) ** 2 / (1 + FLAT_AREA / count)


def _rings(tool: ToolNodes, a: np.ndarray, b: np.ndarray) -> Vector:
    """Ring over polygon, of links between places a and b (n, 3); of the nodes where a is b."""
    radii, surface = tool.radii, tool.surface
    half = np.pi / (int(tool.place[:, 0].max()) + 1)
    flat = half / np.tan(half)
    inner, outer = radii[:-1], radii[1:]
    across = flat * (outer - inner) / ((outer + inner) / 2 * np.log(outer / inner))
    borders = np.concatenate([[radii[0] / 2], (inner + outer) / 2, [np.nan]])
    low, high = borders[:-1], borders[1:]
    wide = radii * np.sin(half) / half
    around = wide * np.log(high / low) * np.cos(half) / (high - low)
    along = np.full(len(radii), flat)
    own, edge = radii[surface], high[surface]
    skin = wide[surface] * np.log(edge / own) / (edge / np.cos(half) - own * np.cos(half))
    strip = (
        half * (edge**2 - own**2) / (edge**2 * np.tan(half) - own**2 * np.sin(half) * np.cos(half))
    )
    depth, ring = np.minimum(a[:, 1], b[:, 1]), np.minimum(a[:, 2], b[:, 2])
    beside = (tool.depths[depth] > -NEAR_MM) & ~tool.beyond[depth]
    on = beside & (ring == surface)
    same_turn, same_depth, same_ring = (a == b).T
    found = np.ones(len(a))
    pick = same_turn & same_depth & (a[:, 2] != b[:, 2]) & (ring >= 0)
    found[pick] = across[ring[pick]]
    pick = same_turn & same_ring
    found[pick] = np.where(on, strip, along[ring])[pick]
    pick = same_depth & same_ring & ~same_turn & (ring < len(radii) - 1)
    found[pick] = np.where(on, skin, around[ring])[pick]
    return found


def _ends(tool: ToolNodes, a: np.ndarray, b: np.ndarray) -> Vector:
    """Factors at electrode ends on links between places a and b."""
    straight = (a[:, 0] == b[:, 0]) & (a[:, 0] >= 0)
    across = straight & (a[:, 1] == b[:, 1]) & (np.abs(a[:, 2] - b[:, 2]) == 1)
    along = straight & (a[:, 2] == b[:, 2]) & (np.abs(a[:, 1] - b[:, 1]) == 1)
    depth, ring = np.minimum(a[:, 1], b[:, 1]), np.minimum(a[:, 2], b[:, 2])
    table_across, table_along = _singular(tool)
    found = np.ones(len(a))
    found[across] = table_across[depth[across], ring[across]]
    found[along] = table_along[depth[along], ring[along]]
    return found


def _singular(tool: ToolNodes) -> tuple[np.ndarray, np.ndarray]:
    """Factors across (depths, radii − 1) and along (depths − 1, radii) at all electrode ends."""
    faces_r = np.concatenate([[0.0], (tool.radii[1:] + tool.radii[:-1]) / 2, tool.radii[-1:]])
    middles = (tool.depths[1:] + tool.depths[:-1]) / 2
    faces_s = np.concatenate([tool.depths[:1], middles, tool.depths[-1:]])
    across = np.ones((len(tool.depths), len(tool.radii) - 1))
    along = np.ones((len(tool.depths) - 1, len(tool.radii)))
    for end, away, corner in tool.edges:
        one, two = singular.factors(
            tool.radii, tool.depths, faces_r, faces_s, tool.radii[tool.surface], end, away, corner
        )
        across *= one
        along *= two
    return across, along
