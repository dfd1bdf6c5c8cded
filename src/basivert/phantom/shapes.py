"""Implicit surfaces of one vertebra, body frame: negative inside, near-distance at the surface."""

from __future__ import annotations

import numpy as np
from skimage.measure import marching_cubes

from basivert.arrays import Point
from basivert.phantom.model import LevelSpec, OpeningSpec, PedicleSpec

# Exponent of the body's section: between an ellipse and a rectangle.
SECTION_POWER = 2.6
WALL_WIDTH_MM = 9.0
BULGE_AT_MM = 8.0
# The pedicle's radius grows by √2 this far from its isthmus.
WAIST_LENGTH_MM = 11.0
PEDICLE_BACK_MM, PEDICLE_FRONT_MM = 9.0, 16.0
MOST_GROWTH = 1.35
UNDER_PLATE_MM, FREE_WAIST_MM = 0.5, 4.5
STEP_MM = 0.05
# One point in so many along each axis tells whether the surface is near.
SPARSE = 4
# Corners of a box that holds any vertebra, body frame.
LOW_MM, HIGH_MM = np.array([-62.0, -28.0, -36.0]), np.array([62.0, 75.0, 32.0])
# Great vessels in front of the body: side (left +), distance from the midline, radius, mm (ours;
# the aorta lies a little to the left, the vena cava to the right), and free fat before the bone.
VESSELS = {"aorta": (1.0, 8.0, 9.0), "vena_cava": (-1.0, 12.0, 10.0)}
VESSEL_FREE_MM, VESSEL_HALF_MM = 4.0, 22.0


def body(spec: LevelSpec, p: np.ndarray) -> np.ndarray:
    """The vertebral body: waisted section, dished endplates, flat to curved posterior wall."""
    x, y, z = p[..., 0], p[..., 1], p[..., 2]
    narrow = 1.0 - spec.waist * np.clip(1.0 - (2.0 * z / spec.height_mm) ** 2, 0.0, 1.0)
    a, b = spec.width_mm / 2 * narrow, spec.depth_mm / 2 * narrow
    ratio = (np.abs(x / a) ** SECTION_POWER + np.abs(y / b) ** SECTION_POWER) ** (1 / SECTION_POWER)
    side = (ratio - 1.0) * np.minimum(a, b)
    wall = y - posterior_wall(spec, x)
    return np.maximum.reduce([side, wall, endplate(spec, p, 1.0), endplate(spec, p, -1.0)])


def posterior_wall(spec: LevelSpec, x: np.ndarray) -> np.ndarray:
    """Y of the posterior wall at x, mm."""
    bump = np.exp(-((x / WALL_WIDTH_MM) ** 2))
    drop = 1.0 - np.exp(-((BULGE_AT_MM / WALL_WIDTH_MM) ** 2))
    return np.asarray(wall_y(spec) + spec.bulge_mm / drop * (bump - 1.0))


def wall_y(spec: LevelSpec) -> float:
    """Y of the posterior wall at the midline, mm."""
    return 0.44 * spec.depth_mm


def endplate(spec: LevelSpec, p: np.ndarray, sign: float) -> np.ndarray:
    """Signed distance to an endplate: a plane with a shallow dish whose rim lies in the plane."""
    plate_tilt = spec.upper_tilt_deg if sign > 0 else spec.lower_tilt_deg
    normal = plate_normal(plate_tilt, spec.upper_lean_deg if sign > 0 else 0.0)
    height = sign * (p @ normal - sign * spec.height_mm / 2 * normal[2])
    share = (2 * p[..., 0] / spec.width_mm) ** 2 + (2 * p[..., 1] / spec.depth_mm) ** 2
    return height + spec.dish_mm * np.clip(1.0 - share, 0.0, 1.0)


