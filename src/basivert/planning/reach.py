"""How much of the target's density the heating zone reaches."""

from __future__ import annotations

from typing import no_type_check

import numpy as np
from numba import njit
from scipy.special import ndtri

from basivert.anatomy.model import Target
from basivert.arrays import Affine, Points
from basivert.geometry.curves import segment_distance
from basivert.geometry.rigid import inverse, moved

HUB_POINTS = 256
# Root of x⁵ = x + 1: its powers 1/x … 1/x⁴ fill the unit cube of four dimensions evenly.
EVEN_ROOT, EVEN_PARTS = 1.1673039782614187, 4


def hub_points(target: Target, lps_from_body: Affine, count: int, seed: int) -> Points:
    """(count, 3) places of the hub drawn from the target's density, body frame.

    Source: additive recurrence by the powers of a generalised golden ratio (Roberts 2018), shifted
    by the seed, through the normal quantile; one share each of the mixture's parts.
    """
    step = EVEN_ROOT ** -np.arange(1.0, EVEN_PARTS + 1.0)
    first = np.random.default_rng(seed).random(EVEN_PARTS)
    uniform = np.mod(first + np.arange(count)[:, None] * step, 1.0)
    part = np.searchsorted(np.cumsum(target.weights)[:-1], uniform[:, 3])
    standard = ndtri(np.clip(uniform[:, :3], 1e-9, 1.0 - 1e-9))
    roots = np.linalg.cholesky(target.covariances)
    lps = target.means[part] + np.einsum("nij,nj->ni", roots[part], standard)
    return moved(inverse(lps_from_body), lps)


def reached(active: np.ndarray, hubs: Points, lesion_radius_mm: float) -> np.ndarray:
    """(n,) share of hub places within the lesion's radius of each heating zone (n, 2, 3)."""
    share = np.empty(len(active))
    _hits(active, hubs, lesion_radius_mm, share)
    return share


@njit(cache=True, nogil=True)
@no_type_check
def _hits(active: np.ndarray, hubs: np.ndarray, radius: float, share: np.ndarray) -> None:
    """Share of hubs within the radius of each zone's segment, into share (n,)."""
    for n in range(active.shape[0]):
        start, way = active[n, 0], active[n, 1] - active[n, 0]
        square = max(way[0] ** 2 + way[1] ** 2 + way[2] ** 2, 1e-12)
        near = 0
        for h in range(hubs.shape[0]):
            x, y, z = hubs[h, 0] - start[0], hubs[h, 1] - start[1], hubs[h, 2] - start[2]
            along = min(max((x * way[0] + y * way[1] + z * way[2]) / square, 0.0), 1.0)
            x, y, z = x - along * way[0], y - along * way[1], z - along * way[2]
            near += x * x + y * y + z * z <= radius * radius
        share[n] = near / hubs.shape[0]


def pair_distance_mm(hubs: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(...) distance of hub places (..., 3) to the strip between two heating zones (..., 2, 3).

    Assumes: between the probes of a bipolar pair the tissue heats through; the strip is taken as
        both zones and the two lines that join their ends.
    """
    joined = [(one[..., 0, :], one[..., 1, :]), (other[..., 0, :], other[..., 1, :]),
              (one[..., 0, :], other[..., 0, :]), (one[..., 1, :], other[..., 1, :]),
              (one.mean(axis=-2), other.mean(axis=-2))]  # fmt: skip
    return np.min([segment_distance(hubs, *ends) for ends in joined], axis=0)
