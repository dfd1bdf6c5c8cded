"""Slices through the heating zone with temperature, lesion and what must be spared."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from skimage.measure import find_contours

from basivert.ablation.patient.model import Heat
from basivert.anatomy.model import Vertebra
from basivert.arrays import Matrix
from basivert.geometry.rigid import inverse, moved, turned, unit
from basivert.report.heat import maps, names
from basivert.report.heat.devices import electrodes, spared
from basivert.report.model import Picture, Shape, Style
from basivert.report.overlays import instrument, outlines
from basivert.report.pictures import greys
from basivert.report.planes import Plane, letters_of
from basivert.volume.model import Volume

MM_PER_PIXEL = 0.3
# Spacing of temperatures and outlines in a slice, mm.
STEP_MM = 0.8
HALF_MM = (28.0, 28.0)
# From the heating zone's middle to that of the picture: the canal has to be in view, mm.
BEHIND_MM = 9.0
ISOTHERMS_DEGC = (43.0, 50.0, 60.0)
# Where labels of the isotherms stand, degrees from the right, downwards.
LABEL_DEG = (-60.0, 120.0, 200.0)
LEAST_CONTOUR = 6

Cut = tuple[Plane, str]


def heat_pictures(heat: Heat, ct: Volume) -> tuple[Picture, ...]:
    """Axial, sagittal, coronal, and along the probe, each through the middle of the heating zone.

    Args:
        heat: the burn.
        ct: the scan, HU.
    """
    return tuple(_picture(heat, ct, cut) for cut in _cuts(heat))


def _cuts(heat: Heat) -> list[Cut]:
    made = heat.setup
    body_from_lps = inverse(made.vertebra.lps_from_body)
    one, other = made.planned.path, made.planned.partner
    zones = [one.active] if other is None else [one.active, other.active]
    middle = moved(body_from_lps, np.concatenate(zones).mean(axis=0))
    x, y, z = np.eye(3)
    behind = middle + BEHIND_MM * y
    level = made.vertebra.level
    return [
        (Plane(centre=behind, right=x, down=y, half_mm=HALF_MM),
         f"{level} axial through the heating zone, seen from below"),
        (Plane(centre=behind, right=y, down=-z, half_mm=HALF_MM),
         f"{level} sagittal through the heating zone, seen from the patient's left"),
        (Plane(centre=middle, right=x, down=-z, half_mm=HALF_MM),
         f"{level} coronal through the heating zone, seen from the front"),
        (_along(heat), f"{level} oblique, along the {made.planned.side} probe"),
    ]  # fmt: skip


def _along(heat: Heat) -> Plane:
    """The plane of shaft and curve; of a straight shaft the one that holds the midline's side."""
    path = heat.setup.planned.path
    body_from_lps = inverse(heat.setup.vertebra.lps_from_body)
    axis = turned(body_from_lps, path.axis)
    start, tip, middle = (
        moved(body_from_lps, p) for p in (path.curve_start, path.tip, path.active.mean(axis=0))
    )
    aside = (tip - start) - ((tip - start) @ axis) * axis
    if np.linalg.norm(aside) < 1.0:
        medial = np.array([-np.sign(start[0]), 0.0, 0.0])
        aside = medial - (medial @ axis) * axis
    right = unit(aside) if aside[0] > 0 else -unit(aside)
    return Plane(centre=middle - BEHIND_MM * axis, right=right, down=-axis, half_mm=HALF_MM)


def _picture(heat: Heat, ct: Volume, cut: Cut) -> Picture:
    plane, title = cut
    vertebra = heat.setup.vertebra
    values = maps.read(heat.moments[-1], _lps(vertebra, plane))
    right, down = (turned(vertebra.lps_from_body, a) for a in (plane.right, plane.down))
    shapes = [
        *outlines(vertebra, plane, STEP_MM), *spared(heat, plane, STEP_MM),
        *_instruments(heat, plane), *electrodes(heat, plane),
        *_isotherms(values.temperature_degc), *_lesions(heat, values),
    ]  # fmt: skip
    return Picture(
        title=title, caption=_caption(heat),
        pixels=greys(vertebra, ct, plane, MM_PER_PIXEL), mm_per_pixel=MM_PER_PIXEL,
        letters=(letters_of(-right), letters_of(right), letters_of(-down), letters_of(down)),
        shapes=tuple(shapes), wash_degc=values.temperature_degc.astype(np.float32),
        band=_band(heat, plane),
    )  # fmt: skip


def _instruments(heat: Heat, plane: Plane) -> list[Shape]:
    """The instrument, and the other of a pair."""
    planned = heat.setup.planned
    paths = [planned.path] if planned.partner is None else [planned.path, planned.partner]
    return [s for path in paths for s in instrument(heat.setup.vertebra, plane, path)]


def _lps(vertebra: Vertebra, plane: Plane) -> np.ndarray:
    return moved(vertebra.lps_from_body, plane.grid(STEP_MM))


def _caption(heat: Heat) -> str:
    minutes = heat.moments[-1].time_s / 60
    band = "" if heat.uncertainty is None else (
        " Pale band: where the lesion's edge lies with 90 % probability."
    )  # fmt: skip
    return f"Temperature and damage after {minutes:.1f} min.{band}"


def _isotherms(degc: np.ndarray) -> list[Shape]:
    found: list[Shape] = []
    for level, turn in zip(ISOTHERMS_DEGC, LABEL_DEG, strict=True):
        for n, line in enumerate(_lines(degc, level)):
            found.append(Shape(
                points=line, style="isotherm", closed=False, label=f"{level:.0f} °C" if n == 0
                else "", label_at=_at(line, turn),
            ))  # fmt: skip
    return found


def _at(line: Matrix, turn_deg: float) -> tuple[float, float]:
    """The point of a line that lies farthest into one direction."""
    way = np.array([np.cos(np.radians(turn_deg)), np.sin(np.radians(turn_deg))])
    x, y = line[int(np.argmax(line @ way))]
    return float(x), float(y)


def _lesions(heat: Heat, values: maps.Values) -> list[Shape]:
    """The default endpoint solid and last, so that it lies on top; the others dashed."""
    found: list[Shape] = []
    for number, lesion in reversed(list(enumerate(heat.lesions))):
        style: Style = "endpoint" if number else "lesion"
        found += [
            Shape(points=line, style=style, closed=False, dashed=bool(number),
                  label=names.endpoint(lesion.endpoint))
            for line in _lines(values.of(lesion.endpoint), 0.0)
        ]  # fmt: skip
    return found


def _lines(field: np.ndarray, level: float) -> list[Matrix]:
    """Contours in mm of the picture, longest first."""
    lines = [
        (line[:, ::-1] + 0.5) * STEP_MM
        for line in find_contours(field, level) if len(line) > LEAST_CONTOUR
    ]  # fmt: skip
    return sorted(lines, key=len, reverse=True)


def _band(heat: Heat, plane: Plane) -> tuple[Matrix, ...]:
    """Closed rings around P(dead) at both ends of the interval; none without samples."""
    if heat.uncertainty is None:
        return ()
    vertebra = heat.setup.vertebra
    dead = maps.shares(heat.uncertainty.p_dead, heat.setup.map, _lps(vertebra, plane))
    return tuple(ring for level in maps.BAND for ring in _rings(dead, level))


def _rings(field: np.ndarray, level: float) -> Sequence[Matrix]:
    """Contours of a field that is 0 outside, all closed."""
    padded = np.pad(field, 1)
    return [
        (line[:, ::-1] - 0.5) * STEP_MM
        for line in find_contours(padded, level) if len(line) > LEAST_CONTOUR
    ]  # fmt: skip
