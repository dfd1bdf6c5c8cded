"""Where an introducer lies, from a file: a registration's result, or a pose by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from basivert.arrays import Point
from basivert.errors import InputError
from basivert.geometry.rigid import unit
from basivert.workflow.heat_as_inserted import BentTo, InsertedPose

CURVE = ("bend_ct", "deployed_mm", "bend_radius_mm")
FIELDS = ("level", "side", "rank", "tip_ct_mm", "axis_ct", *CURVE)
MOST_MM = 200.0
REGISTER = "basivert.register/1"
LEAST_AXIS = 1e-6


def read_pose(file: Path, inputs: Mapping[str, str]) -> InsertedPose:
    """The pose in `register.json`, or in an object with the fields above.

    Side, rank and the three fields of the curve are optional.

    Args:
        inputs: file name → SHA-256 of the plan, which a registration must have been made with.

    Raises: InputError for what is not a pose, a registration that is not good, or another plan's.
    """
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except OSError as cause:
        raise InputError(f"{file} cannot be read: {cause.strerror}.") from cause
    except ValueError as cause:
        raise InputError(f"{file} is not JSON: {cause}.") from cause
    if not isinstance(told, dict):
        raise InputError(f"{file.name} holds no object.", fix=f"Give {', '.join(FIELDS)}.")
    if told.get("schema") == REGISTER:
        return _registered(file.name, told, inputs)
    if unknown := sorted(set(told) - set(FIELDS)):
        raise InputError(
            f"{file.name}: {', '.join(unknown)} unknown.", fix=f"Known: {', '.join(FIELDS)}."
        )
    return _pose(file.name, told, measured=True)


def _registered(name: str, told: Mapping[str, Any], inputs: Mapping[str, str]) -> InsertedPose:
    if told["verdict"] != "good":
        raise InputError(
            f"The registration in {name} is {told['verdict']}: its tool is not known.",
            fix="Take new frames; only a good registration may be used.",
        )
    if told["tool"] is None:
        raise InputError(f"{name} holds no tool. {told['tool_words']}")
    if any(told["inputs"].get(key) != value for key, value in inputs.items()):
        raise InputError(
            f"{name} was made with another plan.", fix="Register again with this plan."
        )
    given = {"level": told["level"], **told["plan"]}
    given |= {key: told["tool"][key] for key in ("tip_ct_mm", "axis_ct")}
    seen = told["tool"].get("curve")
    if seen is not None and not seen["unknown"]:
        given |= {key: seen[key] for key in CURVE}
    return _pose(name, given, measured=bool(told["tool"]["axis_measured"]))


def _pose(name: str, given: Mapping[str, Any], *, measured: bool) -> InsertedPose:
    side, rank = given.get("side"), given.get("rank")
    if side not in (None, "left", "right"):
        raise InputError(f"{name}: side = {side!r} is neither left nor right.")
    if rank is not None and (isinstance(rank, bool) or not isinstance(rank, int) or rank < 1):
        raise InputError(f"{name}: rank = {rank!r} is no place of a plan.", fix="Give 1 or more.")
    axis = _point(name, given, "axis_ct")
    if float(np.linalg.norm(axis)) < LEAST_AXIS:
        raise InputError(f"{name}: axis_ct has no direction.")
    return InsertedPose(
        level=str(given.get("level", "")).upper(), side=side, rank=rank,
        tip=_point(name, given, "tip_ct_mm"), axis=unit(axis), measured=measured,
        curve=_curve(name, given, unit(axis)),
    )  # fmt: skip


def _curve(name: str, given: Mapping[str, Any], axis: Point) -> BentTo | None:
    if not any(key in given for key in CURVE):
        return None
    bend = _point(name, given, "bend_ct")
    if float(np.linalg.norm(np.cross(bend, axis))) < LEAST_AXIS:
        raise InputError(f"{name}: bend_ct does not turn away from axis_ct.")
    sizes = [given.get(key) for key in CURVE[1:]]
    for key, value in zip(CURVE[1:], sizes, strict=True):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not (
            0.0 < value <= MOST_MM
        ):  # fmt: skip
            raise InputError(f"{name}: {key} = {value!r} is no length.", fix="Give mm above 0.")
    return BentTo(bend=bend, deployed_mm=float(given["deployed_mm"]),
                  bend_radius_mm=float(given["bend_radius_mm"]))  # fmt: skip


def _point(name: str, given: Mapping[str, Any], field: str) -> Point:
    value = given.get(field)
    try:
        found = np.array(value, dtype=float)
    except (TypeError, ValueError):
        found = np.zeros(0)
    if found.shape != (3,) or not np.isfinite(found).all():
        raise InputError(
            f"{name}: {field} = {value!r} is not three numbers.",
            fix="Give mm in LPS of the plan's CT; axis_ct points to the tip.",
        )
    return found
