"""Size of a lesion on the lattice and its distance from what must be spared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial import KDTree

from basivert.ablation.model import Probe
from basivert.ablation.uncertainty.lattice import BEND_MM, Lattice
from basivert.arrays import Matrix, Points, Vector

FINER = 2
# Spacing at which the probe's own length inside the lesion is counted, mm.
ALONG_MM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruler:
    """A finer lattice with its cell volumes.

    offsets: (m,) mm along each axis.  finer: (m, n) from the lattice.  width: (m,) mm of cells.
    along: points on the probes' centre lines.  each_mm3: a probe's volume at each of them; all
    are equally thick.
    """

    lattice: Lattice
    offsets: Vector
    finer: Matrix
    width: Vector
    along: Points
    each_mm3: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesion:
    """A dead region in the frame of the unmoved probe.

    volume_ml: without the probe.  lengths_mm: (3,) extents along its principal axes, longest
    first.  surface: (n, 3), LPS mm; empty where nothing dies.  cut: it reaches the lattice's end.
    """

    volume_ml: float
    lengths_mm: Vector
    surface: Points
    cut: bool


def ruler(lattice: Lattice, probes: Sequence[Probe]) -> Ruler:
    """What measures lesions around probes."""
    n = len(lattice.offsets)
    fine = np.arange(0, n - 1 + 0.5 / FINER, 1 / FINER)
    top = np.arcsinh(lattice.offsets[-1] / BEND_MM)
    offsets = BEND_MM * np.sinh((2 * fine / (n - 1) - 1) * top)
    along = np.concatenate([_along(probe.line) for probe in probes])
    along = along[np.abs(along - lattice.centre).max(axis=1) < lattice.offsets[-1]]
    return Ruler(
        lattice=lattice, offsets=offsets, finer=CubicSpline(np.arange(n), np.eye(n))(fine),
        width=np.gradient(offsets), along=along,
        each_mm3=np.pi * probes[0].radius_mm**2 * ALONG_MM,
    )  # fmt: skip


def _along(line: Points) -> Points:
    """Points every `ALONG_MM` on a centre line."""
    depth = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    at = np.arange(ALONG_MM / 2, depth[-1], ALONG_MM)
    return np.stack([np.interp(at, depth, line[:, k]) for k in range(3)], axis=1)


def measured(tool: Ruler, excess: np.ndarray) -> Lesion:
    """The region where `excess` (n³,) on the lattice is not negative."""
    value = excess.reshape(tool.lattice.shape)
    for axis in range(3):
        value = np.moveaxis(np.tensordot(tool.finer, value, axes=(1, axis)), 0, axis)
    total = float(np.mean([_filled(tool, np.moveaxis(value, axis, 0)) for axis in range(3)]))
    surface = _crossings(tool, value)
    if not len(surface):
        return Lesion(volume_ml=0.0, lengths_mm=np.zeros(3), surface=surface, cut=False)
    rims = (np.take(value, (0, -1), axis=a).max() for a in range(3))
    inside = tool.lattice.read(
        tool.lattice.coefficients(excess), tool.lattice.index(tool.along)
    ) >= 0.0  # fmt: skip
    return Lesion(
        volume_ml=max(total - tool.each_mm3 * float(inside.sum()), 0.0) / 1e3,
        lengths_mm=np.ptp(surface @ _axes(tool, value).T, axis=0), surface=surface,
        cut=max(rims) >= 0.0,
    )  # fmt: skip


def surface_tree(lesion: Lesion, probe: Points) -> KDTree:
    """What distances from a lesion are read from; (m, 3) points of the probe if nothing dies."""
    return KDTree(lesion.surface if len(lesion.surface) else probe)


def margin_mm(near: KDTree, points: Points, inside: np.ndarray) -> float:
    """From the lesion's surface to the nearest of (n, 3) points; negative depth where one is dead.

    near: from `surface_tree`.  inside: (n,) which are dead.
    """
    away = near.query(points)[0]
    return float(-away[inside].max() if inside.any() else away.min())


def _filled(tool: Ruler, value: np.ndarray) -> float:
    """Volume, mm³, from the lengths of lines along the first axis that lie inside."""
    above, size = np.maximum(value, 0.0), np.abs(value)
    inside = (above[1:] + above[:-1]) / np.maximum(size[1:] + size[:-1], 1e-12)
    return float(np.diff(tool.offsets) @ (inside @ tool.width) @ tool.width)


def _axes(tool: Ruler, value: np.ndarray) -> Matrix:
    """Rows: principal directions of the region, longest first."""
    inside = np.nonzero(value >= 0)
    place = np.stack([tool.offsets[i] for i in inside], axis=1)
    weight = np.prod([tool.width[i] for i in inside], axis=0)
    place = place - weight @ place / weight.sum()
    return np.linalg.eigh((place.T * weight) @ place)[1].T[::-1]


def _crossings(tool: Ruler, value: np.ndarray) -> Points:
    """Points where the value passes zero between neighbours along each axis."""
    found: list[Points] = []
    for axis in range(3):
        one = np.moveaxis(value, axis, 0)[:-1]
        two = np.moveaxis(value, axis, 0)[1:]
        where = np.nonzero((one >= 0) != (two >= 0))
        share = one[where] / (one[where] - two[where])
        step = np.diff(tool.offsets)[where[0]]
        first = tool.offsets[where[0]] + share * step
        rest = [tool.offsets[where[1]], tool.offsets[where[2]]]
        place = [*rest[:axis], first, *rest[axis:]]
        found.append(np.stack(place, axis=1))
    return tool.lattice.centre + np.concatenate(found)
