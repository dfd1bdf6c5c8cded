"""Tissues, laws of damage and protocols from their tables."""

from __future__ import annotations

import math
from collections.abc import Sequence

from basivert.ablation.boiling import Boiling
from basivert.ablation.generator import ExactControl
from basivert.ablation.model import Law, Material, Physics
from basivert.constants.model import Table


def materials(tissue: Table, names: Sequence[str]) -> tuple[Material, ...]:
    """The named tissues of the tissue table, in that order."""
    return tuple(
        Material(
            name=n, sigma_s_m=tissue[f"{n}.sigma"].value, k_w_mk=tissue[f"{n}.k"].value,
            rho_kg_m3=tissue[f"{n}.rho"].value, c_j_kgk=tissue[f"{n}.c"].value,
            perfusion_ml_min_kg=tissue[f"{n}.perfusion"].value, water=tissue[f"{n}.water"].value,
        )
        for n in names
    )  # fmt: skip


def physics(tissue: Table, damage: Table, laws: Sequence[str], stop_law: str) -> Physics:
    """What holds for all tissues, with the named Arrhenius laws; stop_law ends perfusion."""
    return Physics(
        body_degc=tissue["body.temperature"].value,
        sigma_slope=tissue["sigma_with_temperature.slope"].value,
        sigma_cap_degc=tissue["sigma_with_temperature.cap"].value,
        blood_j_m3k=tissue["blood.rho_c"].value, probe_k_w_mk=tissue["probe.k"].value,
        probe_j_m3k=tissue["probe.rho_c"].value, laws=tuple(_law(damage, n) for n in laws),
        stop_law=stop_law, boiling=_boiling(tissue),
    )  # fmt: skip


def protocol(table: Table, body_degc: float) -> ExactControl:
    """The first burn of a protocol with an ideal controller: the benchmark's mode.

    Raises: InputError for a missing row or impossible numbers.
    """
    setpoint, ramp = table["burn.1.setpoint"].value, table["burn.1.ramp"].value
    return ExactControl(
        setpoint_degc=setpoint, ramp_degc_s=ramp, body_degc=body_degc,
        duration_s=(setpoint - body_degc) / ramp + table["burn.1.hold"].value,
        largest_voltage_v=table["limit.voltage"].value,
        largest_power_w=table["limit.power"].value,
    )  # fmt: skip


def _boiling(tissue: Table) -> Boiling:
    return Boiling(
        start_degc=tissue["boiling.start"].value, end_degc=tissue["boiling.end"].value,
        latent_j_kg=tissue["boiling.latent"].value, dry_share=tissue["boiling.dry"].value,
    )  # fmt: skip


def _law(damage: Table, name: str) -> Law:
    return Law(
        name=name, energy_j_mol=damage[f"arrhenius.{name}.energy"].value,
        log_frequency=damage[f"arrhenius.{name}.log10_frequency"].value * math.log(10.0),
    )  # fmt: skip
