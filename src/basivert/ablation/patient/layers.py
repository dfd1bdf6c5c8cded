"""The layers of tissue on a grid in the vertebra's own axes, painted from outside in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.ablation.patient import marrow
from basivert.anatomy.model import Canal, Endplate, Foramen, Vertebra, Wall
from basivert.arrays import Affine, Point
from basivert.constants.model import Table
from basivert.geometry.curves import segment_distance
from basivert.geometry.grids import nearest_on_grid, regridded
from basivert.geometry.rigid import frame, inverse, moved, turned
from basivert.geometry.smoothing import smoothed
from basivert.volume.labels import is_vertebra
from basivert.volume.model import Case

# Far from any surface, mm, and outside the scan, HU.
FAR_MM, NOTHING_HU = 99.0, 0.0
# Where the Gaussian over CT numbers ends, in SD.
SMOOTHING_END = 2.5
PLATES = {Wall.UPPER_ENDPLATE: "upper", Wall.LOWER_ENDPLATE: "lower"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Space:
    """What is known at every voxel of the grid.

    lps_from_index: 4×4.  x, y, z: body frame, mm, shaped to broadcast.
    distance_mm: to the bone's surface, negative inside.  wall: nearest `Wall`.
    hu, smooth_hu: CT number as it is, and without its noise.  bone, vessel, disc: labelled others.
    """

    lps_from_index: Affine
    x: np.ndarray
    y: np.ndarray
    z: np.ndarray
    distance_mm: np.ndarray
    wall: np.ndarray
    hu: np.ndarray
    bone: np.ndarray
    vessel: np.ndarray
    disc: np.ndarray
    step_mm: float

    @property
    def solid(self) -> np.ndarray:
        """(i, j, k) bone, this vertebra's or a neighbour's."""
        return (self.distance_mm <= 0) | self.bone


def space(
    vertebra: Vertebra, case: Case, reach_mm: Sequence[tuple[float, float]], step_mm: float
) -> Space:
    """The grid around a vertebra, filled from its fields, the CT and the labels."""
    axes = [np.arange(low, high + step_mm / 2, step_mm) for low, high in reach_mm]
    shape = (len(axes[0]), len(axes[1]), len(axes[2]))
    body_from_index = frame(
        np.array([step_mm, 0, 0]), np.array([0, step_mm, 0]), np.array([0, 0, step_mm]),
        np.array([a[0] for a in axes]),
    )  # fmt: skip
    lps_from_index = vertebra.lps_from_body @ body_from_index
    field, labels = vertebra.field, case.labels
    codes = nearest_on_grid(
        labels.volume.values, labels.volume.lps_from_index, lps_from_index, shape
    )

    def named(names: set[str]) -> np.ndarray:
        return np.isin(codes, [labels.code_of[n] for n in names])

    others = {n for n in labels.code_of if is_vertebra(n) or n == "sacrum"} - {vertebra.level}
    if vertebra.level == "S1":
        others -= {"sacrum"}
    blood = ("aorta", "vena_cava", "iliac")
    return Space(
        lps_from_index=lps_from_index, x=axes[0][:, None, None], y=axes[1][None, :, None],
        z=axes[2][None, None, :],
        distance_mm=regridded(field.distance_mm, field.body_from_index, body_from_index, shape,
                              outside=FAR_MM),
        wall=nearest_on_grid(field.wall, field.body_from_index, body_from_index, shape),
        hu=regridded(case.ct.values, case.ct.lps_from_index, lps_from_index, shape,
                     outside=NOTHING_HU),
        bone=named(others), vessel=named({n for n in labels.code_of if n.startswith(blood)}),
        disc=named({n for n in labels.code_of if n.startswith("disc_")}), step_mm=step_mm,
    )  # fmt: skip


def surroundings(
    space: Space, vertebra: Vertebra, table: Table, names: Sequence[str]
) -> np.ndarray:
    """(i, j, k) uint8 codes (places in `names`) of all that is not the vertebra's own bone."""
    code = {name: n for n, name in enumerate(names)}
    found = np.full(space.distance_mm.shape, code["muscle"], np.uint8)
    found[space.hu < table["soft.fat"].value] = code["fat"]
    found[space.vessel] = code["vessel"]
    outside = space.distance_mm > 0
    plate = outside & np.isin(space.wall, [int(w) for w in PLATES])
    found[plate & (space.distance_mm < table["disc.reach"].value)] = code["disc"]
    found[outside & space.disc] = code["disc"]
    found[plate & (space.distance_mm < table["cartilage.thickness"].value)] = code["endplate"]
    _paint_canal(found, space, vertebra.canal, table, code)
    return found


