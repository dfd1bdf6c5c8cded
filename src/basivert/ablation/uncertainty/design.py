"""Draws of the uncertain inputs, and the burn that each of them means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial.transform import Rotation
from scipy.special import ndtri

from basivert.ablation.burns import Burn, SampledControl
from basivert.ablation.generator import (
    Drive,
    ExactControl,
    MeasuredPower,
    MeasuredTemperature,
)
from basivert.ablation.model import Material
from basivert.ablation.moves import Motion
from basivert.ablation.protocol import Protocol
from basivert.ablation.uncertainty.model import Endpoint, Factor, HeatCase, Insertion
from basivert.arrays import Matrix, Vector
from basivert.errors import InputError

FIELDS = {
    "sigma": "sigma_s_m", "k": "k_w_mk", "c": "c_j_kgk", "perfusion": "perfusion_ml_min_kg",
}  # fmt: skip
# Errors of the first insertion, and of the other of a pair.
POSES = ("pose", "partner")
NOT_TISSUE = ("physics", "drive", *POSES, "endpoint")
# Materials that belong to a tissue although their name does not start with its.
ALSO = {"cancellous": ("Modic",)}
# Draws in the far tail of a normal distribution are cut here, in SD.
TAIL = 1e-3


def drawn(factors: Sequence[Factor], count: int, seed: int) -> tuple[Matrix, Vector]:
    """Scrambled Sobol points: (count, factors) standard coordinates, and (count,) in 0–1.

    The last column, on its own, chooses the endpoint.
    """
    # Slow to import, and not needed without samples.
    from scipy.stats import qmc  # noqa: PLC0415

    sobol = qmc.Sobol(len(factors) + 1, rng=np.random.default_rng(seed))
    unit = sobol.random_base2(int(np.ceil(np.log2(count))))[:count]
    x = np.empty((count, len(factors)))
    for n, factor in enumerate(factors):
        normal = factor.kind == "normal"
        x[:, n] = ndtri(np.clip(unit[:, n], TAIL, 1 - TAIL)) if normal else 2 * unit[:, n] - 1
    return x, unit[:, -1]


def chosen(endpoints: Sequence[Endpoint], unit: Vector) -> np.ndarray:
    """(n,) number of the endpoint of each draw, by weight."""
    borders = np.cumsum([e.weight for e in endpoints])[:-1]
    return np.searchsorted(borders, unit, side="right")


def values(factors: Sequence[Factor], x: Vector) -> dict[str, float]:
    """Factor → its value at standard coordinates (factors,)."""
    return {f.name: f.value(float(v)) for f, v in zip(factors, x, strict=True)}


def changed(case: HeatCase, value: Mapping[str, float]) -> HeatCase:
    """The burn with its constants, protocol and probes as drawn.

    Raises: InputError for a factor that nothing in the case answers to.
    """
    materials = case.materials
    physics = case.physics
    for name, number in value.items():
        group, _, field = name.partition(".")
        if group == "physics":
            physics = replace(physics, **{field: number})
        elif group not in NOT_TISSUE:
            materials = _scaled(materials, group, field, number)
    return replace(
        case, materials=materials, physics=physics,
        drive=_driven(
            case.drive, value.get("drive.setpoint", 0.0) + value.get("drive.sensor", 0.0),
            value.get("drive.power", 1.0),
        ),
        insertions=tuple(
            moved_as(one, moved_by(case, value, n)) for n, one in enumerate(case.insertions)
        ),
    )  # fmt: skip


def moved_as(one: Insertion, motion: Motion) -> Insertion:
    """What went in, after a rigid motion."""
    return Insertion(
        probes=tuple(replace(p, line=motion.moved(p.line)) for p in one.probes),
        entry=motion.moved(one.entry[None])[0],
    )


def moved_by(case: HeatCase, value: Mapping[str, float], number: int = 0) -> Motion:
    """Where the drawn errors of the pose put one of the insertions, each with errors of its own."""
    one, group = case.insertions[number], POSES[number]
    shaft = one.shaft
    side = np.cross(shaft, np.eye(3)[np.argmin(np.abs(shaft))])
    side /= np.linalg.norm(side)
    up = np.cross(shaft, side)

    def pose(name: str) -> float:
        return value.get(f"{group}.{name}", 0.0)

    lean = Rotation.from_rotvec(np.radians(pose("turn") * up + pose("tilt") * side))
    turn = lean * Rotation.from_rotvec(np.radians(pose("roll")) * shaft)
    shift = pose("side") * side + pose("up") * up + pose("depth") * shaft
    return Motion(pivot=one.entry, turn=turn.as_matrix(), shift=shift)


def _scaled(
    materials: tuple[Material, ...], tissue: str, field: str, share: float
) -> tuple[Material, ...]:
    if field not in FIELDS or not any(belongs(m.name, tissue) for m in materials):
        raise InputError(f"No tissue of the case has a constant {tissue}.{field}.")
    name = FIELDS[field]
    return tuple(
        replace(m, **{name: share * getattr(m, name)}) if belongs(m.name, tissue) else m
        for m in materials
    )


def belongs(material: str, tissue: str) -> bool:
    """Whether a material is (a class of) a tissue of the table."""
    return material.startswith((tissue, *ALSO.get(tissue, ())))


def _driven(drive: Drive | Protocol, offset_degc: float, share: float) -> Drive | Protocol:
    """The drive of a sensor that reads too low by `offset` when hot; the clock stays.

    share: true over measured power, where power was measured.
    """
    if isinstance(drive, Protocol):
        return replace(drive, burns=tuple(_hotter(b, offset_degc) for b in drive.burns))
    if isinstance(drive, SampledControl):
        return replace(drive, burn=_hotter(drive.burn, offset_degc))
    if isinstance(drive, ExactControl):
        return replace(drive, setpoint_degc=drive.setpoint_degc + offset_degc)
    if isinstance(drive, MeasuredTemperature):
        rise = drive.degc - drive.body_degc
        return replace(drive, degc=drive.degc + offset_degc * rise / max(rise.max(), 1.0))
    if isinstance(drive, MeasuredPower):
        return replace(drive, power_w=drive.power_w * share)
    return drive


def _hotter(burn: Burn, offset_degc: float) -> Burn:
    return replace(
        burn, setpoint_degc=burn.setpoint_degc + offset_degc,
        hold_s=burn.hold_s - offset_degc / burn.ramp_degc_s,
    )  # fmt: skip
