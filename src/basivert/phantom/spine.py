"""A whole lumbar spine from published morphometry, drawn with one seed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from basivert.anatomy.model import Side
from basivert.arrays import Affine, Point
from basivert.constants.model import Table
from basivert.geometry.rigid import frame
from basivert.phantom.model import (
    LevelSpec,
    OpeningSpec,
    PedicleSpec,
    VertebraTruth,
    VirtualSpine,
    Wish,
)
from basivert.phantom.shapes import wall_y

ORDER = ("L1", "L2", "L3", "L4", "L5", "S1")
# Shape of the lumbar curve: tilt of each body to anterior in a supine scan, degrees (ours).
TILT_DEG = {"L1": -12.0, "L2": -9.0, "L3": 0.0, "L4": 12.0, "L5": 26.0, "S1": 42.0}
DISC_MM = {"L1": 8.0, "L2": 9.0, "L3": 10.0, "L4": 10.5, "L5": 9.5, "S1": 0.0}
# Bulge of the posterior wall: concave at L1, convex at L5 (L5.wall).
BULGE_MM = {"L1": -2.2, "L2": -1.6, "L3": -0.9, "L4": -0.2, "L5": 1.0, "S1": 0.6}
# Share of a measure's spread that is the patient's size, common to all levels.
COMMON_SHARE = 0.7
# A tube is an ellipse; published widths and heights beyond these would not leave a waist free.
PEDICLE_WIDTH_MM = (4.0, 17.0)
PEDICLE_HEIGHT_MM = (9.0, 17.0)
# Published shares of openings (target.foramen): one, two, none above 1 mm.
OPENING_SHARES = (0.48, 0.40, 0.12)


def make_spine(wish: Wish, morphometry: Table, targets: Table) -> VirtualSpine:
    """The virtual patient that a wish and its seed describe.

    Assumes: measures normal about the tables' means, truncated at 2 SD, with one size factor
        common to all levels; everything about the arch is schematic.
    """
    rng = np.random.default_rng(wish.seed)
    common = {key: float(np.clip(rng.normal(), -2, 2)) for key in ("body", "canal", "pedicle")}
    specs = [
        level_spec(level, wish, morphometry, targets, common, rng)
        for level in ORDER if level in wish.levels
    ]  # fmt: skip
    placed = _placed(specs, wish, rng)
    centre = np.mean([truth.lps_from_body[:3, 3] for truth in placed.values()], axis=0)
    torso = (165.0 + 10 * common["body"], 115.0 + 10 * float(np.clip(rng.normal(), -2, 2)))
    return VirtualSpine(
        wish=wish, vertebrae=placed, torso_half_mm=torso,
        torso_centre=centre + np.array([0.0, -40.0, 0.0]),
    )  # fmt: skip


def level_spec(
    level: str, wish: Wish, morphometry: Table, targets: Table, common: dict[str, float],
    rng: np.random.Generator,
) -> LevelSpec:  # fmt: skip
    """One vertebra drawn from the tables."""

    def drawn(row: str, kind: str) -> float:
        constant = morphometry[f"{level}.{row}"]
        own = float(np.clip(rng.normal(), -2, 2))
        mixed = np.sqrt(COMMON_SHARE) * common[kind] + np.sqrt(1 - COMMON_SHARE) * own
        return constant.value + 0.8 * (constant.sd or 0.0) * mixed

    height = drawn("height_posterior", "body")
    wedge = morphometry[f"{level}.wedge"].value + float(rng.normal(0, 1.5))
    shell = LevelSpec(
        level=level, width_mm=drawn("upper_width", "body"), depth_mm=drawn("upper_depth", "body"),
        height_mm=height, waist=float(rng.uniform(0.06, 0.12)),
        bulge_mm=BULGE_MM[level] + float(rng.normal(0, 0.4)),
        dish_mm=float(rng.uniform(0.6, 2.0)), upper_tilt_deg=wedge / 2, lower_tilt_deg=-wedge / 2,
        upper_lean_deg=float(rng.normal(0, 1.0)), pedicles={}, openings=(), hub=(0.0, 0.0, 0.0),
        cancellous_hu=wish.cancellous_hu + float(rng.normal(0, 12)),
        sclerosis_upper_hu=wish.sclerosis_hu if level == "L5" else 0.0,
        sclerosis_lower_hu=wish.sclerosis_hu if level == "L4" else 0.0,
        process_scale=1.7 if wish.transitional and level == "L5" else 1.0,
    )  # fmt: skip
    openings = _openings(shell, wish, targets, rng)
    from_left = drawn("pedicle_width", "pedicle"), drawn("pedicle_height", "pedicle")
    canal = drawn("canal_width", "canal")
    both: dict[Side, PedicleSpec] = {}
    signs: tuple[tuple[Side, float], ...] = (("left", 1.0), ("right", -1.0))
    for side, sign in signs:
        both[side] = _pedicle(shell, sign, from_left, canal, wish, morphometry, rng)
    hub = _hub(shell, openings, targets, rng)
    return replace(shell, pedicles=both, openings=openings, hub=hub)


def _pedicle(
    spec: LevelSpec, sign: float, size: tuple[float, float], canal_mm: float, wish: Wish,
    morphometry: Table, rng: np.random.Generator,
) -> PedicleSpec:  # fmt: skip
    """Beside the canal, in the upper half, with a few per cent of asymmetry."""
    width = float(np.clip(size[0] * rng.normal(1, 0.05), *PEDICLE_WIDTH_MM)) * wish.pedicle_scale
    height = float(np.clip(size[1] * rng.normal(1, 0.05), *PEDICLE_HEIGHT_MM))
    height = min(height, 0.62 * spec.height_mm)
    turn = morphometry[f"{spec.level}.pedicle_transverse"].value + float(rng.normal(0, 2))
    return PedicleSpec(
        x_mm=sign * (canal_mm / 2 + width / 2 + 0.5), y_mm=wall_y(spec) + 6.5,
        z_mm=0.42 * spec.height_mm - height / 2 + float(rng.normal(0, 0.4)),
        width_mm=width, height_mm=height, turn_deg=turn, tilt_deg=float(rng.normal(0, 2)),
    )  # fmt: skip


def _openings(
    spec: LevelSpec, wish: Wish, targets: Table, rng: np.random.Generator
) -> tuple[OpeningSpec, ...]:
    kind = wish.foramen
    if kind == "mixed":
        kind = ("single", "double", "absent")[int(rng.choice(3, p=OPENING_SHARES))]
    if kind == "absent":
        return ()
    share = targets[f"foramen.height_share.{spec.level}"]
    z = share.value - 0.5 + float(np.clip(rng.normal(0, share.sd or 0.08), -0.15, 0.15))
    z *= spec.height_mm
    x = float(rng.normal(0, 0.8))
    rows = [targets[f"foramen.{row}"] for row in ("width", "height")]
    width, height = (float(rng.uniform(row.low or 0, row.high or 0)) for row in rows)
    depth = float(rng.uniform(0.12, 0.218) * spec.depth_mm)
    if kind == "single":
        return (OpeningSpec(x_mm=x, z_mm=z, width_mm=width, height_mm=height, depth_mm=depth),)
    narrow = min(width, 4.5)
    apart = narrow / 2 + 1.2
    return tuple(
        OpeningSpec(x_mm=x + sign * apart, z_mm=z, width_mm=narrow, height_mm=height,
                    depth_mm=depth) for sign in (-1.0, 1.0)
    )  # fmt: skip


def _hub(
    spec: LevelSpec, openings: tuple[OpeningSpec, ...], targets: Table, rng: np.random.Generator
) -> tuple[float, float, float]:
    """Drawn inside the union of the published windows, at the foramen's height."""
    low, high = targets["window.25_40.low"].value, targets["window.30_50.high"].value
    z = openings[0].z_mm if openings else 0.05 * spec.height_mm
    x = float(np.mean([one.x_mm for one in openings])) if openings else 0.0
    deep = float(rng.uniform(low, high)) * 0.9 * spec.depth_mm
    return (
        x + float(rng.normal(0, targets["hub.lateral_sd"].value)), wall_y(spec) - deep,
        z + float(rng.normal(0, targets["hub.vertical_sd"].value)),
    )  # fmt: skip


