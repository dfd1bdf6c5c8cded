"""Cases A, B and C of the shared heat benchmark, as its README defines them.

Names of constants are those of the finite-element peer, so that `--set` means the same to both.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.generator import Drive, ExactControl, FixedVoltage
from basivert.ablation.grid import Resolution
from basivert.ablation.model import Electrode, Law, Material, Physics, Probe, TissueMap

CONSTANTS = {
    "voltage": 32.0, "sigma": 0.09, "k": 0.31, "rho": 1178.0, "c": 2274.0, "perfusion": 30.0,
    "rho_blood": 1050.0, "c_blood": 3617.0, "probe_k": 15.0, "probe_rho_c": 4.0e6,
    "body_temperature": 37.0, "sigma_slope": 0.02, "sigma_cap": 99.0, "arrhenius_A": 7.39e39,
    "arrhenius_Ea": 2.577e5, "setpoint": 85.0, "ramp": 1.0, "duration": 900.0, "tilt_deg": 30.0,
}  # fmt: skip
FIELDS = ("sigma", "k", "rho", "c", "perfusion")
REGIONS = {
    "cortical": (0.02, 0.32, 1908.0, 1313.0, 10.0),
    "disc": (0.65, 0.49, 1100.0, 3568.0, 0.0),
    "csf": (2.0, 0.57, 1007.0, 4096.0, 0.0),
    "fat": (0.044, 0.21, 911.0, 2348.0, 33.0),
    "muscle": (0.45, 0.49, 1090.0, 3421.0, 37.0),
}
TIMES_S = (60.0, 120.0, 300.0, 600.0, 900.0)
RADIUS, TIP, SENSOR, SHAFT_END = 0.85, -4.5, -3.0, 40.0
TIP_TO_MIDDLE = -TIP


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Case:
    """One problem, ready to be solved, and where to look at it.

    points: name → (3,) LPS mm.  directions: name → (3,) unit vector for extents.
    """

    name: str
    probe: Probe
    tissue: TissueMap
    materials: tuple[Material, ...]
    physics: Physics
    drive: Drive
    resolution: Resolution
    points: dict[str, np.ndarray]
    directions: dict[str, np.ndarray]


def finer(resolution: Resolution, times: float) -> Resolution:
    """The same grid with spacings divided by `times`, the outer boundary where it was."""
    around = resolution.angles
    return replace(
        resolution, edge_mm=resolution.edge_mm / times, growth=resolution.growth ** (1 / times),
        growth_along=resolution.growth_along ** (1 / times),
        largest_mm=resolution.largest_mm / times,
        angles=1 if around == 1 else 2 * round(around * times / 2),
    )  # fmt: skip


def parameters(changes: list[str]) -> dict[str, float]:
    """All constants by name, changed by NAME=VALUE strings."""
    found = dict(CONSTANTS)
    for region, values in REGIONS.items():
        found |= {f"{region}_{f}": v for f, v in zip(FIELDS, values, strict=True)}
    for change in changes:
        name, _, value = change.partition("=")
        if name not in found:
            raise SystemExit(f"--set {name}: unknown constant; known: {', '.join(sorted(found))}")
        try:
            found[name] = float(value)
        except ValueError:
            raise SystemExit(f"--set {change}: {value!r} is not a number") from None
    return found


def case(name: str, p: dict[str, float], resolution: Resolution | None = None) -> Case:
    """Case A, B or C with constants `p`."""
    tilt = math.radians(p["tilt_deg"]) if name == "C" else 0.0
    axis = np.array([math.cos(tilt), math.sin(tilt), 0.0])
    aside = np.array([-axis[1], axis[0], 0.0])
    up = np.array([0.0, 0.0, 1.0])
    far = SHAFT_END / axis[0] if name == "C" else SHAFT_END
    usual = Resolution(reach_mm=35.0, behind_mm=far + TIP_TO_MIDDLE, ahead_mm=SHAFT_END + TIP)
    if name == "C":
        usual = Resolution(
            angles=16, reach_mm=45.0, behind_mm=far + TIP_TO_MIDDLE, ahead_mm=SHAFT_END
        )
    return Case(
        name=name, probe=_probe(axis, far), materials=_materials(name, p),
        physics=_physics(name, p),
        tissue=_regions if name == "C" else _bone, drive=_drive(name, p),
        resolution=resolution or usual,
        points=_points_c(axis, aside) if name == "C" else _points_ab(axis, aside),
        directions={"s": axis, "e": aside, "z": up} if name == "C" else {"z": axis, "r": aside},
    )  # fmt: skip


def _probe(axis: np.ndarray, far: float) -> Probe:
    pair = (
        Electrode(start_mm=0.0, end_mm=3.0, potential=-0.5),
        Electrode(start_mm=6.0, end_mm=9.0, potential=0.5),
    )
    return Probe(
        line=np.array([TIP * axis, far * axis]), radius_mm=RADIUS, electrodes=pair,
        sensor_mm=SENSOR - TIP,
    )  # fmt: skip


def _materials(name: str, p: dict[str, float]) -> tuple[Material, ...]:
    rows = [("cancellous", *(p[f] for f in FIELDS))]
    if name == "C":
        rows += [(r, *(p[f"{r}_{f}"] for f in FIELDS)) for r in REGIONS]
    return tuple(
        Material(name=n, sigma_s_m=s, k_w_mk=k, rho_kg_m3=r, c_j_kgk=c, perfusion_ml_min_kg=f)
        for n, s, k, r, c, f in rows
    )


def _physics(name: str, p: dict[str, float]) -> Physics:
    law = Law(
        name="benchmark", log_frequency=math.log(p["arrhenius_A"]), energy_j_mol=p["arrhenius_Ea"]
    )
    linear = name == "A"
    return Physics(
        body_degc=p["body_temperature"], sigma_slope=0.0 if linear else p["sigma_slope"],
        sigma_cap_degc=p["sigma_cap"], blood_j_m3k=p["rho_blood"] * p["c_blood"],
        probe_k_w_mk=p["probe_k"], probe_j_m3k=p["probe_rho_c"], laws=(law,),
        stop_law="" if linear else "benchmark",
    )  # fmt: skip


def _drive(name: str, p: dict[str, float]) -> Drive:
    if name == "A":
        return FixedVoltage(voltage_v=p["voltage"], duration_s=p["duration"])
    return ExactControl(
        ramp_degc_s=p["ramp"], setpoint_degc=p["setpoint"], body_degc=p["body_temperature"],
        duration_s=p["duration"],
    )  # fmt: skip


def _bone(points: np.ndarray) -> np.ndarray:
    return np.zeros(len(points), int)


def _regions(points: np.ndarray) -> np.ndarray:
    """Region of each point of case C; 0 cancellous, then in the order of REGIONS."""
    x, y, z = points.T
    high, canal = np.abs(z), np.hypot(x, y - 23.0)
    oval = lambda a, b: (x / a) ** 2 + ((y + 4.0) / b) ** 2 <= 1.0  # noqa: E731
    body = oval(22.0, 16.0)
    chosen = [oval(21.0, 15.0) & (high <= 13.0), body & (high <= 14.0), body & (high <= 24.0),
              canal <= 8.0, canal <= 12.0]  # fmt: skip
    return np.select(chosen, [0, 1, 2, 3, 4], 5)


def _points_ab(axis: np.ndarray, aside: np.ndarray) -> dict[str, np.ndarray]:
    places = {f"r{r}": (r, 0.0) for r in (2, 3, 5, 8, 10)}
    places |= {
        "sensor": (RADIUS, SENSOR), "axis_s-3": (0.0, -3.0), "gap_surface": (RADIUS, 0.0),
        "tip_5mm": (0.0, TIP - 5.0), "r3_s-3": (3.0, -3.0), "r3_s3": (3.0, 3.0),
        "shaft_s10": (RADIUS, 10.0),
    }  # fmt: skip
    return {n: r * aside + s * axis for n, (r, s) in places.items()}


def _points_c(a: np.ndarray, e: np.ndarray) -> dict[str, np.ndarray]:
    places = {
        "gap_e2": 2 * e, "gap_e5": 5 * e, "gap_e-5": -5 * e, "gap_z5": (0, 0, 5),
        "gap_z10": (0, 0, 10), "tip_5mm": (TIP - 5) * a, "posterior_wall_inner": (0, 11, 0),
        "posterior_wall": (0, 12, 0), "canal_fat_mid": (0, 13.5, 0), "canal_csf_edge": (0, 15, 0),
        "canal_csf_centre": (0, 23, 0), "endplate": (0, 0, 13.5), "disc": (0, 0, 16),
        "body_anterior": (0, -10, 0), "shaft_s12": 12 * a + 3 * e, "axis_s-3": -3 * a,
    }  # fmt: skip
    return {n: np.asarray(p, float) for n, p in places.items()}
