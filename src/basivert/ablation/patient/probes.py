"""From a planned path to the probe in space."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from basivert.ablation.model import Electrode, Probe
from basivert.anatomy.model import Vertebra
from basivert.arrays import Point, Points
from basivert.errors import InputError
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.model import Instrument
from basivert.planning.model import Path

# Spacing at which the electrodes are looked at, mm.
LOOK_MM = 0.5


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


def check_place(found: Sequence[Probe], vertebra: Vertebra) -> None:
    """Electrodes must lie in the vertebra's bone.

    Raises: InputError that says which electrode does not, and by how much.
    """
    field, canal = vertebra.field, vertebra.canal
    for probe in found:
        depth = np.concatenate(
            [[0.0], np.cumsum(np.linalg.norm(np.diff(probe.line, axis=0), axis=1))]
        )
        for electrode in probe.electrodes:
            at = np.arange(electrode.start_mm, min(electrode.end_mm, depth[-1]), LOOK_MM)
            lps = np.stack([np.interp(at, depth, probe.line[:, n]) for n in range(3)], axis=1)
            body = moved(inverse(vertebra.lps_from_body), lps)
            away = interpolated(field.distance_mm, field.body_from_index, body, outside=99.0)
            where = f"{electrode.start_mm:g} to {electrode.end_mm:g} mm from the tip"
            level = np.clip(np.searchsorted(canal.z_mm, body[:, 2]), 0, len(canal.z_mm) - 1)
            reach = canal.radius_mm.mean(axis=1)[level]
            off = np.linalg.norm(body[:, :2] - canal.axis_xy[level], axis=1)
            if np.any((away > 0) & (off < reach)):
                raise InputError(
                    f"The electrode {where} lies in the vertebral canal of {vertebra.level}.",
                    fix="Heat is computed for electrodes in bone only: choose another plan.",
                )
            if away.max() > probe.radius_mm:
                raise InputError(
                    f"The electrode {where} lies {away.max():.1f} mm outside the bone of "
                    f"{vertebra.level}.",
                    fix="Heat is computed for electrodes in bone only: choose another plan.",
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