def plate_normal(tilt_deg: float, lean_deg: float) -> Point:
    """(3,) cranial unit normal; tilt turns it to anterior, lean to the left."""
    tilt, lean = np.radians(tilt_deg), np.radians(lean_deg)
    normal = np.array([np.sin(lean), -np.sin(tilt) * np.cos(lean), np.cos(tilt) * np.cos(lean)])
    return normal / np.linalg.norm(normal)


def pedicle_axis(spec: PedicleSpec) -> Point:
    """(3,) unit, towards the body."""
    turn, tilt = np.radians(spec.turn_deg), np.radians(spec.tilt_deg)
    side = np.sign(spec.x_mm)
    return np.array(
        [-side * np.sin(turn) * np.cos(tilt), -np.cos(turn) * np.cos(tilt), -np.sin(tilt)]
    )


def pedicle(spec: PedicleSpec, p: np.ndarray, level: LevelSpec) -> np.ndarray:
    """A tube whose elliptic section is smallest at the isthmus, between its body's endplates."""
    axis = pedicle_axis(spec)
    away = p - np.array([spec.x_mm, spec.y_mm, spec.z_mm])
    t = away @ axis
    across = np.cross(axis, [0.0, 0.0, 1.0])
    across = across / np.linalg.norm(across)
    up = np.cross(across, axis)
    grow = np.minimum(np.sqrt(1.0 + (t / WAIST_LENGTH_MM) ** 2), MOST_GROWTH)
    a, b = spec.width_mm / 2 * grow, spec.height_mm / 2 * grow
    u, v = away @ across, away @ up
    ratio = np.sqrt((u / a) ** 2 + (v / b) ** 2) + 1e-9
    slope = np.sqrt((u / a**2) ** 2 + (v / b**2) ** 2) / ratio + 1e-9
    ends = np.maximum(t - PEDICLE_FRONT_MM, -t - PEDICLE_BACK_MM)
    # Only the part that runs into the body is kept under the plates; the waist stays whole.
    plates = np.maximum(endplate(level, p, 1.0), endplate(level, p, -1.0)) + UNDER_PLATE_MM
    under = np.where(t > FREE_WAIST_MM, plates, -np.inf)
    return np.maximum.reduce([(ratio - 1.0) / slope, ends, under])


def capsule(p: np.ndarray, start: Point, end: Point, radius: float) -> np.ndarray:
    """A rod with round ends."""
    way = end - start
    share = np.clip((p - start) @ way / (way @ way), 0.0, 1.0)
    return np.linalg.norm(p - start - share[..., None] * way, axis=-1) - radius


def slab(p: np.ndarray, centre: Point, half: tuple[float, float, float]) -> np.ndarray:
    """An ellipsoid, first-order distance."""
    scaled = (p - centre) / np.array(half)
    ratio = np.linalg.norm(scaled, axis=-1) + 1e-9
    return (ratio - 1.0) * ratio / (np.linalg.norm(scaled / np.array(half), axis=-1) + 1e-9)


def arch(spec: LevelSpec, p: np.ndarray) -> np.ndarray:
    """Articular pillars, laminae, spinous and transverse processes."""
    parts = []
    back = wall_y(spec)
    spine = np.array([0.0, back + 27.0, -7.0])
    for one in spec.pedicles.values():
        side = float(np.sign(one.x_mm))
        isthmus = np.array([one.x_mm, one.y_mm, one.z_mm])
        pillar = isthmus - 11.5 * pedicle_axis(one)
        pillar[0] = side * max(abs(pillar[0]), 16.0)
        parts.append(slab(p, pillar + np.array([0, 1.5, 5.0]), (5.5, 5.0, 11.0)))
        parts.append(slab(p, pillar + np.array([-side * 3.0, 5.0, -13.0]), (5.0, 4.5, 10.0)))
        parts.append(capsule(p, pillar + np.array([-side * 1.0, 3.5, -3.0]), spine, 3.3))
        tip = pillar + np.array([side * 20.0 * spec.process_scale, 3.0, 1.0])
        parts.append(capsule(p, pillar, tip, 3.6 * spec.process_scale))
    parts.append(slab(p, spine + np.array([0, 13.0, -3.0]), (3.2, 15.0, 9.5)))
    if spec.level == "S1":
        for side in (-1.0, 1.0):
            parts.append(slab(p, np.array([side * 36.0, 6.0, 0.0]), (18.0, 16.0, 12.0)))
    return np.minimum.reduce(parts)


