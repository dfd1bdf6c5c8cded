"""A virtual patient: what is wished for, and the exact truth that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from basivert.anatomy.model import Side
from basivert.arrays import Affine, Point

Opening = Literal["single", "double", "absent", "mixed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a virtual patient should be like; the seed decides the rest within the tables' spread.

    scoliosis_deg: total coronal curve.  pedicle_scale: factor on all pedicle widths.
    foramen: openings at every level; `mixed` draws them by their published share.
    sclerosis_hu: added under the lower endplate of L4 and the upper of L5.
    cancellous_hu: of the bodies.  transitional: L5 with broad transverse processes.
    """

    seed: int
    levels: tuple[str, ...]
    scoliosis_deg: float
    pedicle_scale: float
    foramen: Opening
    sclerosis_hu: float
    cancellous_hu: float
    transitional: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PedicleSpec:
    """A tube with an elliptic section that is narrowest at its middle.

    x_mm, y_mm, z_mm: isthmus in the body frame.  turn_deg to the midline, tilt_deg to caudal.
    """

    x_mm: float
    y_mm: float
    z_mm: float
    width_mm: float
    height_mm: float
    turn_deg: float
    tilt_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningSpec:
    """One opening of the basivertebral foramen: place on the wall, size, depth of its cone, mm."""

    x_mm: float
    z_mm: float
    width_mm: float
    height_mm: float
    depth_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelSpec:
    """One vertebra in numbers; lengths mm, angles degrees.

    bulge_mm: how far the posterior wall's midline stands behind the wall 8 mm aside.
    upper_tilt_deg, lower_tilt_deg: of the endplates about x; upper_lean_deg about y.
    """

    level: str
    width_mm: float
    depth_mm: float
    height_mm: float
    waist: float
    bulge_mm: float
    dish_mm: float
    upper_tilt_deg: float
    lower_tilt_deg: float
    upper_lean_deg: float
    pedicles: Mapping[Side, PedicleSpec]
    openings: tuple[OpeningSpec, ...]
    hub: tuple[float, float, float]
    cancellous_hu: float
    sclerosis_upper_hu: float
    sclerosis_lower_hu: float
    process_scale: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VertebraTruth:
    """One placed vertebra.  lps_from_body: body frame → LPS mm."""

    spec: LevelSpec
    lps_from_body: Affine


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VirtualSpine:
    """All vertebrae of a virtual patient.  skin_y_mm: LPS y of the back at the midline."""

    wish: Wish
    vertebrae: Mapping[str, VertebraTruth]
    torso_centre: Point
    torso_half_mm: tuple[float, float]
