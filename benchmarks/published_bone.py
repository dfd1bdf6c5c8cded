"""Bone: the default burn, an osteoid osteoma's model, pig bodies and cadavers."""

from __future__ import annotations

import numpy as np

from basivert.ablation.ablate import ablate
from basivert.ablation.fields import Fields

from .ablation_cases import case, parameters
from .ablation_setups import (
    ACROSS,
    ALONG,
    DEVICE,
    ENDPOINTS,
    METAL_W_MK,
    Row,
    burnt,
    material,
    needle,
    sizes,
    told,
)

MIDDLE_MM = 4.5
NIDUS_MM, ZONE_MM, TIP_MM = 5.0, 5.0, 10.0
SKIN = "Ω ≥ 1, skin"
METALS_W_MK = (15.0, 5.0, 0.5)
FLOWS = {"10": 10.0, "30": 30.0, "176": 176.0}


def default_burn() -> list[Row]:
    """The default burn in cancellous bone under every endpoint and flow."""
    found = {name: sizes(_default(flow)[-1]) for name, flow in FLOWS.items()}
    shafts = {f"{k:g} W/m/K": sizes(_default(FLOWS["30"], k)[-1]) for k in METALS_W_MK}
    return [
        Row(key="lesion.size.clinical", what=f"Default burn, 85 °C for 15 min: {endpoint}",
            published="about 1 cm, spherical to ovoid; 10–20 mm",
            here=told({f"flow {name}": f"{s[endpoint][0]:.1f} × {s[endpoint][1]:.1f} mm, "
                       f"{s[endpoint][2]:.1f} ml" for name, s in found.items()}),
            note="width × length along the shaft; flow in mL/min/kg (least, usual model value, "
                 "measured in young adults); straight probe in unbounded bone")
        for endpoint in ENDPOINTS
    ] + [
        Row(key="lesion.size.clinical", what="the same, Ω ≥ 1, skin, flow 30, other shafts",
            published="spherical to ovoid",
            here=told({k: f"{s[SKIN][0]:.1f} × {s[SKIN][1]:.1f} mm" for k, s in shafts.items()}),
            note="solid steel (the table's value) carries heat backwards; the device's probe is "
            "flexible, its make not public"),
    ]  # fmt: skip


def _default(flow: float, metal_w_mk: float = METAL_W_MK) -> tuple[Fields, ...]:
    """The default burn after 3.5 and 15 min."""
    return burnt(
        DEVICE, [material("cancellous", perfusion_ml_min_kg=flow)], setpoint_degc=85.0,
        ramp_degc_s=1.0, duration_s=900.0, moments_s=(210.0,), metal_w_mk=metal_w_mk,
    ).moments  # fmt: skip


def osteoid() -> list[Row]:
    """17 G, 90 °C for 300 s, in a nidus of 10 mm with a zone of reactive bone around it."""
    low, high = (sizes(_nodule(s, ZONE_MM)) for s in (0.02, 0.087))
    bare, thick = (_hottest(_nodule(0.02, t), NIDUS_MM + t) for t in (0.0, 7.5))
    note = (
        f"tip length {TIP_MM:g} mm, thickness {ZONE_MM:g} mm, nidus as cancellous bone and no flow "
        "are assumed (not in what was read); no cortex or muscle here; return on the shaft"
    )
    return [
        Row(key="val.osteoid.model", what="Lesion as the zone's σ goes 0.02 → 0.087 S/m",
            published="24 → 18 mm (another model)",
            here=told({e: f"{low[e][0]:.1f} → {high[e][0]:.1f} mm" for e in ENDPOINTS}), note=note),
        Row(key="val.osteoid.model", what="Hottest outside the zone as it grows 0 → 7.5 mm",
            published="68 → 44 °C (another model)", here=f"{bare:.0f} → {thick:.0f} °C",
            note="beside the middle of the tip, at the zone's border"),
    ]  # fmt: skip


def _nodule(sigma: float, thickness_mm: float) -> Fields:
    zone = material("cortical", sigma_s_m=sigma, perfusion_ml_min_kg=0.0)
    plain = material("cancellous", perfusion_ml_min_kg=0.0)

    def tissue(points: np.ndarray) -> np.ndarray:
        away = np.linalg.norm(points - TIP_MM / 2 * ALONG, axis=1)
        return np.select([away < NIDUS_MM, away < NIDUS_MM + thickness_mm], [0, 1], 0)

    return burnt(
        needle(17, TIP_MM), [plain, zone], setpoint_degc=90.0, ramp_degc_s=2.0, duration_s=300.0,
        tissue=tissue,
    ).moments[-1]  # fmt: skip


def _hottest(fields: Fields, away_mm: float) -> float:
    place = TIP_MM / 2 * ALONG + away_mm * ACROSS
    return float(fields.sampled(place[None]).temperature_degc[0])


def pig() -> list[Row]:
    """How steady the default burn is after 3.5 min, with and without flow."""
    places = MIDDLE_MM * ALONG + np.array([[3.0, 0, 0], [5.0, 0, 0], [10.0, 0, 0]])
    told_: dict[str, str] = {}
    for name, flow in (("no flow", 0.0), ("30", 30.0), ("176", 176.0)):
        early, late = (f.sampled(places).temperature_degc - 37.0 for f in _default(flow))
        told_[name] = "/".join(f"{100 * s:.0f}" for s in early / late) + " %"
    return [
        Row(key="val.pig.multipolar", what="Rise after 3.5 min as a share of that after 15 min, at "
            "3, 5 and 10 mm", published="steady after 3.5 min (pig bodies ex vivo, multipolar)",
            here=told(told_),
            note="size and shape of their electrode were not read; 10 mm from a single probe "
            "nothing is steady yet"),
    ]  # fmt: skip


def cadaver() -> list[Row]:
    """Case C's vertebra without any flow: what a cadaver would show with this probe."""
    still = [f"{r}perfusion=0" for r in ("", "cortical_", "disc_", "csf_", "fat_", "muscle_")]
    problem = case("C", parameters(still))
    names = ("gap_e5", "gap_z10", "posterior_wall", "canal_fat_mid", "disc")
    answer = ablate(
        problem.probe, problem.tissue, problem.materials, problem.physics, problem.drive,
        moments_s=(300.0,), resolution=problem.resolution,
    )  # fmt: skip
    points = np.array([problem.points[n] for n in names])
    early, late = (f.sampled(points).temperature_degc for f in answer.moments)
    here = {
        n.replace("_", " "): f"{a:.1f} → {b:.1f} °C"
        for n, a, b in zip(names, early, late, strict=True)
    }
    note = (
        "after 5 and 15 min at 85 °C, 10–12 mm from the wall, all bone intact, start at 37 °C; "
        "place of their sensors, time and start are not in what was read"
    )
    return [
        Row(key="val.cadaver.temps", what="Cadaver bodies: maxima with needle and array",
            published="body 50.6 ± 10.5, 61.9 ± 15.4; foramen 46.4 ± 2.5, 52.2 ± 5.6; epidural "
            "46.8 ± 4.7, 49.5 ± 6.5 °C", here=told(here), note=note),
        Row(key="val.cadaver.spinestar", what="Cadaver, bipolar steerable: body near the zone",
            published="46.4 ± 3.3 °C", here=f"10 mm above the gap: {here['gap z10']}", note=note),
    ]  # fmt: skip
