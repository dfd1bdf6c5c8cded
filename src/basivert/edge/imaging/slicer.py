"""Exchange with 3D Slicer: markups and a segmentation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from basivert.anatomy.model import Foramen, Partial, Vertebra
from basivert.anatomy.target import density
from basivert.arrays import Affine
from basivert.geometry.curves import thinned
from basivert.geometry.grids import grid_points
from basivert.geometry.rigid import moved
from basivert.planning.clearance import canal_distance_mm
from basivert.planning.model import CasePlan, Plan
from basivert.volume.model import Case

SCHEMA = (
    "https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/"
    "Schema/markups-schema-v1.0.3.json#"
)


class Segment(NamedTuple):
    """One part of a segmentation.  colour: red, green, blue, 0–1."""

    name: str
    value: int
    colour: str


SEGMENTS = (
    Segment("vertebra", 1, "0.84 0.80 0.74"), Segment("canal", 2, "0.94 0.89 0.26"),
    Segment("instrument", 3, "0.90 0.62 0.00"), Segment("target", 4, "0.80 0.47 0.65"),
)  # fmt: skip
DENSITY_SHARE = 0.1353
# Neither the canal nor the target's density reaches further than this from its middle, mm.
REACH_MM = 30.0


def write(folder: Path, case: Case, case_plan: CasePlan) -> None:
    """One markups file for each first-ranked plan, one segmentation for each vertebra."""
    folder.mkdir()
    for level in case_plan.levels:
        if isinstance(level.vertebra, Partial):
            continue
        for plan in level.plans:
            if plan.rank == 1:
                name = f"{level.level}_{plan.side}.mrk.json"
                document = markups(level.vertebra, plan)
                (folder / name).write_text(json.dumps(document, indent=1), encoding="utf-8")
        first = [plan for plan in level.plans if plan.rank == 1]
        write_segmentation(folder / f"{level.level}.seg.nrrd", level.vertebra, first)


def markups(vertebra: Vertebra, plan: Plan) -> dict[str, Any]:
    """Points and the centre line of one plan."""
    points = {"entry bone": plan.path.entry_bone, "curve start": plan.path.curve_start,
              "tip": plan.path.tip, "target": vertebra.target.centre}  # fmt: skip
    if plan.path.entry_skin is not None:
        points["entry skin"] = plan.path.entry_skin
    if isinstance(vertebra.foramen, Foramen):
        points["foramen"] = vertebra.foramen.centre
    line = {f"path-{n}": point for n, point in enumerate(thinned(plan.path.centre_line, 8))}
    return {
        "@schema": SCHEMA,
        "markups": [
            _markup("Fiducial", f"{plan.level} {plan.side}", points),
            _markup("Curve", f"{plan.level} {plan.side} path", line),
        ],
    }


def _markup(kind: str, name: str, points: dict[str, np.ndarray]) -> dict[str, Any]:
    return {
        "type": kind, "name": name, "coordinateSystem": "LPS", "coordinateUnits": "mm",
        "controlPoints": [
            {"id": str(n), "label": label, "position": [float(c) for c in point],
             "positionStatus": "defined"}
            for n, (label, point) in enumerate(points.items(), start=1)
        ],
    }  # fmt: skip


def write_segmentation(file: Path, vertebra: Vertebra, plans: list[Plan]) -> None:
    """The fields' grid as a label map that Slicer opens as a segmentation."""
    field = vertebra.field
    points = grid_points(field.body_from_index, field.distance_mm.shape)  # type: ignore[arg-type]
    labels = np.zeros(field.distance_mm.shape, np.uint8)
    labels[field.distance_mm < 0] = 1
    canal = vertebra.canal
    behind = np.linalg.norm(points[..., :2] - canal.axis_xy.mean(axis=0), axis=-1)
    _mark(labels, behind < REACH_MM,
          lambda near: canal_distance_mm(canal, points[near]) < 0, 2)  # fmt: skip
    lps = moved(vertebra.lps_from_body, points)
    target = vertebra.target
    peak = density(target, target.means).max()
    away = np.linalg.norm(lps - target.centre, axis=-1)
    _mark(labels, away < REACH_MM,
          lambda near: density(target, lps[near]) > DENSITY_SHARE * peak, 4)  # fmt: skip
    for plan in plans:
        _draw(labels, lps, plan)
    write_labels(file, labels, vertebra.lps_from_body @ field.body_from_index, SEGMENTS)


def write_labels(
    file: Path, labels: np.ndarray, lps_from_index: Affine, segments: Sequence[Segment]
) -> None:
    """Labels (i, j, k) as a segmentation that Slicer opens with names and colours."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(labels.transpose(2, 1, 0))
    place(image, lps_from_index)
    extent = " ".join(f"0 {n - 1}" for n in labels.shape)
    for number, (name, value, colour) in enumerate(segments):
        for key, text in (("ID", name), ("Name", name), ("LabelValue", str(value)),
                          ("Layer", "0"), ("Color", colour), ("Extent", extent)):  # fmt: skip
            image.SetMetaData(f"Segment{number}_{key}", text)
    image.SetMetaData("Segmentation_MasterRepresentation", "Binary labelmap")
    sitk.WriteImage(image, str(file), useCompression=True)


def place(image: Any, lps_from_index: Affine) -> None:
    """Give an image its origin, spacing and axes; `lps_from_index` 4×4 without shear, LPS mm."""
    spacing = np.linalg.norm(lps_from_index[:3, :3], axis=0)
    image.SetSpacing(spacing.tolist())
    image.SetDirection((lps_from_index[:3, :3] / spacing).ravel().tolist())
    image.SetOrigin(lps_from_index[:3, 3].tolist())


def _mark(
    labels: np.ndarray, near: np.ndarray, holds: Callable[[np.ndarray], np.ndarray], value: int
) -> None:
    """Give `value` to those of the voxels `near` for which `holds`."""
    part = labels[near]
    part[holds(near)] = value
    labels[near] = part


def _draw(labels: np.ndarray, lps: np.ndarray, plan: Plan) -> None:
    from scipy.spatial import KDTree

    low = plan.path.centre_line.min(axis=0) - 4.0
    high = plan.path.centre_line.max(axis=0) + 4.0

    def inside(near: np.ndarray) -> np.ndarray:
        away, nearest = KDTree(plan.path.centre_line).query(lps[near])
        return np.asarray(away <= plan.path.radius_mm[nearest])

    _mark(labels, np.all((lps > low) & (lps < high), axis=-1), inside, 3)
