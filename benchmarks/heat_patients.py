"""Burns in virtual patients: tissue from the exact surfaces, a bent probe at the hub's window."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy.special import ndtri
from scipy.stats import qmc

from basivert.ablation.grid import Resolution
from basivert.ablation.model import Electrode, Probe
from basivert.ablation.protocol import protocol
from basivert.ablation.tables import materials, physics
from basivert.ablation.uncertainty.model import HeatCase, Insertion, Limits
from basivert.arrays import Affine, Codes, Point, Points
from basivert.constants.load import builtin
from basivert.constants.model import Table
from basivert.geometry.curves import arc, deployed_curve
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.instruments.model import Instrument
from basivert.phantom.model import LevelSpec, PedicleSpec, VertebraTruth
from basivert.phantom.shapes import (
    body,
    bone,
    capsule,
    endplate,
    opening,
    pedicle_axis,
    posterior_wall,
    wall_y,
)

from .patients import spine_of

TISSUES = ("cancellous", "cortical", "disc", "csf", "nerve", "fat", "muscle")
CANCELLOUS, CORTICAL, DISC, CSF, NERVE, FAT, MUSCLE = range(len(TISSUES))
LAWS = ("skin", "general")
# Body-frame box of the tissue map, its step, mm; beyond it the border's tissue goes on.
LOW_MM, HIGH_MM, STEP_MM = np.array([-46.0, -42.0, -34.0]), np.array([46.0, 44.0, 34.0]), 0.8
# Schematic soft tissue (ours): shell of bone, discs, canal's half depth, fat around its sac, roots.
SHELL_MM, DISC_MM, CANAL_HALF_MM, SAC_FREE_MM, ROOT_MM = 1.0, 9.0, 8.5, 2.5, 2.0
ROOT_END_MM, ROOT_BEHIND_MM, ROOT_BELOW_MM = 32.0, 5.0, 4.0
RADIUS_MM, SENSOR_MM, SHAFT_MM = 0.85, 1.5, 45.0
WALL_FREE_MM, ENTRY_MM = 2.5, 12.0
HUBS, RIM, ALONG = 64, 12, 7
FULL = Resolution(angles=16, reach_mm=40.0, behind_mm=45.0, ahead_mm=35.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labels:
    """Nearest label of a grid in the body frame; can be sent to another process."""

    codes: Codes
    body_from_lps: Affine

    def __call__(self, points: Points) -> Codes:
        """(n,) tissue at (n, 3) points, LPS mm."""
        place = np.rint((moved(self.body_from_lps, points) - LOW_MM) / STEP_MM).astype(int)
        return self.codes[tuple(np.clip(place, 0, np.array(self.codes.shape) - 1).T)].astype(int)


def burn(seed: int, number: int) -> HeatCase:
    """The planned burn of one virtual patient, with what a planner would know of it."""
    spine = spine_of(seed, number)
    truth = spine.vertebrae[min(spine.vertebrae)]
    tissue, damage = builtin("tissue"), builtin("damage")
    what = physics(tissue, damage, LAWS, "skin")
    standard = protocol(builtin("protocols/standard"), builtin("protocol_bounds"), what.body_degc)
    hub = moved(truth.lps_from_body, hubs(truth.spec, builtin("targets")))
    line, entry = way(truth, builtin_instrument(DEFAULT), hub.mean(axis=0))
    at_risk = {n: moved(truth.lps_from_body, p) for n, p in structures(truth.spec).items()}
    return HeatCase(
        insertions=(Insertion(entry=entry, probes=(Probe(
            line=line, radius_mm=RADIUS_MM, sensor_mm=SENSOR_MM, electrodes=(
                Electrode(start_mm=0.0, end_mm=3.0, potential=-0.5),
                Electrode(start_mm=6.0, end_mm=9.0, potential=0.5),
            ),
        ),)),),
        tissue=Labels(codes=labels(truth.spec), body_from_lps=inverse(truth.lps_from_body)),
        materials=materials(tissue, TISSUES), physics=what, drive=standard.drives[0],
        resolution=FULL, hub=hub, hub_weights=np.full(HUBS, 1 / HUBS),
        structures=at_risk, points=hub, limits=Limits(
            degc=damage["limit.stop_temperature"].value,
            cem43_min=damage["limit.stop_cem43"].value,
        ),
    )  # fmt: skip


def hubs(spec: LevelSpec, targets: Table) -> Points:
    """(HUBS, 3) places of the hub, body frame, as the phantom draws them."""
    unit = qmc.Sobol(3, rng=np.random.default_rng(0)).random(HUBS)
    side, high = (targets[f"hub.{n}"].value * ndtri(unit[:, k]) for k, n in
                  ((0, "lateral_sd"), (2, "vertical_sd")))  # fmt: skip
    low, top = targets["window.25_40.low"].value, targets["window.30_50.high"].value
    deep = (low + (top - low) * unit[:, 1]) * 0.9 * spec.depth_mm
    first = spec.openings[0] if spec.openings else None
    z = first.z_mm if first else 0.05 * spec.height_mm
    x = float(np.mean([o.x_mm for o in spec.openings])) if spec.openings else 0.0
    return np.stack([x + side, wall_y(spec) - deep, z + high], axis=1)


def labels(spec: LevelSpec) -> Codes:
    """The tissue map's grid."""
    axes = [np.arange(a, b, STEP_MM, dtype=np.float32) for a, b in
            zip(LOW_MM, HIGH_MM, strict=True)]  # fmt: skip
    p = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    value = bone(spec, p)[0]
    inside = body(spec, p * np.array([1.0, 1.0, 0.0], np.float32)) < 0
    beyond = np.maximum(endplate(spec, p, 1.0), endplate(spec, p, -1.0))
    wide, middle = canal(spec)
    out = p - middle
    sac = np.hypot(out[..., 0] / (wide - SAC_FREE_MM), out[..., 1] / (CANAL_HALF_MM - SAC_FREE_MM))
    whole = np.hypot(out[..., 0] / wide, out[..., 1] / CANAL_HALF_MM)
    roots = np.minimum.reduce([capsule(p, *root(spec, one), ROOT_MM) for one in
                               spec.pedicles.values()])  # fmt: skip
    veins = [opening(spec, one, p) < 0 for one in spec.openings]
    return np.select(
        [np.any(veins, axis=0) if veins else np.zeros(value.shape, bool), value < -SHELL_MM,
         value < 0, sac < 1, roots < 0, whole < 1, inside & (beyond > 0) & (beyond < DISC_MM)],
        [FAT, CANCELLOUS, CORTICAL, CSF, NERVE, FAT, DISC], MUSCLE,
    ).astype(np.int8)  # fmt: skip


