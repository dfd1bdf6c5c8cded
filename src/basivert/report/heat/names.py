"""Words for structures, endpoints, laws and inputs."""

from __future__ import annotations

import math

from basivert.ablation.uncertainty.model import Endpoint
from basivert.estimate import Estimate

STRUCTURES = {
    "posterior_wall": "Posterior wall",
    "outer_wall": "Front and side walls of the body",
    "upper_endplate": "Upper endplate",
    "lower_endplate": "Lower endplate",
    "canal": "Canal, bony border",
    "dura": "Dura",
    "root_left": "Left nerve root",
    "root_right": "Right nerve root",
    "foramen_left_below": "Left foramen below, this vertebra's bony border",
    "foramen_right_below": "Right foramen below, this vertebra's bony border",
    "foramen_left_above": "Left foramen above, this vertebra's bony border",
    "foramen_right_above": "Right foramen above, this vertebra's bony border",
    "aorta": "Aorta",
    "vena_cava": "Vena cava",
}

RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

PARTS = {
    "sigma": "electric conductivity",
    "k": "heat conductivity",
    "c": "heat capacity",
    "perfusion": "blood flow",
}

TISSUES = {
    "csf": "Fluid in the canal", "cancellous": "Cancellous bone", "cortical": "Cortical bone",
    "vein": "Veins", "vessel": "Great vessels",
}  # fmt: skip

INPUTS = {
    "physics.sigma_slope": "Rise of conductivity with temperature",
    "physics.probe_k_w_mk": "Heat conductivity of the probe",
    "drive.setpoint": "Temperature really reached at the sensor",
    "endpoint.threshold": "Threshold of the endpoint",
    "endpoint.choice": "Which endpoint is true",
    "pose.depth": "Depth of the tip",
    "pose.side": "Entry, left–right",
    "pose.up": "Entry, up–down",
    "pose.roll": "Roll of the curve",
    "pose.turn": "Angle in the axial plane",
    "pose.tilt": "Angle in the sagittal plane",
    "partner.depth": "Depth of the second tip",
    "partner.side": "Second entry, left–right",
    "partner.up": "Second entry, up–down",
    "partner.roll": "Roll of the second probe",
    "partner.turn": "Second probe's angle in the axial plane",
    "partner.tilt": "Second probe's angle in the sagittal plane",
}


def structure(name: str) -> str:
    """Like `Dura`."""
    return STRUCTURES.get(name, name.replace("_", " ").capitalize())


def factor(name: str) -> str:
    """What an uncertain input is, in words."""
    if name in INPUTS:
        return INPUTS[name]
    tissue, _, part = name.partition(".")
    return f"{TISSUES.get(tissue, tissue.capitalize())}, {PARTS.get(part, part)}"


def endpoint(rule: Endpoint) -> str:
    """The rule with its threshold."""
    if rule.field == "temperature":
        return f"{rule.threshold:g} °C at the end"
    if rule.field == "cem43":
        return f"CEM43 ≥ {math.exp(rule.threshold):.0f} min"
    return f"Arrhenius {rule.field}, Ω ≥ {math.exp(rule.threshold):.2g}"


def interval(estimate: Estimate, digits: int) -> str:
    """Like `90 %: 1.1 to 2.6`."""
    return f"{100 * estimate.level:.0f} %: {estimate.low:.{digits}f} to {estimate.high:.{digits}f}"


def significant(value: float) -> str:
    """Three digits, no exponent where it can be read without."""
    if value == 0.0 or 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 1000 else f"{value:,.0f}".replace(",", "\u202f")
    mantissa, exponent = f"{value:.1e}".split("e")
    return f"{mantissa} × 10" + str(int(exponent)).translate(RAISED)


def unit(text: str) -> str:
    """A unit as people write it."""
    return {"degC": "°C", "1": "", "ohm": "Ω", "W/degC": "W/°C", "W/degC/s": "W/°C/s",
            "V/degC": "V/°C", "V/degC/s": "V/°C/s", "degC/s": "°C/s", "kg/m3": "kg/m³",
            "J/m3/K": "J/m³/K", "mL/min/kg": "ml/min/kg", "deg": "°"}.get(text, text)  # fmt: skip
