"""The report as one HTML file that needs nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from basivert.edge.documents import washes
from basivert.edge.documents.plots import laid_out
from basivert.geometry.curves import thinned
from basivert.report.model import Report, Scene, Section, Shape
from basivert.report.steps.pictures import FIELD_MM

if TYPE_CHECKING:
    from jinja2 import Template
    from markupsafe import Markup

# Okabe and Ito's palette: told apart with every common colour blindness.
COLOURS = {
    "bone": "#56B4E9", "canal": "#F0E442", "wall": "#56B4E9", "target": "#CC79A7",
    "instrument": "#E69F00", "shaft": "#E69F00", "active": "#D55E00", "foramen": "#009E73",
    "window": "#009E73", "vessel": "#D55E00", "go": "#FFFFFF", "caution": "#C9A7FF",
    "stop": "#FF3B30", "lesion": "#FFFFFF", "endpoint": "#FFFFFF", "isotherm": "#FFD9A0",
    "electrode": "#FFFFFF", "dura": "#F0E442", "root": "#F0E442", "shown_wall": "#56B4E9",
    "true_wall": "#D55E00", "midline": "#009E73", "rim": "#F0E442", "plate": "#56B4E9",
    "hub": "#CC79A7",
}  # fmt: skip
SCALE_BAR_MM = 10.0
MARGIN_STYLES = ("go", "caution", "stop")
# Shapes whose word stands in the picture, and widths other than the usual, mm.
LABELLED = ("window", "isotherm", "shown_wall", "true_wall", "midline", *MARGIN_STYLES)
WIDTHS = {"window": 0.9, "go": 0.6, "caution": 0.6, "stop": 0.6, "lesion": 0.5, "isotherm": 0.2,
          "electrode": 0.2, "bone": 0.25, "dura": 0.25, "plate": 0.3, "rim": 0.5, "shown_wall": 0.6,
          "true_wall": 0.6, "midline": 0.4, "hub": 0.7}  # fmt: skip
USUAL_WIDTH = 0.35


def rendered(report: Report) -> str:
    """The whole page as text."""
    parts = [part for section in report.sections for part in section.heats]
    return _template().render(
        report=report, png=_plain(washes.png), wash=washes.coloured, path=_plain(svg_path),
        rings=_plain(svg_rings),
        label_at=label_at, colours=COLOURS, labelled=LABELLED, width_of=width_of,
        step_side=FIELD_MM, bar=SCALE_BAR_MM, chart=laid_out, scale=washes,
        scenes={s.level: _plain(_scene)(s.scene) for s in report.sections if s.scene}
        | {part.name: _plain(_scene)(part.scene) for part in parts},
        fronts={s.level: front_plot(s) for s in report.sections if s.front},
    )  # fmt: skip


def _plain(made: Callable[..., str]) -> Callable[..., Markup]:
    """The same text marked as safe: numbers and letters need no search for what to escape."""
    from markupsafe import Markup

    return lambda *given, **named: Markup(made(*given, **named))


@cache
def _template() -> Template:
    """The page's template: read and compiled once, however many reports are written."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("basivert.edge.documents"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html.j2")


def svg_path(points: np.ndarray, closed: bool) -> str:
    """SVG path data, mm with two decimals."""
    text = "M" + "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return text + "Z" if closed else text


def svg_rings(rings: tuple[np.ndarray, ...]) -> str:
    """Closed rings as one path, to be filled by the even-odd rule."""
    return "".join(svg_path(ring, closed=True) for ring in rings)


def width_of(style: str) -> float:
    """Width of a line, mm."""
    return WIDTHS.get(style, USUAL_WIDTH)


def label_at(shape: Shape, size: float) -> tuple[float, float]:
    """Where a shape's word is centred: where it says, beyond a margin's line, else beside it.

    A window's word stands in front of it: the instrument comes from behind.
    """
    if shape.label_at is not None:
        return shape.label_at[0], shape.label_at[1] + 0.35 * size
    if shape.style in MARGIN_STYLES:
        start, end = shape.points
        way = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
        at = end + 0.9 * size * way
        return float(at[0]), float(at[1] + 0.35 * size)
    way = -1.0 if shape.style == "window" else 1.0
    at = shape.points[int(np.argmax(way * shape.points[:, 0]))]
    return float(at[0] + way * 0.3 * size * len(shape.label)), float(at[1] + 0.35 * size)


def _scene(scene: Scene) -> str:
    """Meshes as compact JSON, centred on the target, whole tenths of millimetres."""
    centre = scene.target

    def packed(mesh: tuple[np.ndarray, np.ndarray]) -> dict[str, list[int]]:
        vertices = np.rint((mesh[0] - centre) * 10).astype(int)
        return {"v": vertices.ravel().tolist(), "f": mesh[1].astype(int).ravel().tolist()}

    document: dict[str, object] = {
        "bone": packed(scene.bone),
        "canal": packed(scene.canal),
        "paths": [np.rint((thinned(line, 4) - centre) * 10).astype(int).ravel().tolist()
                  for _, line in scene.paths],
    }  # fmt: skip
    if scene.lesion is not None:
        document["lesion"] = packed(scene.lesion)
    if scene.band:
        document["band"] = [None if mesh is None else packed(mesh) for mesh in scene.band]
    return json.dumps(document, separators=(",", ":"))


def front_plot(section: Section) -> list[dict[str, object]]:
    """Points of the trade-off plot, in plot units (0–100 right, 0–60 down)."""
    series = []
    for side, points in section.front:
        order = np.argsort(points[:, 0])
        x = np.clip(points[order, 0], 0, 6) / 6 * 100
        y = 60 - points[order, 1] * 60
        series.append({"side": side, "points": " ".join(
            f"{a:.1f},{b:.1f}" for a, b in zip(x, y, strict=True))})  # fmt: skip
    return series
