"""Electrodes, tissues and burns of published experiments, in the solver's words."""

from __future__ import annotations

from dataclasses import replace
from typing import TypedDict

import numpy as np

from basivert.ablation import tables
from basivert.ablation.ablate import Ablation, ablate
from basivert.ablation.fields import Fields
from basivert.ablation.generator import ExactControl
from basivert.ablation.grid import Resolution
from basivert.ablation.lesion import above
from basivert.ablation.model import Electrode, Material, Physics, Probe, TissueMap
from basivert.constants.load import builtin

TISSUE, DAMAGE = builtin("tissue"), builtin("damage")
BODY_DEGC, METAL_W_MK = TISSUE["body.temperature"].value, TISSUE["probe.k"].value
# Outer diameters of needles, mm (17 G and the gauges of the trends).
GAUGE_MM = {16: 1.65, 17: 1.47, 18: 1.27, 20: 0.91, 22: 0.72}
# A return electrode on the same shaft, far behind and long, stands for one on the skin.
RETURN_MM, RETURN_LENGTH_MM = 45.0, 60.0
LENGTH_MM, REACH_MM = 190.0, 45.0
ENDPOINTS = ("T ≥ 50 °C", "CEM43 ≥ 240 min", "Ω ≥ 1, skin", "Ω ≥ 1, general")
ALONG = np.array([0.0, 0.0, 1.0])
ACROSS = np.array([1.0, 0.0, 0.0])
DEVICE = Probe(
    line=np.array([[0.0, 0.0, 0.0], LENGTH_MM * ALONG]), radius_mm=0.85, sensor_mm=1.5,
    electrodes=(Electrode(start_mm=0.0, end_mm=3.0, potential=-0.5),
                Electrode(start_mm=6.0, end_mm=9.0, potential=0.5)),
)  # fmt: skip
"""The default device's probe (`probe.geometry`, an assumption)."""


class Row(TypedDict):
    """One line of the table: what, published, here, why they differ."""

    key: str
    what: str
    published: str
    here: str
    note: str


def needle(gauge: int, tip_mm: float, return_mm: float = RETURN_MM) -> Probe:
    """A monopolar needle with its return far behind on the shaft."""
    back = tip_mm + return_mm
    return Probe(
        line=np.array([[0.0, 0.0, 0.0], LENGTH_MM * ALONG]), radius_mm=GAUGE_MM[gauge] / 2,
        sensor_mm=1.0,
        electrodes=(Electrode(start_mm=0.0, end_mm=tip_mm, potential=-0.5),
                    Electrode(start_mm=back, end_mm=back + RETURN_LENGTH_MM, potential=0.5)),
    )  # fmt: skip


def material(name: str, **changes: float) -> Material:
    """A tissue of the table, some constants replaced."""
    (found,) = tables.materials(TISSUE, (name,))
    return replace(found, **changes)  # type: ignore[arg-type]


def physics(start_degc: float, metal_w_mk: float) -> Physics:
    """The table's, both Arrhenius laws side by side, but for the start and the probe's metal."""
    usual = tables.physics(TISSUE, DAMAGE, ("general", "skin"), "skin")
    return replace(usual, body_degc=start_degc, probe_k_w_mk=metal_w_mk)


def burnt(
    probe: Probe, tissues: list[Material], *, setpoint_degc: float, ramp_degc_s: float,
    duration_s: float, moments_s: tuple[float, ...] = (), tissue: TissueMap | None = None,
    start_degc: float = BODY_DEGC, metal_w_mk: float = METAL_W_MK,
) -> Ablation:  # fmt: skip
    """A burn with exact control about a straight probe in round surroundings."""
    far = max(e.end_mm for e in probe.electrodes) + REACH_MM
    drive = ExactControl(
        setpoint_degc=setpoint_degc, ramp_degc_s=ramp_degc_s, body_degc=start_degc,
        duration_s=duration_s,
    )  # fmt: skip
    around = Resolution(
        edge_mm=0.15, growth=1.12, reach_mm=REACH_MM, ahead_mm=REACH_MM, behind_mm=far
    )
    return ablate(
        probe, tissue or _one, tissues, physics(start_degc, metal_w_mk), drive, moments_s=moments_s,
        resolution=around,
    )  # fmt: skip


def _one(points: np.ndarray) -> np.ndarray:
    return np.zeros(len(points), int)


def sizes(fields: Fields) -> dict[str, tuple[float, float, float]]:
    """Endpoint → width, length (mm) and volume (ml) of the region that reaches it; 0 if none."""
    rules = {
        "T ≥ 60 °C": (fields.temperature_degc, 60.0),
        "T ≥ 50 °C": (fields.temperature_degc, DAMAGE["lesion.temperature"].value),
        "CEM43 ≥ 240 min": (fields.log_cem43, float(np.log(DAMAGE["lesion.cem43"].value))),
        "Ω ≥ 1, skin": (fields.log_omega["skin"], 0.0),
        "Ω ≥ 1, general": (fields.log_omega["general"], 0.0),
    }
    found: dict[str, tuple[float, float, float]] = {}
    for name, (values, threshold) in rules.items():
        region = above(fields, values, threshold)
        if region is None:
            found[name] = (0.0, 0.0, 0.0)
            continue
        width, length = (b - a for a, b in (region.extent_mm(ACROSS), region.extent_mm(ALONG)))
        found[name] = (width, length, region.volume_ml)
    return found


def told(pairs: dict[str, str]) -> str:
    """`name: value` pairs as one cell."""
    return "; ".join(f"{name}: {value}" for name, value in pairs.items())
