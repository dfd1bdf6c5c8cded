"""What one vertebra is: surface, body, endplates, wall, canal, pedicles, foramen, target.

Body frame, used by every part: origin at the centre of the body; x to the patient's left,
y to posterior, z to cranial; millimetres. `lps_from_body` brings a point to LPS.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal

import numpy as np

from basivert.arrays import Affine, Codes, Faces, Grid, Matrix, Point, Points, Vector, frozen
from basivert.errors import Finding
from basivert.estimate import Estimate

Side = Literal["left", "right"]


class Wall(IntEnum):
    """Which wall a piece of the bone's surface belongs to; left and right are told by position."""

    MEDIAL = 1
    LATERAL = 2
    CRANIAL = 3
    CAUDAL = 4
    POSTERIOR = 5
    UPPER_ENDPLATE = 6
    LOWER_ENDPLATE = 7
    ANTERIOR = 8
    ARCH = 9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surface:
    """The bone's outer surface at the intensity crossing.

    vertices: (n, 3) LPS mm.  faces: (m, 3) vertex numbers.  normals: (n, 3) unit, outwards, LPS.
    wall: (n,) `Wall` of each vertex.
    sd_mm: standard deviation of the surface's position from voxel size and crossing residuals.
    refined_fraction: share of vertices that the CT itself could place (the rest follow the label).
    """

    vertices: Points
    faces: Faces
    normals: Points
    wall: Codes
    sd_mm: float
    refined_fraction: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoneField:
    """Fields on one body-aligned grid around the vertebra, for fast look-up.

    body_from_index: grid index → body frame mm (uniform spacing, axes along the body's).
    distance_mm: (i, j, k) signed distance to the bone's outer surface, negative inside.
    wall: (i, j, k) `Wall` of the nearest surface point.
    hu: (i, j, k) CT number, HU.
    """

    body_from_index: Affine
    distance_mm: Grid
    wall: Grid
    hu: Grid

    def __post_init__(self) -> None:
        for name in ("body_from_index", "distance_mm", "wall", "hu"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    @property
    def spacing_mm(self) -> float:
        """Grid spacing, mm."""
        return float(np.linalg.norm(self.body_from_index[:3, 0]))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Endplate:
    """One endplate as a plane through its bony surface and what departs from it.

    centre: (3,) LPS mm.  normal: (3,) unit, pointing out of the body, LPS.
    sagittal_deg: cranial (+) tilt of the plate about the left-right axis of LPS.
    coronal_deg: tilt towards the patient's left (+).
    concavity_mm: depth of the dish below the rim plane.
    """

    centre: Point
    normal: Point
    sagittal_deg: Estimate
    coronal_deg: Estimate
    concavity_mm: Estimate
    residual_mm: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PosteriorWall:
    """The body's posterior wall, y = f(x, z) in the body frame, bridged over the foramen.

    coefficients: (m,) of the terms `x^p z^q` listed in `powers`.
    reach_mm: (x, z) half widths of the part that was fitted; beyond it the border's value holds.
    midline: (n, 3) LPS mm, cranial to caudal, the line that a lateral view shows.
    bulge_mm: how far the midline stands behind the wall 8 mm to its sides (convex > 0).
    residual_mm: rms of the fit.
    """

    coefficients: Vector
    powers: tuple[tuple[int, int], ...]
    reach_mm: tuple[float, float]
    midline: Points
    bulge_mm: Estimate
    residual_mm: float

    def y_mm(self, x_mm: np.ndarray | float, z_mm: np.ndarray | float) -> np.ndarray:
        """Posterior coordinate of the wall in the body frame, mm."""
        x = np.clip(x_mm, -self.reach_mm[0], self.reach_mm[0])
        z = np.clip(z_mm, -self.reach_mm[1], self.reach_mm[1])
        terms = [x**p * z**q for p, q in self.powers]
        return np.asarray(np.tensordot(self.coefficients, np.stack(terms), axes=1))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canal:
    """The vertebral canal as a star-shaped tube about its own axis, body frame.

    axis_xy: (n, 2) centre at each height.  z_mm: (n,) heights.  angle_rad: (m,) from +x to +y.
    radius_mm: (n, m) free distance from the centre to the bone.
    closed_fraction: share of directions where bone was met (the rest is bridged smoothly).
    width_mm, depth_mm: at pedicle level.
    """

    axis_xy: Matrix
    z_mm: Vector
    angle_rad: Vector
    radius_mm: Matrix
    closed_fraction: float
    width_mm: Estimate
    depth_mm: Estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pedicle:
    """The pedicle at its isthmus, the narrowest section.

    centre: (3,) LPS mm.  axis: (3,) unit, towards the body, LPS.
    centre_sd_mm: (3,) its SD along width_axis, height_axis and axis.
    width_axis, height_axis: (3,) unit principal axes of the section, LPS.
    cortex_mm: mean thickness of cortical bone (clinical CT shows at least twice the truth).
    transverse_deg: axis turned to the midline, seen from above (medial +).
    sagittal_deg: axis turned caudally (+), seen from the side.
    """

    side: Side
    centre: Point
    centre_sd_mm: Vector
    axis: Point
    width_axis: Point
    height_axis: Point
    width_mm: Estimate
    height_mm: Estimate
    cortex_mm: Estimate | None
    transverse_deg: Estimate
    sagittal_deg: Estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BodySize:
    """Linear measures of the body, mm; heights front to back, widths and depths top to bottom."""

    height_anterior_mm: Estimate
    height_middle_mm: Estimate
    height_posterior_mm: Estimate
    width_upper_mm: Estimate
    width_middle_mm: Estimate
    width_lower_mm: Estimate
    depth_upper_mm: Estimate
    depth_middle_mm: Estimate
    depth_lower_mm: Estimate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foramen:
    """The basivertebral foramen as the CT shows it.

    centre: (3,) LPS mm, on the posterior wall.  sd_mm: (3,) standard deviation along body x, y, z.
    width_mm, height_mm: of the opening.  openings: (n, 3) LPS mm, one or two.
    contrast_to_noise: opening against the wall beside it.
    """

    centre: Point
    sd_mm: Point
    width_mm: Estimate
    height_mm: Estimate
    openings: Points
    contrast_to_noise: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NotVisible:
    """The foramen could not be told from the wall; the prior of anatomy is used instead.

    expected: (3,) LPS mm, the prior's centre on the wall.  sd_mm: (3,) along body x, y, z.
    """

    expected: Point
    sd_mm: Point
    contrast_to_noise: float
    prior: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TargetWindow:
    """One published target window as it stands in its source.

    low, high: share of the body's midline depth from the posterior wall, 0–1.
    points: (2, 3) LPS mm, the window's two ends; middle: (3,) LPS mm.
    """

    name: str
    low: float
    high: float
    points: Points
    middle: Point
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """Where the nerve's hub lies, as a density: a mixture of normal distributions in LPS.

    weights: (c,) sum 1.  means: (c, 3) LPS mm.  covariances: (c, 3, 3) mm².
    centre: (3,) mean of the density, LPS mm.  sd_mm: (3,) along body x, y, z.
    basis: which evidence made it ("foramen seen in CT" or the prior's name).
    """

    weights: Vector
    means: Points
    covariances: np.ndarray
    centre: Point
    sd_mm: Point
    windows: tuple[TargetWindow, ...]
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoneDensity:
    """Cancellous bone in HU, as scanned, not calibrated to mineral density.

    body: whole cancellous body without cortex and foramen; regions: name → HU.
    meaning: plain words with source (fracture after the procedure, screening cuts).
    """

    body_hu: Estimate
    regions_hu: Mapping[str, Estimate]
    meaning: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Vertebra:
    """Everything measured on one vertebra.

    lps_from_body: body frame → LPS, rigid.
    symmetry_residual_mm: rms distance between the bone and its mirror image.
    """

    level: str
    lps_from_body: Affine
    symmetry_residual_mm: float
    surface: Surface
    field: BoneField
    upper_endplate: Endplate
    lower_endplate: Endplate
    size: BodySize
    posterior_wall: PosteriorWall
    canal: Canal
    pedicles: Mapping[Side, Pedicle]
    foramen: Foramen | NotVisible
    target: Target
    density: BoneDensity
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A vertebra that cannot be planned, and why.

    failed: false where the scan shows too little of it (cut by the edge, too small); true where
        a self-check of the measurement failed.
    """

    level: str
    reason: str
    failed: bool
    findings: tuple[Finding, ...]
