"""Cancellous bone as a mixture of bone, blood-forming and fatty marrow.

Only conductivity and blood flow follow the mixture: all other constants are second order
(perf.sensitivity).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.model import Material
from basivert.ablation.patient.known import Known
from basivert.arrays import Vector
from basivert.constants.model import Table

# Relative width at which the search for a mixture's conductivity ends.
EXACT = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Marrow:
    """State of the marrow in one part of the body.

    yellow: share of fatty in all marrow, 0–1.  flow_ml_min_kg: blood flow.
    """

    yellow: float
    flow_ml_min_kg: float


def marrow(known: Known, modic: int | None, table: Table, unknown_flow: float) -> Marrow:
    """Marrow of a patient, or of the part that a Modic change fills.

    Args:
        known: age, if it is known.
        modic: type of the change there, None where there is none or nobody has read it.
        table: `marrow`.
        unknown_flow: mL/min/kg where nothing is known.
    """
    yellow = 0.0 if known.age_years is None else _yellow_at(known.age_years, table)
    flow = unknown_flow if known.age_years is None else _flow_at(known.age_years, table)
    if modic is None:
        return Marrow(yellow=yellow, flow_ml_min_kg=flow)
    return Marrow(
        yellow=table[f"modic.yellow_{modic}"].value,
        flow_ml_min_kg=flow * table[f"modic.flow_{modic}"].value,
    )


def _yellow_at(age: float, table: Table) -> float:
    """Fatty share: fat beyond that of the twenties, against that of fatty marrow."""
    ages = table["fat.young_age"].value, table["fat.old_age"].value
    young, old = table["fat.young"].value, table["fat.old"].value
    fat = float(np.interp(age, ages, (young, old)))
    return (fat - young) / (table["fat.yellow"].value - young)


def _flow_at(age: float, table: Table) -> float:
    young = table["flow.young"].value
    return young * table["flow.old_share"].value if age > table["flow.old_age"].value else young


def volume_fraction(hu: np.ndarray, yellow: float, table: Table) -> np.ndarray:
    """Bone by volume, from a CT number that mixes bone and marrow linearly; shape of `hu`.

    Kept within the table's range: `beyond` says where that changes it.
    """
    return np.clip(_unbounded(hu, yellow, table), table["volume_fraction.lowest"].value,
                   table["volume_fraction.highest"].value)  # fmt: skip


def beyond(hu: np.ndarray, yellow: float, table: Table) -> np.ndarray:
    """Where a CT number means less (−1) or more (1) bone than the table's range; int8."""
    share = _unbounded(hu, yellow, table)
    too_much = share > table["volume_fraction.highest"].value
    return too_much.astype(np.int8) - (share < table["volume_fraction.lowest"].value)


def _unbounded(hu: np.ndarray, yellow: float, table: Table) -> np.ndarray:
    soft = (1 - yellow) * table["hu.red"].value + yellow * table["hu.yellow"].value
    return (hu - soft) / (table["hu.matrix"].value - soft)


def steps(table: Table) -> Vector:
    """(n,) volume fractions of the classes, from the lowest to the highest."""
    low, high = table["volume_fraction.lowest"].value, table["volume_fraction.highest"].value
    return np.geomspace(low, high, int(table["volume_fraction.classes"].value))


def cancellous(name: str, bone: float, state: Marrow, tissue: Table, table: Table) -> Material:
    """Material of cancellous bone.

    Args:
        name: of the material.
        bone: volume fraction of bone, 0–1.
        state: its marrow.
        tissue, table: `tissue` and `marrow`.
    """
    shares = np.array([bone, (1 - bone) * (1 - state.yellow), (1 - bone) * state.yellow])
    parts = np.array([table[f"sigma.{p}"].value for p in ("matrix", "red", "yellow")])
    return Material(
        name=name, sigma_s_m=bruggeman(shares, parts), k_w_mk=tissue["cancellous.k"].value,
        rho_kg_m3=tissue["cancellous.rho"].value, c_j_kgk=tissue["cancellous.c"].value,
        perfusion_ml_min_kg=state.flow_ml_min_kg, water=tissue["cancellous.water"].value,
    )  # fmt: skip


def bruggeman(shares: Vector, parts: Vector) -> float:
    """Conductivity of a random mixture: Σ share (σ_i − σ) / (σ_i + 2σ) = 0.

    Args:
        shares: (n,) volume fractions, sum 1.
        parts: (n,) conductivities, any unit.

    Source: Bruggeman 1935, doi:10.1002/andp.19354160705; spherical grains of every part.
    """
    low, high = float(parts.min()), float(parts.max())
    while high - low > EXACT * high:
        middle = (low + high) / 2
        too_low = float(shares @ ((parts - middle) / (parts + 2 * middle))) > 0
        low, high = (middle, high) if too_low else (low, middle)
    return (low + high) / 2
