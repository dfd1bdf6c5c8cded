"""Whether a probe lies in bone: its tip, its electrodes and the part that curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.ablation.model import Probe
from basivert.anatomy.model import Canal, Vertebra
from basivert.arrays import Points
from basivert.errors import Finding, InputError
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved

# Spacing at which a probe is looked at, mm.
LOOK_MM = 0.5
FIX = "Heat is computed for probes in bone only: choose another plan."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """What must lie in bone.  start_mm, end_mm: from the tip backwards."""

    name: str
    start_mm: float
    end_mm: float


def check_place(found: Sequence[Probe], vertebra: Vertebra, curved_mm: float) -> None:
    """Tip, electrodes and the curved part must lie in the vertebra's bone; the shaft need not.

    Args:
        found: probes.
        vertebra: its bone and canal.
        curved_mm: length of the curved part from the tip backwards; 0 for a straight probe.

    Raises: InputError that says which part does not, and by how much.
    """
    for probe in found:
        for part in _parts(probe, curved_mm):
            away, body = _away(probe, part, vertebra)
            if np.any((away > 0) & _in_canal(body, vertebra.canal)):
                raise InputError(
                    f"{part.name} lies in the vertebral canal of {vertebra.level}.", fix=FIX
                )
            if away.max() > probe.radius_mm:
                raise InputError(
                    f"{part.name} lies {away.max():.1f} mm outside the bone of {vertebra.level}.",
                    fix=FIX,
                )


def leaves_bone(found: Sequence[Probe], vertebra: Vertebra, curved_mm: float) -> list[Finding]:
    """A caution for every part whose metal comes through the bone's surface.

    Arguments as for `check_place`, which refuses what lies outside altogether.
    """
    told: list[Finding] = []
    for probe in found:
        for part in _parts(probe, curved_mm):
            through = float(_away(probe, part, vertebra)[0].max()) + probe.radius_mm
            if through > 0.0:
                told.append(Finding(
                    code="probe-leaves-bone", severity="caution", level=vertebra.level,
                    what=f"{part.name} comes {through:.1f} mm through the surface of the bone; "
                    "its heat is computed there all the same.",
                ))  # fmt: skip
    return told


def _parts(probe: Probe, curved_mm: float) -> list[_Part]:
    """Tip, electrodes, curve."""
    length = float(np.linalg.norm(np.diff(probe.line, axis=0), axis=1).sum())
    parts = [_Part(name="The tip of the probe", start_mm=0.0, end_mm=0.0)]
    parts += [
        _Part(name=f"The electrode {e.start_mm:g} to {e.end_mm:g} mm from the tip",
              start_mm=e.start_mm, end_mm=min(e.end_mm, length))
        for e in probe.electrodes
    ]  # fmt: skip
    if curved_mm > 0.0:
        parts.append(_Part(name="The curved part of the probe", start_mm=0.0,
                           end_mm=min(curved_mm, length)))  # fmt: skip
    return parts


def _away(probe: Probe, part: _Part, vertebra: Vertebra) -> tuple[np.ndarray, Points]:
    """(n,) distance of a part's centre line from the bone, negative inside; (n, 3) body frame."""
    depth = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(probe.line, axis=0), axis=1))])
    at = np.append(np.arange(part.start_mm, part.end_mm, LOOK_MM), part.end_mm)
    lps = np.stack([np.interp(at, depth, probe.line[:, n]) for n in range(3)], axis=1)
    body = moved(inverse(vertebra.lps_from_body), lps)
    field = vertebra.field
    away = interpolated(field.distance_mm, field.body_from_index, body, outside=99.0)
    return away, body


def _in_canal(body: Points, canal: Canal) -> np.ndarray:
    """(n,) points within the canal's mean radius at their height."""
    level = np.clip(np.searchsorted(canal.z_mm, body[:, 2]), 0, len(canal.z_mm) - 1)
    off = np.linalg.norm(body[:, :2] - canal.axis_xy[level], axis=1)
    return off < canal.radius_mm.mean(axis=1)[level]
