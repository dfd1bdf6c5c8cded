"""What is uncertain about a burn, from the tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from basivert.ablation.generator import (
    Drive,
    FixedVoltage,
    MeasuredPower,
    MeasuredTemperature,
)
from basivert.ablation.protocol import Protocol
from basivert.ablation.uncertainty.design import FIELDS, POSES, belongs
from basivert.ablation.uncertainty.model import Endpoint, Factor, Prior
from basivert.constants.model import Constant, Table
from basivert.planning.robustness import Errors

# Ranges narrower than this ratio are second order and left at their value.
NARROW = 1.1
MARROW = "cancellous"
RULES = ("skin", "cem43", "temperature")
PHYSICS = {"sigma_slope": "sigma_with_temperature.slope", "probe_k_w_mk": "probe.k"}


def prior(
    materials: Sequence[str], tissue: Table, priors: Table, errors: Errors, insertions: int = 1
) -> Prior:
    """All that is uncertain, nothing being known of the patient's marrow.

    Args:
        materials: names of the case's materials; a class of a tissue starts with its name.
        tissue: ranges of constants; a row with `low` and `high` is uncertain between them.
        priors: the table `heat_priors`.
        errors: of an insertion, one SD.
        insertions: one, or the two of a pair; each has errors of its own.

    Assumes: factors independent; within a range each ratio as likely (log-uniform).
    """
    factors: list[Factor] = []
    groups = {key.split(".")[0] for key in tissue.rows}
    for group in sorted(groups):
        if any(belongs(name, group) for name in materials):
            factors += _tissue(group, tissue, priors)
    factors += [_range(f"physics.{name}", tissue[key], 1.0) for name, key in PHYSICS.items()]
    factors += [
        _normal("drive.setpoint", priors["protocol.setpoint"]),
        _normal("endpoint.threshold", priors["threshold.shift"]),
        *(f for group in POSES[:insertions] for f in _pose(group, errors)),
    ]  # fmt: skip
    return Prior(factors=tuple(factors), endpoints=endpoints(priors))


def with_known_marrow(found: Prior, priors: Table) -> Prior:
    """The same where the marrow's flow was set from the patient's age: narrower, about it."""
    name, row = f"{MARROW}.perfusion", priors["perfusion.known"]
    known = _lognormal(name, row)
    return replace(found, factors=tuple(known if f.name == name else f for f in found.factors))


def about_flow(found: Prior, priors: Table, flow_ml_min_kg: float) -> Prior:
    """The same where the materials' own flow of the marrow is another than the tissue table's.

    The range that counts where nothing is known stays the same; factors multiply the materials'.
    """
    name = f"{MARROW}.perfusion"
    whole = _range(name, priors["perfusion.unknown"], flow_ml_min_kg)
    return replace(found, factors=tuple(whole if f.name == name else f for f in found.factors))


def as_treated(found: Prior, drive: Drive | Protocol, priors: Table) -> Prior:
    """The same for a burn that was recorded: what the log knows is no longer uncertain.

    A recorded temperature leaves the sensor's own error, a recorded power that of the meter.
    """
    rest = tuple(f for f in found.factors if f.name != "drive.setpoint")
    if isinstance(drive, MeasuredTemperature):
        return replace(found, factors=(*rest, _normal("drive.sensor", priors["protocol.sensor"])))
    if isinstance(drive, MeasuredPower):
        return replace(found, factors=(*rest, _lognormal("drive.power", priors["protocol.power"])))
    return replace(found, factors=rest) if isinstance(drive, FixedVoltage) else found


def _tissue(group: str, tissue: Table, priors: Table) -> list[Factor]:
    found: list[Factor] = []
    for field in FIELDS:
        name = f"{group}.{field}"
        row = tissue[name]
        if name == f"{MARROW}.perfusion":
            found.append(_range(name, priors["perfusion.unknown"], row.value))
        elif row.low is not None and row.high is not None:
            if row.high > NARROW * row.low:
                found.append(_range(name, row, row.value))
        elif field == "sigma":
            found.append(_lognormal(name, priors["spread.sigma"]))
        elif field == "perfusion" and row.value > 0:
            found.append(_lognormal(name, priors["perfusion.other"]))
        elif field == "c" and group == MARROW:
            found.append(_lognormal(name, priors["spread.c"]))
    return found


def _range(name: str, row: Constant, nominal: float) -> Factor:
    """Log-uniform between the row's ends, as a multiple of `nominal`."""
    low, high = row.low or row.value, row.high or row.value
    return Factor(
        name=name, kind="uniform", middle=math.log(low * high) / 2 - math.log(nominal),
        width=math.log(high / low) / 2, log=True, source=row.source,
    )  # fmt: skip


def _lognormal(name: str, row: Constant) -> Factor:
    return Factor(
        name=name, kind="normal", middle=math.log(row.value), width=row.sd or 0.0, log=True,
        source=row.source,
    )  # fmt: skip


def _normal(name: str, row: Constant) -> Factor:
    return Factor(
        name=name, kind="normal", middle=row.value, width=row.sd or 0.0, log=False,
        source=row.source,
    )  # fmt: skip


def _pose(group: str, errors: Errors) -> list[Factor]:
    """Errors of one insertion; the give of a curve is not rigid and is left out."""
    spread = {"depth": errors.depth_mm, "side": errors.entry_mm, "up": errors.entry_mm,
              "turn": errors.angle_deg, "tilt": errors.angle_deg,
              "roll": errors.roll_deg}  # fmt: skip
    return [
        Factor(name=f"{group}.{n}", kind="normal", middle=0.0, width=sd, log=False,
               source="table errors_model")
        for n, sd in spread.items()
    ]  # fmt: skip


def endpoints(priors: Table) -> tuple[Endpoint, ...]:
    """Rules of death with their weights, the default first."""
    rows = {n: (priors[f"endpoint.{n}.threshold"], priors[f"endpoint.{n}.weight"]) for n in RULES}
    return tuple(
        Endpoint(name=n, field=n, threshold=row.value, spread=row.sd or 0.0,
                 weight=weight.value)
        for n, (row, weight) in rows.items()
    )  # fmt: skip
