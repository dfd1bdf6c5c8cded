"""The wanted views as the C-arm would show them, with landmarks and instrument drawn true to size.

The grey picture is what the patient's own scan takes away beyond soft tissue: bone alone, so that
the scan's edges do not show. It has no noise or scatter, and the instrument in it is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from basivert.arrays import Matrix, Points, Vector
from basivert.constants.model import Table
from basivert.fluoroscopy.attenuation import Attenuation
from basivert.fluoroscopy.beam import Beam
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.fluoroscope import Patient, frame
from basivert.fluoroscopy.image import usual_exposure
from basivert.fluoroscopy.landmarks import points_at
from basivert.fluoroscopy.layout import Layout
from basivert.fluoroscopy.model import Landmarks, Preset, Step, ViewName, Way
from basivert.fluoroscopy.tools import stage_of, tools
from basivert.report.model import Picture, Shape, Style
from basivert.report.overlays import band
from basivert.report.planes import letters_of
from basivert.report.steps.words import VIEW_NAMES, angles_words

# Field shown, at the isocentre, and its pixels.
FIELD_MM, PIXELS = 110.0, 256
SLAB_VOXELS = 4
GREY_SHARES = (1.0, 99.5)  # of the middle of the picture
# Without a skin this much of the shaft is drawn outside the bone, mm.
OUTSIDE_MM = 45.0
CIRCLE = np.linspace(0.0, 2.0 * np.pi, 32, endpoint=False)
CROSS_MM = 1.6
OUTSIDE_GREY = 0.5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Film:
    """The patient as the renderer needs him: what takes away more than water."""

    bone: Layout

    def grey(self, carm: CArm) -> np.ndarray:
        """(rows, columns) uint8, bone dark; brightness set on the middle, as the machine does."""
        taken = self.bone.lengths(carm)
        rows, columns = (slice(n // 4, n - n // 4) for n in taken.shape)
        low, high = np.percentile(taken[rows, columns], GREY_SHARES)
        share = (taken - low) / max(float(high - low), 1e-6)
        return (255.0 * (1.0 - np.clip(share, 0.0, 1.0))).astype(np.uint8)


def film(whole: Attenuation, xray: Table, views: Sequence[CArm]) -> Film:
    """A scan's attenuation ready for pictures of its bone in these views."""
    water = np.float32(xray["mu.water"].value)

    def beyond_water(part: Attenuation) -> Attenuation:
        values = part.values - water
        np.maximum(values, np.float32(0), out=values)
        return Attenuation(values=values, lps_from_index=part.lps_from_index)

    return Film(bone=Layout(
        whole=whole, property=beyond_water, voxels=SLAB_VOXELS, views=views
    ))  # fmt: skip


def narrowed(carm: CArm) -> CArm:
    """The same view on the part of the receptor that shows `FIELD_MM` at the isocentre."""
    side = FIELD_MM * carm.magnification
    return replace(carm, detector=Detector(side_mm=(side, side), pixels=(PIXELS, PIXELS),
                                           offset_mm=(0.0, 0.0)))  # fmt: skip


def step_picture(
    preset: Preset, step: Step, way: Way, marks: Landmarks, shared: str, pixels: np.ndarray
) -> Picture:
    """One wanted view of one step.

    Args:
        preset: the view.
        step: how far the instrument is in.
        way: the plan.
        marks: of the vertebra.
        shared: name under which the page holds the grey picture once for all steps.
        pixels: that picture.
    """
    carm = narrowed(preset.carm)
    across, down, _ = carm.axes
    shapes = [*_landmarks(carm, preset.name, way, marks)]
    if step.from_bone_mm is not None and step.tip is not None:
        shapes += _instrument(carm, way, step)
    return Picture(
        title=f"Step {step.number}, {VIEW_NAMES[preset.name]}",
        caption=f"{angles_words(preset)}, seen from the receptor; bone of the scan."
        + (f" The machine cannot: {preset.beyond}." if preset.beyond else ""),
        pixels=pixels, mm_per_pixel=FIELD_MM / PIXELS,
        letters=(letters_of(-across), letters_of(across), letters_of(-down), letters_of(down)),
        shapes=tuple(shapes), shared=shared,
    )  # fmt: skip


def _landmarks(carm: CArm, view: ViewName, way: Way, marks: Landmarks) -> list[Shape]:
    rims = [
        Shape(points=_flat(carm, ring), style="rim", closed=True) for side, ring in
        marks.rims.items() if view != "en_face" or side == way.side
    ] if view != "lateral" else []  # fmt: skip
    plates = [
        Shape(points=_flat(carm, rim), style="plate", closed=True)
        for rim in (marks.upper_rim, marks.lower_rim) if len(rim) > 2 and view != "en_face"
    ]  # fmt: skip
    hub = _flat(carm, marks.hub[None])[0]
    arms = CROSS_MM * np.array([[-1, 0], [1, 0], [0, 0], [0, -1], [0, 1]])
    found = [*plates, *rims, Shape(points=hub + arms, style="hub", closed=False, label="hub")]
    if view == "lateral":
        found += [
            _line(carm, marks.wall_midline, "shown_wall", "wall as shown"),
            _line(carm, marks.wall_crossing, "true_wall", "wall at the path", dashed=True),
        ]
    elif view != "en_face":
        found.append(_line(carm, marks.midline, "midline", "midline"))
    return found


