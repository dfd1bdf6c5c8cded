"""Points that move with the probe, dense near its electrodes, and cubic look-up between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import map_coordinates, spline_filter

from basivert.ablation.model import Probe
from basivert.arrays import Point, Points, Vector

# Along each axis the distance from the centre is BEND·sinh(u) with u evenly spaced.
BEND_MM, REACH_MM, COUNT = 8.0, 26.0, 21


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """A lattice about the middle of the electrodes, axes along LPS.

    centre: (3,) LPS mm.  offsets: (n,) mm, the same along each axis.
    """

    centre: Point
    offsets: Vector

    @property
    def shape(self) -> tuple[int, int, int]:
        """Points along each axis."""
        n = len(self.offsets)
        return n, n, n

    @property
    def points(self) -> Points:
        """(n³, 3) LPS mm, for the probe as planned."""
        grid = np.meshgrid(*(self.offsets,) * 3, indexing="ij")
        return self.centre + np.stack([g.ravel() for g in grid], axis=1)

    def index(self, points: Points) -> np.ndarray:
        """(3, n) fractional indices; beyond the lattice those of its border."""
        top = np.arcsinh(self.offsets[-1] / BEND_MM)
        u = np.arcsinh((points - self.centre) / BEND_MM)
        last = len(self.offsets) - 1
        return np.clip((u / top + 1) * last / 2, 0, last).T

    def read(self, coefficients: np.ndarray, index: np.ndarray) -> Vector:
        """(n,) values at `index` of a field given by its spline coefficients (n³,)."""
        return map_coordinates(
            coefficients.reshape(self.shape), index, order=3, prefilter=False, mode="mirror"
        )

    def coefficients(self, values: np.ndarray) -> np.ndarray:
        """Spline coefficients of fields (…, n³), linear in them."""
        flat = values.reshape(-1, *self.shape)
        done = [spline_filter(v, order=3, mode="mirror").ravel() for v in flat]
        return np.array(done).reshape(values.shape)


def lattice(probes: Sequence[Probe]) -> Lattice:
    """The lattice of one probe, or of several about the middle between them."""
    centre = np.mean([_middle(probe) for probe in probes], axis=0)
    top = np.arcsinh(REACH_MM / BEND_MM)
    return Lattice(centre=centre, offsets=BEND_MM * np.sinh(np.linspace(-top, top, COUNT)))


def _middle(probe: Probe) -> Point:
    """(3,) LPS mm, middle of a probe's electrodes."""
    steps = np.linalg.norm(np.diff(probe.line, axis=0), axis=1)
    depth = np.concatenate([[0.0], np.cumsum(steps)])
    middle = float(np.mean([(e.start_mm + e.end_mm) / 2 for e in probe.electrodes]))
    return np.array([np.interp(middle, depth, probe.line[:, n]) for n in range(3)])
