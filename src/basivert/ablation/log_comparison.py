"""Where a generator's log and the model that repeats it disagree."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.log import QUANTITIES, GeneratorLog
from basivert.ablation.model import Course
from basivert.arrays import Vector
from basivert.constants.model import Table
from basivert.errors import Finding

# Powers and impedances below this share of the largest say nothing as a ratio.
LEAST_SHARE = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True)
class Disagreement:
    """Log against model in one quantity, over all samples.

    rms, largest: of log − model, in `unit`; power as means over the window of the rules.
    when_s: time of the largest.  ratio: mean of the log over mean of the model.
    """

    quantity: str
    unit: str
    rms: float
    largest: float
    when_s: float
    ratio: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All quantities that the log holds, and what the reader must know."""

    disagreements: tuple[Disagreement, ...]
    findings: tuple[Finding, ...]


def compare(log: GeneratorLog, course: Course, rules: Table) -> Comparison:
    """Hold a log against the display of the model that was driven by it.

    Args:
        log: the log.
        course: of `ablate` with `log.drive`.
        rules: `generator_log`, thresholds of the warnings.
    """
    shown = {
        "temperature": course.sensor_degc, "power": course.power_w,
        "impedance": course.impedance_ohm,
    }  # fmt: skip
    rows: list[Disagreement] = []
    for quantity in QUANTITIES:
        if (recorded := log.recorded(quantity)) is not None:
            model = np.interp(log.time_s, course.time_s, shown[quantity])
            times, one, two = log.time_s, recorded, model
            if quantity == "power":
                times, one, two = _means(
                    log.time_s, recorded, model, rules["disagree.window"].value
                )
            elif quantity == "impedance" and log.power_w is not None:
                on = log.power_w > LEAST_SHARE * log.power_w.max()
                times, one, two = log.time_s[on], recorded[on], model[on]
            if len(times):
                rows.append(_row(quantity, times, one, two))
    findings = [f for row in rows if (f := _finding(row, rules))]
    return Comparison(
        disagreements=tuple(rows), findings=(*findings, *_hot(course, rules), *_warm(log, rules))
    )


def _means(
    time_s: Vector, one: Vector, two: Vector, window_s: float
) -> tuple[Vector, Vector, Vector]:
    """Means over windows of equal length, in time, not in samples."""
    count = max(round(time_s[-1] / window_s), 1)
    borders = np.linspace(0.0, time_s[-1], count + 1)

    def mean(values: Vector) -> Vector:
        total = np.concatenate([[0.0], np.cumsum(np.diff(time_s) * (values[1:] + values[:-1]) / 2)])
        return np.diff(np.interp(borders, time_s, total)) / np.diff(borders)

    return (borders[1:] + borders[:-1]) / 2, mean(one), mean(two)


def _row(quantity: str, times: Vector, log: Vector, model: Vector) -> Disagreement:
    apart = log - model
    worst = int(np.argmax(np.abs(apart)))
    least = LEAST_SHARE * max(float(np.abs(log).max()), 1e-12)
    return Disagreement(
        quantity=quantity, unit=QUANTITIES[quantity], rms=float(np.sqrt(np.mean(apart**2))),
        largest=float(np.abs(apart).max()), when_s=float(times[worst]),
        ratio=float(log.mean() / max(model.mean(), least)),
    )  # fmt: skip


def _finding(row: Disagreement, rules: Table) -> Finding | None:
    limit = rules[f"disagree.{row.quantity}"]
    if row.quantity == "temperature":
        if row.rms <= limit.value:
            return None
        what = f"differ by {row.rms:.1f} °C (root mean square)"
    else:
        if 1 / limit.value <= row.ratio <= limit.value:
            return None
        what = f"differ: the log's mean is {row.ratio:.2f} times the model's"
    return Finding(
        code=f"log-{row.quantity}", severity="caution",
        what=f"The generator's log and the model {what} in {row.quantity}, most at "
        f"{row.when_s:.0f} s ({row.largest:.3g} {row.unit}): the tissue's constants, the probe's "
        "place or the log are not what was assumed.",
        source=limit.source,
    )  # fmt: skip


def _hot(course: Course, rules: Table) -> tuple[Finding, ...]:
    limit = rules["disagree.hottest"]
    hottest = float(course.sensor_degc.max())
    if hottest <= limit.value:
        return ()
    return (Finding(
        code="log-too-hot", severity="stop",
        what=f"Repeating the log heats the sensor to {hottest:.0f} °C in the model, where it no "
        f"longer holds ({limit.value:g} °C): do not use this lesion.", source=limit.source,
    ),)  # fmt: skip


def _warm(log: GeneratorLog, rules: Table) -> tuple[Finding, ...]:
    limit = rules["start.warmest"]
    if log.temperature_degc is None or log.temperature_degc[0] <= limit.value:
        return ()
    return (Finding(
        code="log-starts-warm", severity="caution",
        what=f"The log starts at {log.temperature_degc[0]:.1f} °C: heating before its first sample "
        "is not in the lesion.", source=limit.source,
    ),)  # fmt: skip
