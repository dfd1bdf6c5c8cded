"""Temperature and damage as they were at one time, readable at any point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from basivert.ablation.mesh import Mesh
from basivert.arrays import Points, Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readings:
    """Values at points: temperature °C, CEM43 min, Ω by law; each (n,)."""

    temperature_degc: Vector
    cem43_min: Vector
    omega: Mapping[str, Vector]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fields:
    """State at `time_s`; arrays of the mesh's shape.

    log_omega: law → ln Ω; log_cem43: ln of minutes: both smooth where the values span decades.
    """

    time_s: float
    body_degc: float
    mesh: Mesh
    temperature_degc: np.ndarray
    log_cem43: np.ndarray
    log_omega: Mapping[str, np.ndarray]

    def sampled(self, points: Points) -> Readings:
        """Values at (n, 3) points, LPS mm; body temperature beyond the grid."""
        doses = (self.log_cem43, *self.log_omega.values())
        read = self.mesh.reader(points)
        cem43, *omega = (np.exp(read(v, float(v.min()))) for v in doses)
        return Readings(
            temperature_degc=read(self.temperature_degc, self.body_degc),
            cem43_min=cem43,
            omega=dict(zip(self.log_omega, omega, strict=True)),
        )
