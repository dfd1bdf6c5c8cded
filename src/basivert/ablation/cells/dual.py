"""From nodes to links: Delaunay's tetrahedra and the Voronoi cells they imply.

Two neighbours share a face at right angles to the link between them, so that the flux of a linear
field through it is exact. A link's area is the sum over the tetrahedra around it of signed kites
between the link's middle and the centres of their circumscribed spheres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from scipy.spatial import Delaunay

from basivert.ablation.model import Watch
from basivert.arrays import Points, Vector

# Nodes are moved by this share of their spacing: cubes and prisms have more than one division.
JITTER = 1e-4
SEED = 7
# A tetrahedron with a smaller volume, as a share of its edges cubed, has no own part of a face.
FLAT = 1e-10
EDGES = np.array([(0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3)])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Dual:
    """Links and tetrahedra.

    corners: (t, 4) nodes of each tetrahedron; beside: (t, 4) the one across from each corner, −1
    outside.  links: (e, 2) nodes.  edge: (t, 6) link of each of a tetrahedron's edges (`EDGES`).
    area: (t, 6) its share of that link's face over the link's length, mm; may be negative.
    """

    corners: np.ndarray
    beside: np.ndarray
    links: np.ndarray
    edge: np.ndarray
    area: np.ndarray


def shaken(points: Points, spacing: Vector) -> Points:
    """The points a little off their places."""
    return points + JITTER * spacing[:, None] * np.random.default_rng(SEED).uniform(
        -1, 1, points.shape
    )


def dual(points: Points, watch: Watch) -> Dual:
    """Links of (n, 3) points; `watch` is asked between the parts of the work."""
    made = Delaunay(points)
    watch(0.0)
    corners = made.simplices.astype(np.int64)
    pairs = np.sort(corners[:, EDGES], axis=2)
    keys, edge = np.unique(pairs[..., 0] * len(points) + pairs[..., 1], return_inverse=True)
    watch(0.0)
    return Dual(
        corners=corners, beside=made.neighbors.astype(np.int64),
        links=np.stack(np.divmod(keys, len(points)), axis=1), edge=edge.reshape(-1, 6),
        area=_kites(points, corners),
    )  # fmt: skip


def _kites(points: Points, corners: np.ndarray) -> np.ndarray:
    """Areas over lengths, (t, 6)."""
    at = points[corners]
    u, v, w = (at[:, n] - at[:, 0] for n in (1, 2, 3))
    sizes = [np.sum(x * x, axis=1, keepdims=True) for x in (u, v, w)]
    vw, wu, uv = np.cross(v, w), np.cross(w, u), np.cross(u, v)
    volume = np.sum(u * vw, axis=1, keepdims=True)
    flat = np.abs(volume) < FLAT * sum(sizes) ** 1.5
    centre = (sizes[0] * vw + sizes[1] * wu + sizes[2] * uv) / (2 * np.where(flat, 1.0, volume))
    found = np.zeros((len(corners), 6))
    _added(at - at[:, :1], centre, flat[:, 0], found)
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _added(at: np.ndarray, centre: np.ndarray, flat: np.ndarray, area: np.ndarray) -> None:
    """Fill areas over lengths; corners `at` (t, 4, 3) and centres relative to the first corner.

    All happens in the plane across a link: a, b lead to the other two corners, c to the centre.
    """
    ends = ((0, 1, 2, 3), (0, 2, 1, 3), (0, 3, 1, 2), (1, 2, 0, 3), (1, 3, 0, 2), (2, 3, 0, 1))
    for t in range(len(at)):
        if flat[t]:
            continue
        for e in range(6):
            i, j, k, h = ends[e]
            ee = aa = bb = ab = ca = cb = ae = be = 0.0
            for x in range(3):
                link = at[t, j, x] - at[t, i, x]
                ee += link * link
                ae += (at[t, k, x] - at[t, i, x]) * link
                be += (at[t, h, x] - at[t, i, x]) * link
            for x in range(3):
                link = at[t, j, x] - at[t, i, x]
                a = at[t, k, x] - at[t, i, x] - ae / ee * link
                b = at[t, h, x] - at[t, i, x] - be / ee * link
                c = centre[t, x] - 0.5 * (at[t, i, x] + at[t, j, x])
                aa += a * a
                bb += b * b
                ab += a * b
                ca += c * a
                cb += c * b
            wide = np.sqrt(max(aa * bb - ab * ab, 0.0))
            if wide <= FLAT * np.sqrt(aa * bb):
                continue
            total = 0.5 * (ca * (cb - ab * ca / aa) + cb * (ca - ab * cb / bb)) / wide
            area[t, e] = total / np.sqrt(ee)
