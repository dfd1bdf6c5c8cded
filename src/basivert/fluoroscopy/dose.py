"""How many pictures a sheet asks for, and what dose-area product they may come to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from basivert.constants.model import Constant, Table
from basivert.estimate import Estimate
from basivert.fluoroscopy.model import Dose

LEVEL = 0.95
NEIGHBOURS = {
    "neighbour.positioning": "Fluoroscopy time, devices of vertebral augmentation",
    "neighbour.vertebroplasty": "Fluoroscopy time, vertebroplasty, per level",
    "neighbour.kyphoplasty": "Fluoroscopy time, kyphoplasty, per level",
    "neighbour.two_dimensional": "Dose-area product, vertebroplasty, fluoroscopy alone",
    "neighbour.total": "Dose-area product, vertebroplasty, with 3-D runs",
    "neighbour.vertebra": "Dose-area product, vertebroplasty, per vertebra, with 3-D runs",
    "neighbour.rad_ir": "Dose-area product, vertebroplasty, older practice",
}


def pictures(views: int, repeats: int, table: Table) -> Estimate:
    """Exposures of one step: each of its views, `repeats` times, until it stands and is read."""
    row = table["pictures.per_view"]
    low, _, high = _three(row)
    count = views * repeats
    return Estimate(value=count * row.value, low=count * low, high=count * high, level=LEVEL,
                    unit="1", basis="assumed exposures per wanted view")  # fmt: skip


def dose(steps: Sequence[Estimate], table: Table) -> Dose:
    """Exposures and dose-area product of all steps.

    The ranges of count, time and rate are joined as independent lognormal errors.
    """
    exposures = Estimate(
        value=sum(one.value for one in steps), low=sum(one.low for one in steps),
        high=sum(one.high for one in steps), level=LEVEL, unit="1",
        basis="assumed exposures per wanted view",
    )  # fmt: skip
    time, rate = table["exposure.time"], table["exposure.rate"]
    looks = (exposures.low, exposures.value, exposures.high)
    return Dose(
        exposures=exposures,
        minutes=_product((looks, _three(time), (1 / 60, 1 / 60, 1 / 60)), "min",
                         f"exposures × {time.value:g} s"),
        dose_area_gy_cm2=_product((looks, _three(time), _three(rate)), "Gy·cm²",
                                  f"exposures × {time.value:g} s × {rate.value:g} Gy·cm²/s"),
        neighbours=tuple((what, _said(table[key]), f"{table[key].source} [{table[key].confidence}]")
                         for key, what in NEIGHBOURS.items()),
        basis="No dose of this procedure was published. Estimate from assumed exposures and a rate "
        "of vertebroplasty, to compare plans and machines; not a dose received.",
    )  # fmt: skip


def _product(factors: Sequence[tuple[float, float, float]], unit: str, basis: str) -> Estimate:
    """Product of (low, value, high); errors of the factors are independent and lognormal."""
    value = float(np.prod([middle for _, middle, _ in factors]))
    down = np.sqrt(sum(np.log(middle / low) ** 2 for low, middle, _ in factors))
    up = np.sqrt(sum(np.log(high / middle) ** 2 for _, middle, high in factors))
    return Estimate(value=value, low=float(value * np.exp(-down)), high=float(value * np.exp(up)),
                    level=LEVEL, unit=unit, basis=basis)  # fmt: skip


def _three(row: Constant) -> tuple[float, float, float]:
    return (
        row.value if row.low is None else row.low, row.value,
        row.value if row.high is None else row.high,
    )  # fmt: skip


def _said(row: Constant) -> str:
    spread = f" ± {row.sd:g}" if row.sd is not None else ""
    if row.low is not None and row.high is not None:
        spread = f" ({row.low:g} to {row.high:g})"
    return f"{row.value:g}{spread} {row.unit}"
