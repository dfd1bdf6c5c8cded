"""From a planned path to the probe in space."""

from __future__ import annotations

import numpy as np

from basivert.ablation.model import Electrode, Probe
from basivert.anatomy.model import Vertebra
from basivert.arrays import Point, Points
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.model import Instrument
from basivert.planning.model import Path


def probes(path: Path, partner: Path | None, instrument: Instrument) -> tuple[Probe, ...]:
    """The probe, or both of a pair; with tines one probe a tine.

    Assumes: the introducer is drawn back from the heating zone; its metal is left out.
    """
    found = _one(path.centre_line, path.axis, instrument, 1.0)
    if partner is not None:
        found += _one(partner.centre_line, partner.axis, instrument, -1.0)
    return found


def _one(line: Points, axis: Point, instrument: Instrument, sign: float) -> tuple[Probe, ...]:
    lines = (line[::-1],) if not instrument.tines else _tines(line[-1], axis, instrument)
    electrodes = tuple(
        Electrode(start_mm=c.start_mm, end_mm=c.end_mm, potential=sign * c.potential)
        for c in instrument.contacts
    )
    return tuple(
        Probe(
            line=one, radius_mm=instrument.probe_diameter_mm.value / 2, electrodes=electrodes,
            sensor_mm=instrument.sensor_mm.value, ends=instrument.tines > 0,
        )
        for one in lines
    )  # fmt: skip


def _tines(tip: Point, axis: Point, instrument: Instrument) -> tuple[Points, ...]:
    """Straight tines that spread evenly about the axis, each from its tip backwards."""
    side = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    side /= np.linalg.norm(side)
    up = np.cross(axis, side)
    base = tip - instrument.active_mm.value * axis
    angles = 2 * np.pi * np.arange(instrument.tines) / instrument.tines
    spread = instrument.tine_spread_mm.value
    return tuple(
        np.stack([tip + spread * (np.cos(a) * side + np.sin(a) * up), base]) for a in angles
    )


def free_mm(probe: Probe, vertebra: Vertebra) -> float:
    """Smallest bone around that part of a probe's course which lies in the body, mm.

    Negative: through a wall. Behind the posterior wall the channel is the planned one.
    """
    body = moved(inverse(vertebra.lps_from_body), probe.line)
    ahead = body[:, 1] < vertebra.posterior_wall.y_mm(body[:, 0], body[:, 2])
    if not ahead.any():
        return -probe.radius_mm
    field = vertebra.field
    away = interpolated(field.distance_mm, field.body_from_index, body[ahead], outside=99.0)
    return float(-away.max()) - probe.radius_mm