def _placed(
    specs: list[LevelSpec], wish: Wish, rng: np.random.Generator
) -> dict[str, VertebraTruth]:
    """Stack the bodies along the curve; the first centre is the origin of LPS."""
    placed: dict[str, VertebraTruth] = {}
    lordosis = float(rng.normal(1.0, 0.12))
    at, before = np.zeros(3), None
    for number, spec in enumerate(specs):
        phase = np.pi * (number + 0.5) / max(len(specs), 1)
        lean = wish.scoliosis_deg / 2 * np.cos(phase) + float(rng.normal(0, 1.0))
        turn = 0.6 * wish.scoliosis_deg / 2 * np.sin(phase) + float(rng.normal(0, 1.5))
        axes = _axes(TILT_DEG[spec.level] * lordosis + float(rng.normal(0, 1.5)), lean, turn)
        if before is not None:
            above, last = before
            half_disc = DISC_MM[last.level] / 2
            at = at - above[:, 2] * (last.height_mm / 2 + half_disc)
            at = at - axes[:, 2] * (spec.height_mm / 2 + half_disc)
        affine: Affine = frame(axes[:, 0], axes[:, 1], axes[:, 2], at)
        placed[spec.level] = VertebraTruth(spec=spec, lps_from_body=affine)
        before = (axes, spec)
    return placed


def _axes(tilt_deg: float, lean_deg: float, turn_deg: float) -> np.ndarray:
    """(3, 3) columns left, posterior, cranial after tilt to anterior, lean to left, axial turn."""
    a, b, c = np.radians([tilt_deg, lean_deg, turn_deg])
    about_x = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    about_y = np.array([[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]])
    about_z = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return about_x @ about_y @ about_z


def hub_lps(truth: VertebraTruth) -> Point:
    """(3,) the true hub, LPS mm."""
    return truth.lps_from_body[:3, :3] @ np.array(truth.spec.hub) + truth.lps_from_body[:3, 3]
