"""What lies in a slice besides tissue and heat: electrodes, dura, roots."""

from __future__ import annotations

import numpy as np
from skimage.measure import find_contours

from basivert.ablation.model import Probe
from basivert.ablation.patient.model import Heat
from basivert.arrays import Matrix
from basivert.geometry.rigid import inverse, moved
from basivert.planning.clearance import canal_distance_mm
from basivert.report.heat import names
from basivert.report.model import Shape
from basivert.report.planes import Plane

# A root nearer to the plane than this is drawn, mm; and spacing along an electrode.
ROOT_OFF_MM, ALONG_MM = 2.0, 0.25
ROOT_SIZE_MM = 0.7


def electrodes(heat: Heat, plane: Plane) -> list[Shape]:
    """Bare metal of each probe, true to size; dashed where it lies out of the plane."""
    body_from_lps = inverse(heat.setup.vertebra.lps_from_body)
    found: list[Shape] = []
    for probe in heat.setup.probes:
        for start, end in ((e.start_mm, e.end_mm) for e in probe.electrodes):
            body = moved(body_from_lps, _part(probe, start, end))
            off = plane.off(body)
            if plane.faces(body[-1] - body[0]):
                continue
            found.append(Shape(
                points=_outline(plane.flat(body), probe.radius_mm), style="electrode", closed=True,
                dashed=bool(np.median(off) > probe.radius_mm), label="electrode",
            ))  # fmt: skip
    return found


def _part(probe: Probe, start: float, end: float) -> np.ndarray:
    """(n, 3) centre line between two distances from the tip."""
    steps = np.linalg.norm(np.diff(probe.line, axis=0), axis=1)
    depth = np.concatenate([[0.0], np.cumsum(steps)])
    count = max(2, round((end - start) / ALONG_MM) + 1)
    at = np.linspace(start, min(end, depth[-1]), count)
    return np.stack([np.interp(at, depth, probe.line[:, n]) for n in range(3)], axis=1)


def _outline(line: Matrix, radius: float) -> Matrix:
    way = np.gradient(line, axis=0)
    aside = np.stack([-way[:, 1], way[:, 0]], axis=1)
    aside /= np.maximum(np.linalg.norm(aside, axis=1, keepdims=True), 1e-6)
    return np.concatenate([line + radius * aside, (line - radius * aside)[::-1]])


def spared(heat: Heat, plane: Plane, step: float) -> list[Shape]:
    """Dura, and roots where they pass the plane; `step` mm between samples."""
    return [*_dura(heat, plane, step), *_roots(heat, plane)]


def _dura(heat: Heat, plane: Plane, step: float) -> list[Shape]:
    """Its depth inside the canal is read from the points whose dose is reported."""
    vertebra = heat.setup.vertebra
    points = moved(inverse(vertebra.lps_from_body), heat.setup.structures["dura"].points)
    depth = float(np.median(canal_distance_mm(vertebra.canal, points)))
    field = canal_distance_mm(vertebra.canal, plane.grid(step))
    return [
        Shape(points=(line[:, ::-1] + 0.5) * step, style="dura", closed=False, dashed=True,
              label=names.structure("dura"))
        for line in find_contours(field, depth)
    ]  # fmt: skip


def _roots(heat: Heat, plane: Plane) -> list[Shape]:
    body_from_lps = inverse(heat.setup.vertebra.lps_from_body)
    turn = np.linspace(0.0, 2 * np.pi, 16)
    ring = ROOT_SIZE_MM * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    found: list[Shape] = []
    for name, structure in heat.setup.structures.items():
        if not name.startswith("root"):
            continue
        body = moved(body_from_lps, structure.points)
        near = body[plane.off(body) < ROOT_OFF_MM]
        if not len(near):
            continue
        flat, word = plane.flat(near), names.structure(name)
        found.append(Shape(points=flat[int(plane.off(near).argmin())] + ring, style="root",
                           closed=True, label=word))  # fmt: skip
        if len(near) > 1:
            found.append(Shape(points=flat, style="root", closed=False, label=word))
    return found
