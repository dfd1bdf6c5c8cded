"""Accuracy of anatomy against the truth of virtual patients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import numpy as np

from basivert.anatomy.find import located
from basivert.anatomy.model import Foramen, Partial, Vertebra
from basivert.estimate import Estimate, normal
from basivert.geometry.rigid import moved
from basivert.phantom.model import VertebraTruth
from basivert.phantom.shapes import plate_normal, posterior_wall
from basivert.workflow.plan_case import builtin_tables

from .figures import figure
from .patients import SCANNERS, patients

Errors = dict[str, list[float]]

BOUNDS = {"0.7x0.7x1": (0.5, 1.0), "1x1x2.5": (1.0, 1.5)}


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """Figures for both scanners."""
    rows = []
    for scanner in SCANNERS:
        rows += told(scanner, measured(scanner, seed, range(count)))
    return rows


def measured(scanner: str, seed: int, numbers: Iterable[int]) -> Errors:
    """What was found and missed in the patients with these numbers, by what is measured."""
    tables = builtin_tables().anatomy
    errors: Errors = defaultdict(list)
    for spine, case in patients(seed, numbers, scanner):
        for level, truth in spine.vertebrae.items():
            found = located(case, level, tables)
            errors["found"].append(float(not isinstance(found, Partial)))
            if isinstance(found, Vertebra):
                _compare(found, truth, errors)
    return errors


def told(scanner: str, errors: Errors) -> list[dict[str, Any]]:
    """The figures of one scanner."""
    isthmus, foramen = BOUNDS[scanner]
    median = {name: float(np.median(values)) for name, values in errors.items()}
    name = f"{scanner}: "
    figures = [
        figure(name + "vertebrae found", np.mean(errors["found"]), "1", "≥", 1.0),
        figure(name + "endplate inclination, median", median["endplate"], "deg", "≤", 1.0),
        figure(name + "endplate inclination, 95th percentile",
               np.percentile(errors["endplate"], 95), "deg"),
        figure(name + "pedicle isthmus centre, median", median["isthmus"], "mm", "≤", isthmus),
        figure(name + "pedicle isthmus centre, 95th percentile",
               np.percentile(errors["isthmus"], 95), "mm"),
        figure(name + "pedicle width, median error", median["width"], "mm"),
        figure(name + "foramen seen where there is one", np.mean(errors["seen"]), "1"),
        figure(name + "foramen centre where seen, median",
               median.get("foramen", float("nan")), "mm", "≤", foramen),
        figure(name + "foramen claimed where there is none",
               np.mean(errors["false"]) if errors["false"] else 0.0, "1", "≤", 0.02),
        figure(name + "vertebrae without a foramen", float(len(errors["false"])), "vertebrae"),
    ]  # fmt: skip
    for what in sorted(key for key in errors if key.startswith("covers ")):
        share = float(np.mean(errors[what]))
        words = f"{name}95 % interval of {what.removeprefix('covers ')} "
        figures += [figure(words + "covers at least", share, "1", "≥", 0.90),
                    figure(words + "covers at most", share, "1", "≤", 0.98)]  # fmt: skip
    return figures


def _covers(errors: Errors, what: str, estimate: Estimate, truth: float) -> None:
    errors[f"covers {what}"].append(float(estimate.low <= truth <= estimate.high))


def _compare(found: Vertebra, truth: VertebraTruth, errors: Errors) -> None:
    spec, lps = truth.spec, truth.lps_from_body
    turn = lps[:3, :3]
    for plate, outwards in (
        (found.upper_endplate, turn @ plate_normal(spec.upper_tilt_deg, spec.upper_lean_deg)),
        (found.lower_endplate, -turn @ plate_normal(spec.lower_tilt_deg, 0.0)),
    ):
        errors["endplate"].append(_angle(plate.normal, outwards))
        up = outwards if outwards[2] > 0 else -outwards
        tilt = np.degrees(np.arctan2(-up[1], up[2]))
        _covers(errors, "endplate tilt", plate.sagittal_deg, float(tilt))
    for side, pedicle in spec.pedicles.items():
        mine = found.pedicles.get(side)
        if mine is None:
            errors["isthmus"].append(99.0)
            continue
        centre = moved(lps, np.array([pedicle.x_mm, pedicle.y_mm, pedicle.z_mm]))
        errors["isthmus"].append(float(np.linalg.norm(mine.centre - centre)))
        errors["width"].append(abs(mine.width_mm.value - pedicle.width_mm))
        _covers(errors, "pedicle width", mine.width_mm, pedicle.width_mm)
        _covers(errors, "pedicle height", mine.height_mm, pedicle.height_mm)
        axes = np.array([mine.width_axis, mine.height_axis, mine.axis])
        for gap, sd in zip(axes @ (mine.centre - centre), mine.centre_sd_mm, strict=True):
            _covers(errors, "isthmus centre", normal(gap, sd, "mm", "isthmus"), 0.0)
    visible = isinstance(found.foramen, Foramen)
    if not spec.openings:
        errors["false"].append(float(visible))
        return
    errors["seen"].append(float(visible))
    if isinstance(found.foramen, Foramen):
        places = [[o.x_mm, float(posterior_wall(spec, np.asarray(o.x_mm))), o.z_mm]
                  for o in spec.openings]  # fmt: skip
        centre = moved(lps, np.mean(places, axis=0))
        errors["foramen"].append(float(np.linalg.norm(found.foramen.centre - centre)))
        away = found.lps_from_body[:3, :3].T @ (found.foramen.centre - centre)
        for gap, sd in zip(away, found.foramen.sd_mm, strict=True):
            _covers(errors, "foramen centre", normal(gap, sd, "mm", "foramen"), 0.0)


def _angle(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.degrees(np.arccos(np.clip(one @ other, -1.0, 1.0))))