def canal(spec: LevelSpec) -> tuple[float, Point]:
    """Half width of the canal, mm, and its middle, body frame."""
    half = min(abs(one.x_mm) - one.width_mm / 2 for one in spec.pedicles.values()) - 0.5
    return half, np.array([0.0, wall_y(spec) + CANAL_HALF_MM, 0.0])


def root(spec: LevelSpec, one: PedicleSpec) -> tuple[Point, Point]:
    """Course of the exiting root under a pedicle, body frame."""
    side = float(np.sign(one.x_mm))
    y, z = wall_y(spec) + ROOT_BEHIND_MM, one.z_mm - one.height_mm / 2 - ROOT_BELOW_MM
    near = side * (canal(spec)[0] - SAC_FREE_MM)
    return np.array([near, y, z]), np.array([side * ROOT_END_MM, y, z])


def structures(spec: LevelSpec) -> dict[str, Points]:
    """Points of what must not be heated, body frame."""
    wide, middle = canal(spec)
    turn = np.linspace(np.pi, 2 * np.pi, RIM)
    z = np.linspace(-0.4, 0.4, ALONG) * spec.height_mm
    grid = np.meshgrid(turn, z, indexing="ij")
    across, deep = wide - SAC_FREE_MM, CANAL_HALF_MM - SAC_FREE_MM
    front = np.stack([across * np.cos(grid[0]), deep * np.sin(grid[0]), grid[1]], axis=-1)
    found = {"canal": middle + front.reshape(-1, 3)}
    for name, one in spec.pedicles.items():
        a, b = root(spec, one)
        found[f"root {name}"] = a + np.linspace(0, 1, RIM)[:, None] * (b - a)
    plate = np.stack([g.ravel() for g in np.meshgrid(
        np.linspace(-0.3, 0.3, ALONG) * spec.width_mm,
        np.linspace(-0.3, 0.3, ALONG) * spec.depth_mm, [0.0])], axis=1)  # fmt: skip
    for name, sign in (("upper endplate", 1.0), ("lower endplate", -1.0)):
        # The plate's function falls by one per mm along z but for its slight tilt.
        high = plate + np.array([0.0, 0.0, sign * spec.height_mm / 2])
        found[name] = high - np.outer(sign * endplate(spec, high, sign), [0.0, 0.0, 1.0])
    return found