def _paint_canal(
    found: np.ndarray, space: Space, canal: Canal, table: Table, code: dict[str, int]
) -> None:
    """Epidural ring and fluid within the canal; above and below the body it goes straight on."""
    widest = float(canal.radius_mm.max())
    low, high = canal.axis_xy.min(axis=0) - widest, canal.axis_xy.max(axis=0) + widest
    box = tuple(
        slice(*np.searchsorted(axis.ravel(), (first, last)))
        for axis, first, last in zip((space.x, space.y), low, high, strict=True)
    )
    level = np.clip(np.searchsorted(canal.z_mm, space.z), 0, len(canal.z_mm) - 1)
    away_x = space.x[box[0]] - canal.axis_xy[level, 0]
    away_y = space.y[:, box[1]] - canal.axis_xy[level, 1]
    turn = np.mod(np.arctan2(away_y, away_x), 2 * np.pi)
    ray = np.rint(turn / (2 * np.pi) * len(canal.angle_rad)).astype(np.intp) % len(canal.angle_rad)
    border = canal.radius_mm[np.broadcast_to(level, ray.shape), ray]
    far = np.hypot(away_x, away_y)
    inside = (far < border) & (space.distance_mm[box] > 0) & ~space.bone[box]
    sac = inside & (far < border - table["epidural.thickness"].value)
    half = np.radians(table["epidural.plexus_half_angle"].value)
    ahead = np.abs(np.mod(turn - 1.5 * np.pi + np.pi, 2 * np.pi) - np.pi) < half
    part = found[box]
    part[inside] = code["fat"]
    part[inside & ahead] = code["plexus"]
    part[sac] = code["csf"]


def marrow_part(space: Space, vertebra: Vertebra, part: str, table: Table) -> np.ndarray:
    """Voxels of bone; with `part` an endplate only those near it in the vertebra's body."""
    if not part:
        return space.solid
    inside = space.distance_mm <= 0
    plate = vertebra.upper_endplate if part == "upper" else vertebra.lower_endplate
    depth = -_height(space, plate, vertebra.lps_from_body)
    wall = vertebra.posterior_wall.y_mm(
        *np.broadcast_arrays(space.x[:, :, 0], space.y[:, :, 0] * 0)
    )
    in_body = space.y < wall[:, :, None]
    return inside & in_body & (depth > -3.0) & (depth < table["modic.height"].value)


def _height(space: Space, plate: Endplate, lps_from_body: Affine) -> np.ndarray:
    """Distance above the plate's plane, out of the body, mm."""
    body_from_lps = inverse(lps_from_body)
    centre, n = moved(body_from_lps, plate.centre), turned(body_from_lps, plate.normal)
    x, y, z = space.x - centre[0], space.y - centre[1], space.z - centre[2]
    return x * n[0] + y * n[1] + z * n[2]


def classes(
    space: Space, where: np.ndarray, yellow: float, table: Table
) -> tuple[np.ndarray, np.ndarray]:
    """(n,) class of bone volume at the voxels of `where`, and (n,) `marrow.beyond` of them."""
    sd = table["hu.smoothing"].value / space.step_mm
    # Only bone counts: soft tissue beside it would make the rim look porous.
    inside = space.solid.astype(np.float32)
    weight = smoothed(inside, sd, SMOOTHING_END)
    smooth = smoothed(space.hu * inside, sd, SMOOTHING_END)
    hu = smooth[where] / np.maximum(weight[where], 1e-6)
    borders = marrow.steps(table)
    middles = np.sqrt(borders[1:] * borders[:-1])
    found = np.searchsorted(middles, marrow.volume_fraction(hu, yellow, table))
    return found, marrow.beyond(hu, yellow, table)


def dense(
    code: np.ndarray, space: Space, vertebra: Vertebra, layers: Table, cortex_hu: float,
    names: Sequence[str],
) -> None:  # fmt: skip
    """Paint cortex, thin or denser than `cortex_hu`, and the vein over the marrow."""
    inside = space.distance_mm <= 0
    shell = inside & (space.distance_mm > -layers["shell.thickness"].value)
    hard = space.solid & (space.hu > cortex_hu)
    code[shell | hard] = names.index("cortical")
    body_from_lps = inverse(vertebra.lps_from_body)
    found = vertebra.foramen
    mouth = found.centre if isinstance(found, Foramen) else found.expected
    start, end = (moved(body_from_lps, p) for p in (mouth, vertebra.target.centre))
    _paint_vein(code, space, start, end, layers["vein.radius"].value, names.index("vein"))


def _paint_vein(
    code: np.ndarray, space: Space, start: Point, end: Point, radius: float, value: int
) -> None:
    """A tube from the foramen to the hub."""
    low, high = np.minimum(start, end) - radius, np.maximum(start, end) + radius
    axes = (space.x.ravel(), space.y.ravel(), space.z.ravel())
    box = tuple(
        slice(*np.searchsorted(a, (first, last)))
        for a, first, last in zip(axes, low, high, strict=True)
    )
    inner = [a[b] for a, b in zip(axes, box, strict=True)]
    grid = np.stack(np.meshgrid(*inner, indexing="ij"), axis=-1)
    near = segment_distance(grid.reshape(-1, 3), start, end).reshape(grid.shape[:-1]) < radius
    code[box][near & (space.distance_mm[box] <= radius)] = value