def vessel(spec: LevelSpec, name: str, p: np.ndarray) -> np.ndarray:
    """Signed distance to a great vessel's stretch in front of this body, mm."""
    side, aside, radius = VESSELS[name]
    front = -spec.depth_mm / 2 - VESSEL_FREE_MM - radius
    ends = [np.array([side * aside, front, z]) for z in (-VESSEL_HALF_MM, VESSEL_HALF_MM)]
    return capsule(p, ends[0], ends[1], radius)


def opening(spec: LevelSpec, one: OpeningSpec, p: np.ndarray) -> np.ndarray:
    """The foramen's cone, tapering from the wall into the body; open to the canal."""
    deep = posterior_wall(spec, np.asarray(one.x_mm)) - p[..., 1]
    taper = np.clip(1.0 - deep / one.depth_mm, 0.05, 1.0)
    a, b = one.width_mm / 2 * taper, one.height_mm / 2 * taper
    ratio = np.hypot((p[..., 0] - one.x_mm) / a, (p[..., 2] - one.z_mm) / b)
    side = (ratio - 1.0) * np.minimum(a, b)
    return np.maximum(side, deep - one.depth_mm)


def bone(spec: LevelSpec, p: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Implicit function of the whole bone without the foramen, and that of pedicles and arch."""
    tubes = [pedicle(one, p, spec) for one in spec.pedicles.values()]
    rear = np.minimum.reduce([arch(spec, p), *tubes])
    return np.minimum(body(spec, p), rear), rear


def bone_on_grid(
    spec: LevelSpec, p: np.ndarray, coarse: int, near_mm: float
) -> tuple[np.ndarray, np.ndarray]:
    """`bone` at the points (i, j, k, 3) of a grid, exact within `near_mm` of the surface.

    Elsewhere it is the value at a point up to `coarse` − 1 steps off.
    """
    value, rear = (
        _repeated(part, coarse, p.shape[:3]) for part in bone(spec, p[::coarse, ::coarse, ::coarse])
    )
    near = np.abs(value) < near_mm
    value[near], rear[near] = bone(spec, p[near])
    return value, rear


def _repeated(few: np.ndarray, times: int, shape: tuple[int, ...]) -> np.ndarray:
    for axis in range(3):
        few = np.repeat(few, times, axis=axis)
    return few[: shape[0], : shape[1], : shape[2]].copy()


def signed_distance(spec: LevelSpec, p: np.ndarray) -> np.ndarray:
    """Signed distance of body-frame points (..., 3) to the true surface, mm; negative inside.

    First order: the implicit function over the length of its gradient; within 5 % up to 3 mm.
    """
    value = bone(spec, p)[0]
    slope = np.zeros_like(value)
    for axis in range(3):
        step = np.zeros(3)
        step[axis] = STEP_MM
        slope += ((bone(spec, p + step)[0] - bone(spec, p - step)[0]) / (2 * STEP_MM)) ** 2
    return value / np.maximum(np.sqrt(slope), 0.2)


def surface_points(spec: LevelSpec, step_mm: float) -> np.ndarray:
    """(n, 3) points on the true surface, body frame, about `step_mm` apart.

    The implicit function bounds the inner distance from below where body and pedicle join; these
    points give it exactly.
    """
    axes = [np.arange(a, b, step_mm) for a, b in zip(LOW_MM, HIGH_MM, strict=True)]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).astype(np.float32)
    value, _ = bone_on_grid(spec, grid, SPARSE, SPARSE * step_mm * 2.0)
    vertices, _, _, _ = marching_cubes(value, 0.0)
    return LOW_MM + vertices * step_mm
