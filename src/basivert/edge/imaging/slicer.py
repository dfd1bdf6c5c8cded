"""Exchange with 3D Slicer: markups and a segmentation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from basivert.anatomy.model import Foramen, Partial, Vertebra
from basivert.anatomy.target import density
from basivert.arrays import Affine, Point
from basivert.geometry.curves import thinned
from basivert.geometry.grids import grid_points
from basivert.geometry.rigid import inverse, moved
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
    field, canal, target = vertebra.field, vertebra.canal, vertebra.target
    lps_from_index = vertebra.lps_from_body @ field.body_from_index
    labels = np.zeros(field.distance_mm.shape, np.uint8)
    labels[field.distance_mm < 0] = 1
    widest = canal.radius_mm.max()
    low = np.append(canal.axis_xy.min(axis=0) - widest, canal.z_mm[0])
    high = np.append(canal.axis_xy.max(axis=0) + widest, canal.z_mm[-1])
    box, points = _box(labels.shape, field.body_from_index, low, high)
    labels[box][canal_distance_mm(canal, points) < 0] = 2
    peak = density(target, target.means).max()
    # Of c normal distributions one must make up at least a c-th of a density.
    reach = np.sqrt(2.0 * np.log(len(target.means) / DENSITY_SHARE))
    reach *= np.sqrt(np.linalg.eigvalsh(target.covariances).max())
    box, points = _box(labels.shape, lps_from_index, target.means.min(axis=0) - reach,
                       target.means.max(axis=0) + reach)  # fmt: skip
    labels[box][density(target, points) > DENSITY_SHARE * peak] = 4
    for plan in plans:
        _draw(labels, lps_from_index, plan)
    write_labels(file, labels, lps_from_index, SEGMENTS)


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


def _box(
    shape: tuple[int, ...], world_from_index: Affine, low: Point, high: Point
) -> tuple[tuple[slice, slice, slice], np.ndarray]:
    """Voxels of a grid that hold all between two corners (3,) mm, and their centres there."""
    corners = np.array(list(product(*zip(low, high, strict=True))))
    index = moved(inverse(world_from_index), corners)
    first = np.clip(np.floor(index.min(axis=0)), 0, shape).astype(int)
    last = np.clip(np.ceil(index.max(axis=0)) + 1, first, shape).astype(int)
    i, j, k = (slice(int(a), int(b)) for a, b in zip(first, last, strict=True))
    world_from_part = world_from_index.copy()
    world_from_part[:3, 3] = moved(world_from_index, first.astype(float))
    size = last - first
    return (i, j, k), grid_points(world_from_part, (int(size[0]), int(size[1]), int(size[2])))


def _draw(labels: np.ndarray, lps_from_index: Affine, plan: Plan) -> None:
    from scipy.spatial import KDTree

    line, radius = plan.path.centre_line, plan.path.radius_mm
    widest = radius.max()
    box, points = _box(labels.shape, lps_from_index, line.min(axis=0) - widest,
                       line.max(axis=0) + widest)  # fmt: skip
    # A look-up that ends at the bound gives a number past the end and an infinite distance.
    away, nearest = KDTree(line).query(points, distance_upper_bound=1.01 * widest)
    labels[box][away <= np.append(radius, -1.0)[nearest]] = 3
