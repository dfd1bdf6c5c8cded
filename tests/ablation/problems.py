"""Small heat problems that several tests solve."""

import numpy as np

from basivert.ablation.ablate import ablate
from basivert.ablation.generator import ExactControl
from basivert.ablation.grid import Resolution
from basivert.ablation.model import Electrode, Law, Material, Physics, Probe

BONE = dict(name="bone", sigma_s_m=0.09, k_w_mk=0.31, rho_kg_m3=1178.0, c_j_kgk=2274.0,
            perfusion_ml_min_kg=30.0)  # fmt: skip
PAIR = (Electrode(start_mm=0.0, end_mm=3.0, potential=-0.5),
        Electrode(start_mm=6.0, end_mm=9.0, potential=0.5))  # fmt: skip
COARSE = Resolution(
    edge_mm=0.3, growth=1.25, largest_mm=4.0, angles=12, reach_mm=30.0, behind_mm=35.0,
    ahead_mm=25.0,
)  # fmt: skip


def bone(**changes):
    return Material(**{**BONE, **changes})


def physics(**changes):
    usual = dict(
        body_degc=37.0, sigma_slope=0.02, sigma_cap_degc=99.0, blood_j_m3k=1050.0 * 3617.0,
        probe_k_w_mk=15.0, probe_j_m3k=4e6, stop_law="general",
        laws=(Law(name="general", log_frequency=np.log(7.39e39), energy_j_mol=2.577e5),),
    )  # fmt: skip
    return Physics(**{**usual, **changes})


def arc(radius_mm, length_mm=60.0):
    """Centre line that leaves the origin along z and turns towards x."""
    turn = np.linspace(0.0, length_mm, 121) / radius_mm
    flat = np.zeros_like(turn)
    return radius_mm * np.stack([1 - np.cos(turn), flat, np.sin(turn)], axis=1)


def straight(length_mm=60.0):
    return np.linspace([0.0, 0.0, 0.0], [0.0, 0.0, length_mm], 31)


def probe(line):
    return Probe(line=line, radius_mm=0.85, electrodes=PAIR, sensor_mm=1.5)


def one_tissue(points):
    return np.zeros(len(points), int)


def burn(line, tissue=one_tissue, materials=None, *, duration_s=120.0, resolution=COARSE):
    drive = ExactControl(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=duration_s)
    return ablate(
        probe(line), tissue, materials or [bone()], physics(), drive, resolution=resolution
    )
