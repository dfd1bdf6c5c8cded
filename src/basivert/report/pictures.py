"""Slices of the scan through a vertebra with the plan drawn true to size."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from skimage.measure import find_contours

from basivert.anatomy.model import Foramen, Vertebra
from basivert.anatomy.target import density
from basivert.arrays import Matrix, Point
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved, turned, unit
from basivert.planning.clearance import canal_distance_mm
from basivert.planning.model import Path, Plan
from basivert.report.model import Picture, Shape
from basivert.volume.model import Volume

MM_PER_PIXEL = 0.2
WINDOW_HU = (-250.0, 950.0)
LETTERS = ("L", "P", "S"), ("R", "A", "I")
# A direction gets a second letter when that axis carries this much of it.
SECOND_LETTER = 0.38
DENSITY_SHARES = (0.6065, 0.1353)  # one and two standard deviations of a normal peak
CONTOUR_STEP = 4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """A cut.  centre, right, down: (3,) body frame; half_mm: half width and half height."""

    centre: Point
    right: Point
    down: Point
    half_mm: tuple[float, float]

    @property
    def corner(self) -> Point:
        """(3,) top left corner."""
        return self.centre - self.half_mm[0] * self.right - self.half_mm[1] * self.down

    def flat(self, points: np.ndarray) -> Matrix:
        """(n, 2) mm right and down from the corner."""
        away = points - self.corner
        return np.stack([away @ self.right, away @ self.down], axis=-1)

    def off(self, points: np.ndarray) -> np.ndarray:
        """(n,) distance out of the plane, mm."""
        return np.abs((points - self.centre) @ np.cross(self.right, self.down))

    def grid(self, step: float) -> np.ndarray:
        """(rows, columns, 3) points of the plane, body frame."""
        columns = np.arange(step / 2, 2 * self.half_mm[0], step)
        rows = np.arange(step / 2, 2 * self.half_mm[1], step)
        return self.corner + columns[None, :, None] * self.right + rows[:, None, None] * self.down


def letters_of(direction_lps: Point) -> str:
    """Patient letters of a direction, strongest first: "L", "PS" …"""
    order = np.argsort(-np.abs(direction_lps))
    named = [axis for axis in order if abs(direction_lps[axis]) > SECOND_LETTER][:2]
    return "".join(LETTERS[0 if direction_lps[axis] > 0 else 1][axis] for axis in named)


def plan_pictures(vertebra: Vertebra, ct: Volume, plan: Plan | None) -> tuple[Picture, ...]:
    """Axial, sagittal, along the cannula, and en face of the pedicle."""
    body_from_lps = inverse(vertebra.lps_from_body)
    target = moved(body_from_lps, vertebra.target.centre)
    x, y, z = np.eye(3)
    axial = Plane(centre=np.array([0, 12.0, target[2]]), right=x, down=y, half_mm=(42, 42))
    sagittal = Plane(centre=np.array([0, 10.0, 0]), right=y, down=-z, half_mm=(42, 30))
    pictures = [
        picture(vertebra, ct, axial, plan, f"{vertebra.level} axial through the target",
                "In the plane of the endplates, seen from below."),
        picture(vertebra, ct, sagittal, plan, f"{vertebra.level} mid-sagittal",
                "In the plane of symmetry of this vertebra. Bars: published target windows."),
    ]  # fmt: skip
    if plan is not None:
        pictures += _along(vertebra, ct, plan)
    return tuple(pictures)


def _along(vertebra: Vertebra, ct: Volume, plan: Plan) -> list[Picture]:
    body_from_lps = inverse(vertebra.lps_from_body)
    axis = turned(body_from_lps, plan.path.axis)
    entry, start, tip = (
        moved(body_from_lps, p)
        for p in (plan.path.entry_bone, plan.path.curve_start, plan.path.tip)
    )
    aside = (tip - start) - ((tip - start) @ axis) * axis
    medial = np.array([-np.sign(entry[0]), 0.0, 0.0])
    aside = aside if np.linalg.norm(aside) > 1.0 else medial - (medial @ axis) * axis
    right = unit(aside) if unit(aside)[0] > 0 else -unit(aside)
    middle = 0.5 * (entry + tip)
    along = Plane(centre=middle, right=right, down=-axis, half_mm=(42, 42))
    isthmus = moved(body_from_lps, vertebra.pedicles[plan.side].centre)
    crossing = entry + ((isthmus - entry) @ axis) * axis
    across = unit(np.cross(np.array([0.0, 0.0, 1.0]), -axis))
    across = across if across[0] > 0 else -across
    up = unit(np.cross(axis, across))
    up = up if up[2] > 0 else -up
    en_face = Plane(centre=crossing, right=across, down=-up, half_mm=(26, 26))
    return [
        picture(vertebra, ct, along, plan, f"{vertebra.level} along the {plan.side} cannula",
                "Oblique plane that holds the straight shaft and the curve."),
        picture(vertebra, ct, en_face, plan, f"{vertebra.level} {plan.side} pedicle, section at the "
                "isthmus", "Across the shaft at the narrowest section, drawn from behind; "
                "patient's left is on the right."),
    ]  # fmt: skip


def picture(
    vertebra: Vertebra, ct: Volume, plane: Plane, plan: Plan | None, title: str, caption: str
) -> Picture:
    """One cut with outline, canal, density, foramen, windows and instrument."""
    points = plane.grid(MM_PER_PIXEL)
    hu = interpolated(ct.values, ct.lps_from_index, moved(vertebra.lps_from_body, points),
                      outside=-1024.0)  # fmt: skip
    low, high = WINDOW_HU
    pixels = np.clip((hu - low) / (high - low) * 255.0, 0, 255).astype(np.uint8)
    right, down = (turned(vertebra.lps_from_body, a) for a in (plane.right, plane.down))
    shapes = [*_outlines(vertebra, plane), *_marks(vertebra, plane)]
    if plan is not None:
        shapes += _instrument(vertebra, plane, plan.path)
    letters = (letters_of(-right), letters_of(right), letters_of(-down), letters_of(down))
    return Picture(title=title, caption=caption, pixels=pixels, mm_per_pixel=MM_PER_PIXEL,
                   letters=letters, shapes=tuple(shapes))  # fmt: skip


def _outlines(vertebra: Vertebra, plane: Plane) -> list[Shape]:
    step = MM_PER_PIXEL * CONTOUR_STEP
    points = plane.grid(step)
    bone = interpolated(
        vertebra.field.distance_mm, vertebra.field.body_from_index, points, outside=20.0
    )
    canal = canal_distance_mm(vertebra.canal, points)
    hub = density(vertebra.target, moved(vertebra.lps_from_body, points))
    shapes = [*_contours(bone, 0.0, step, "bone"), *_contours(canal, 0.0, step, "canal")]
    peak = float(density(vertebra.target, vertebra.target.means).max())
    for share in DENSITY_SHARES:
        shapes += _contours(hub, share * peak, step, "target")
    return shapes


def _contours(field: np.ndarray, level: float, step: float, style: str) -> list[Shape]:
    return [
        Shape(points=(line[:, ::-1] + 0.5) * step, style=style, closed=False)  # type: ignore[arg-type]
        for line in find_contours(field, level)
        if len(line) > 8
    ]


def _marks(vertebra: Vertebra, plane: Plane) -> list[Shape]:
    """Foramen openings and, in the mid-sagittal plane, the published windows."""
    body_from_lps = inverse(vertebra.lps_from_body)
    shapes = []
    if isinstance(vertebra.foramen, Foramen):
        openings = moved(body_from_lps, vertebra.foramen.openings)
        for opening in openings[plane.off(openings) < 4.0]:
            cross = plane.flat(opening[None])[0]
            arms = np.array([[-1.5, 0], [1.5, 0], [0, 0], [0, -1.5], [0, 1.5]])
            shapes.append(Shape(points=cross + arms, style="foramen", closed=False,
                                label="foramen"))  # fmt: skip
    if abs(plane.right[1]) > 0.99:
        for number, window in enumerate(vertebra.target.windows):
            ends = plane.flat(moved(body_from_lps, window.points))
            if np.ptp(ends[:, 0]) < 0.5:
                ends = ends + np.array([[-0.6, 0.0], [0.6, 0.0]])
            ends = ends + np.array([0.0, 3.2 * (number - 1)])
            shapes.append(Shape(points=ends, style="window", closed=False, label=window.name))
    return shapes


def _instrument(vertebra: Vertebra, plane: Plane, path: Path) -> list[Shape]:
    """Outline true to size; dashed where the instrument is out of the plane by its radius."""
    body = moved(inverse(vertebra.lps_from_body), path.centre_line)
    flat, off = plane.flat(body), plane.off(body)
    normal = np.cross(plane.right, plane.down)
    along = abs(unit(body[-1] - body[0]) @ normal)
    if along > 0.9:
        return [_cross_section(plane, body, path)]
    shapes = [
        Shape(points=_band(flat[part], path.radius_mm[part]), style="shaft", closed=True,
              dashed=bool(np.mean(off[part] > path.radius_mm[part]) > 0.5))
        for part in _stretches(path.radius_mm)
    ]  # fmt: skip
    active = moved(inverse(vertebra.lps_from_body), path.active)
    first = int(np.argmin(np.linalg.norm(body - active[0], axis=1)))
    shapes.append(Shape(points=_band(flat[first:], path.radius_mm[first:]), style="active",
                        closed=True, label="heating zone",
                        dashed=bool(off[first:].min() > path.radius_mm[-1])))  # fmt: skip
    return shapes


def _stretches(radius: np.ndarray) -> list[slice]:
    """Runs of equal radius: introducer, then what leaves it."""
    cuts = [0, *(np.nonzero(np.diff(radius))[0] + 1).tolist(), len(radius)]
    return [slice(a, min(b + 1, len(radius))) for a, b in zip(cuts, cuts[1:], strict=False)]


def _band(line: Matrix, radius: np.ndarray) -> Matrix:
    """Closed outline of a line with thickness in the picture's plane."""
    way = np.gradient(line, axis=0)
    length = np.linalg.norm(way, axis=1, keepdims=True)
    aside = np.stack([-way[:, 1], way[:, 0]], axis=1) / np.maximum(length, 1e-6)
    edge = aside * radius[:, None]
    return np.concatenate([line + edge, (line - edge)[::-1]])


def _cross_section(plane: Plane, body: np.ndarray, path: Path) -> Shape:
    nearest = int(np.argmin(plane.off(body)))
    turn = np.linspace(0.0, 2.0 * np.pi, 40)
    circle = np.stack([np.cos(turn), np.sin(turn)], axis=1) * path.radius_mm[nearest]
    return Shape(points=plane.flat(body[nearest][None])[0] + circle, style="instrument",
                 closed=True, label="instrument")  # fmt: skip