def _line(carm: CArm, points: Points, style: Style, label: str, *, dashed: bool = False) -> Shape:
    flat = _flat(carm, points)
    top = flat[int(np.argmin(flat[:, 1]))]
    end = flat[int(np.argmax(flat[:, 1]))]
    at = (float(end[0]), float(end[1] + 3.0)) if dashed else (float(top[0]), float(top[1] - 3.0))
    return Shape(points=flat, style=style, closed=False, label=label, dashed=dashed, label_at=at)


def _instrument(carm: CArm, way: Way, step: Step) -> list[Shape]:
    """What is inside at this step, its width as the picture would show it."""
    depth = step.from_bone_mm or 0.0
    line, radius = _inside(way, depth)
    flat, wide = _flat(carm, line), radius * _enlarged(carm, line)
    if np.ptp(flat, axis=0).max() < 2.0 * float(wide.max()):
        ends = (0, len(flat) - 1)
        return [Shape(points=flat[n] + wide[n] * np.column_stack([np.cos(CIRCLE), np.sin(CIRCLE)]),
                      style="shaft", closed=True) for n in ends]  # fmt: skip
    shapes = [Shape(points=band(flat, wide), style="shaft", closed=True)]
    if step.key in ("tip", "probe", "heat"):
        zone = int(np.argmin(np.linalg.norm(line - way.path.active[0], axis=1)))
        shapes.append(Shape(points=band(flat[zone:], wide[zone:]), style="active", closed=True))
    return shapes


def _inside(way: Way, depth_mm: float) -> tuple[Points, Vector]:
    """Centre line (n, 3) LPS mm and radius (n,) from outside to a depth.

    Before the introducer has stopped its own width goes to the tip.
    """
    path, start = way.path, way.depths.curve_start_mm
    skin = way.depths.skin_to_bone_mm or OUTSIDE_MM
    depths = np.r_[np.arange(-skin, depth_mm, 0.5), depth_mm]
    along = np.r_[0.0, np.cumsum(np.linalg.norm(np.diff(path.centre_line, axis=0), axis=1))]
    wide = float(path.radius_mm[0])
    # The curve is as wide as its tip is when it is all out; its end leads whatever is out.
    led = np.interp(along[-1] - (depth_mm - depths), along, path.radius_mm)
    radius = np.where(depths <= min(start, depth_mm), wide, led)
    return points_at(way, depths), radius


def _flat(carm: CArm, points: Points) -> Matrix:
    """(n, 2) mm at the isocentre, right and down from the picture's corner."""
    return (carm.pixel(points) + 0.5) * (FIELD_MM / PIXELS)


def _enlarged(carm: CArm, points: Points) -> Vector:
    """(n,) how much larger than at the isocentre a length at each point appears."""
    return 1.0 / (carm.scale(points) * carm.magnification)


def backgrounds(film: Film, presets: Sequence[Preset]) -> dict[ViewName, np.ndarray]:
    """View → grey picture of the patient without any instrument."""
    return {preset.name: film.grey(narrowed(preset.carm)) for preset in presets}


def monitor_picture(preset: Preset, step: Step, way: Way, patient: Patient, beam: Beam) -> Picture:
    """One view of one step as the monitor would show it: metal, quanta, scatter, no lines.

    Args:
        preset: the view.
        step: how far the instrument is in; its number seeds the noise.
        way: the plan.
        patient: the scan laid out for the renderer.
        beam: the X-ray spectrum.
    """
    carm = narrowed(preset.carm)
    across, down, _ = carm.axes
    stage = stage_of(step, way.path)
    inside = () if stage is None else tools(way.path, way.instrument, stage, patient.xray)
    seen = frame(patient, inside, carm, usual_exposure(patient.xray), beam,
                 np.random.default_rng(step.number))  # fmt: skip
    grey = np.where(seen.known, seen.window.shown(seen.unclipped), OUTSIDE_GREY)
    return Picture(
        title=f"Step {step.number}, {VIEW_NAMES[preset.name]}, simulated",
        caption="As the monitor would show it, with metal, noise and scatter."
        + ("" if seen.known.all() else " Even grey: outside the scan.")
        + (" This side's probe alone." if way.paired else ""),
        pixels=np.round(255.0 * grey).astype(np.uint8), mm_per_pixel=FIELD_MM / PIXELS,
        letters=(letters_of(-across), letters_of(across), letters_of(-down), letters_of(down)),
        shapes=(),
    )  # fmt: skip