def way(truth: VertebraTruth, instrument: Instrument, target: Point) -> tuple[Points, Point]:
    """Centre line from the tip backwards and the entry into bone, LPS mm: nearest to the target."""
    one = truth.spec.pedicles["left"]
    aim = moved(inverse(truth.lps_from_body), target[None])[0]
    radius = instrument.curve_radius_mm.value
    best, least = Pose(turn=0.0, depth=0.0, length=0.0, roll=0.0), np.inf
    for turn, roll in product(
        np.radians(np.linspace(-8, 8, 5)), np.radians(np.arange(-60, 61, 20))
    ):
        axis, bend = _directions(one, turn, roll)
        for depth, length in product(np.arange(8.0, 26.0, 2.0), _lengths(instrument)):
            along, aside = arc(length - np.linspace(0.0, 9.0, 4), radius)
            zone = _middle(one) + (depth + along)[:, None] * axis + aside[:, None] * bend
            free = posterior_wall(truth.spec, zone[:, 0]) - zone[:, 1]
            off = float(np.linalg.norm(zone.mean(axis=0) - aim))
            if off < least and free.min() > WALL_FREE_MM:
                best, least = Pose(turn=turn, depth=depth, length=length, roll=roll), off
    line, entry = _line(one, radius, best), _middle(one) - ENTRY_MM * pedicle_axis(one)
    lps = moved(truth.lps_from_body, np.concatenate([line, entry[None]]))
    return lps[:-1], lps[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Turn of the shaft from the pedicle's axis, depth beyond its isthmus, curve out, its roll."""

    turn: float
    depth: float
    length: float
    roll: float


def _lengths(instrument: Instrument) -> np.ndarray:
    low, high = (reach.value for reach in instrument.curve_reach_mm)
    return np.arange(low, high + 1.0, 2.0)


def _middle(one: PedicleSpec) -> Point:
    return np.array([one.x_mm, one.y_mm, one.z_mm])


def _directions(one: PedicleSpec, turn: float, roll: float) -> tuple[Point, Point]:
    """Unit axis inwards and unit direction of the bend, body frame."""
    side = float(np.sign(one.x_mm))
    axis = pedicle_axis(one)
    c, s = np.cos(side * turn), np.sin(side * turn)
    axis = np.array([c * axis[0] - s * axis[1], s * axis[0] + c * axis[1], axis[2]])
    medial = np.array([-side, 0.0, 0.0])
    medial -= (axis @ medial) * axis
    medial /= np.linalg.norm(medial)
    return axis, np.cos(roll) * medial + np.sin(roll) * np.cross(axis, medial)


def _line(one: PedicleSpec, radius_mm: float, pose: Pose) -> Points:
    """Body frame, tip first."""
    axis, bend = _directions(one, pose.turn, pose.roll)
    tip = _middle(one) + pose.depth * axis
    curve = deployed_curve(tip, axis, bend, bend_radius_mm=radius_mm, length_mm=pose.length)
    back = tip - np.arange(SHAFT_MM, 0.0, -0.5)[:, None] * axis
    return np.concatenate([back, curve])[::-1]
