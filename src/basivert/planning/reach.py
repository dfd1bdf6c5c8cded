"""How much of the target's density the heating zone reaches."""

from __future__ import annotations

import numpy as np
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
    away = segment_distance(hubs[None, :, :], active[:, None, 0, :], active[:, None, 1, :])
    return np.mean(away <= lesion_radius_mm, axis=1)


def pair_distance_mm(hubs: np.ndarray, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """(...) distance of hub places (..., 3) to the strip between two heating zones (..., 2, 3).

    Assumes: between the probes of a bipolar pair the tissue heats through; the strip is taken as
        both zones and the two lines that join their ends.
    """
    joined = [(one[..., 0, :], one[..., 1, :]), (other[..., 0, :], other[..., 1, :]),
              (one[..., 0, :], other[..., 0, :]), (one[..., 1, :], other[..., 1, :]),
              (one.mean(axis=-2), other.mean(axis=-2))]  # fmt: skip
    return np.min([segment_distance(hubs, *ends) for ends in joined], axis=0)
