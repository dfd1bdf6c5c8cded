"""Curves against time: what the generator shows, and how warm named places get."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from basivert.ablation.control import DONE, IMPEDANCE_STOP, ON, PAUSED, ROLLED_OFF
from basivert.ablation.model import Course
from basivert.ablation.patient.model import Heat
from basivert.ablation.patient.outcome import courses
from basivert.arrays import Codes
from basivert.constants.model import Table
from basivert.report.heat import names
from basivert.report.model import Curve, Panel, Plot

DOING = {
    PAUSED: "pause after roll-off", ROLLED_OFF: "stopped: roll-off",
    IMPEDANCE_STOP: "stopped: impedance", DONE: "power off",
}  # fmt: skip
SECONDS_A_MINUTE = 60.0
# Points that a curve needs on paper; between two of them lowest and highest value are kept.
ON_PAPER = 300


def generator_plot(heat: Heat) -> Plot:
    """Sensor, power, impedance and voltage as the generator would show them."""
    course = heat.course
    shown = _kept(course)
    recorded, setpoints = _recorded(heat), _setpoints(heat)
    rows = (
        ("Sensor, °C", course.sensor_degc, setpoints),
        ("Power, W", course.power_w, ()), ("Impedance, Ω", course.impedance_ohm, ()),
        ("Voltage, V", course.voltage_v, ()),
    )  # fmt: skip
    minutes = course.time_s[shown] / SECONDS_A_MINUTE
    return Plot(
        title="What the generator shows",
        caption=f"{_read_end(course)} Voltage is effective (RMS).",
        x_label="time, min",
        panels=tuple(
            Panel(y_label=label, levels=levels,
                  curves=(Curve(name=label.split(",")[0], x=minutes, y=values[shown]),
                          *recorded.get(label, ())))
            for label, values, levels in rows
        ),
        spans=_spans(heat),
    )  # fmt: skip


def _setpoints(heat: Heat) -> tuple[tuple[float, str], ...]:
    """Lines of the protocol; a log follows none."""
    if heat.setup.log is not None:
        return ()
    found = sorted({drive.burn.setpoint_degc for drive in heat.setup.protocol.drives})
    return tuple((value, f"set-point {value:g}") for value in found)


def _recorded(heat: Heat) -> dict[str, tuple[Curve, ...]]:
    """What the generator's log holds, by panel; nothing without a log."""
    log = heat.setup.log
    if log is None:
        return {}
    found: dict[str, tuple[Curve, ...]] = {}
    kept = np.unique(np.linspace(0, len(log.time_s) - 1, ON_PAPER).astype(int))
    for label, quantity in (("Sensor, °C", "temperature"), ("Power, W", "power"),
                            ("Impedance, Ω", "impedance")):  # fmt: skip
        values = log.recorded(quantity)
        if values is not None:
            found[label] = (Curve(name="log", x=log.time_s[kept] / SECONDS_A_MINUTE,
                                  y=values[kept]),)  # fmt: skip
    return found


def _read_end(course: Course) -> str:
    """Last values with power on."""
    on = np.flatnonzero(course.power_w > 0.0)
    if not len(on):
        return "The generator gave no power."
    n = int(on[-1])
    return (
        f"At the end of heating: sensor {course.sensor_degc[n]:.1f} °C, {course.power_w[n]:.2f} W, "
        f"{course.impedance_ohm[n]:.0f} Ω, {course.voltage_v[n]:.1f} V; highest power "
        f"{course.power_w.max():.2f} W."
    )


def _kept(course: Course) -> Codes:
    """Numbers of samples that keep the look of every curve, ascending."""
    count = len(course.time_s)
    if count <= ON_PAPER:
        return np.arange(count)
    borders = np.linspace(0, count, ON_PAPER // 2 + 1).astype(int)
    found = {0, count - 1}
    for values in (course.sensor_degc, course.power_w):
        for start, end in pairwise(borders.tolist()):
            part = values[start:end]
            found |= {int(start + part.argmin()), int(start + part.argmax())}
    return np.array(sorted(found))


def _spans(heat: Heat) -> tuple[tuple[float, float, str], ...]:
    """What the generator did, minute by minute: ramp, hold, and whatever interrupted them."""
    course = heat.course
    words = np.array([_word(heat, float(t), int(d))
                      for t, d in zip(course.time_s, course.doing, strict=True)])  # fmt: skip
    cuts = np.flatnonzero(words[1:] != words[:-1]) + 1
    starts, ends = np.r_[0, cuts], np.r_[cuts, len(words) - 1]
    return tuple(
        (float(course.time_s[a]) / SECONDS_A_MINUTE, float(course.time_s[b]) / SECONDS_A_MINUTE,
         str(words[a]))
        for a, b in zip(starts, ends, strict=True) if b > a
    )  # fmt: skip


def _word(heat: Heat, time_s: float, doing: int) -> str:
    if heat.setup.log is not None:
        return "as recorded by the generator"
    if doing != ON:
        return DOING[doing]
    drives = heat.setup.protocol.drives
    start = 0.0
    for number, drive in enumerate(drives, start=1):
        if time_s < start + drive.duration_s or number == len(drives):
            part = "ramp" if time_s - start < drive.ramp_s else "hold"
            return part if len(drives) == 1 else f"{part} {number}"
        start += drive.duration_s
    return ""


def places_plot(heat: Heat, damage: Table) -> Plot:
    """Temperature at the hub's centre and at the hottest point of what must be spared."""
    spots = {"Hub centre": heat.setup.vertebra.target.centre}
    last = heat.moments[-1]
    for name, structure in heat.setup.structures.items():
        if structure.kind == "vessel" or name == "canal":
            continue
        hottest = int(last.sampled(structure.points).temperature_degc.argmax())
        spots[names.structure(name)] = structure.points[hottest]
    points = np.array(list(spots.values()))
    body = heat.setup.physics.body_degc
    degc = np.array([np.full(len(points), body), *courses(heat.moments, points)])  # fmt: skip
    minutes = np.array([0.0] + [m.time_s for m in heat.moments]) / SECONDS_A_MINUTE
    curves = tuple(Curve(name=name, x=minutes, y=degc[:, n]) for n, name in enumerate(spots))
    limits = (("nerve, vessel: caution", damage["limit.warn_temperature"]),
              ("nerve, vessel: stop", damage["limit.stop_temperature"]))  # fmt: skip
    return Plot(
        title="Temperature at named places",
        caption="Hub: its most likely place. Others: the point of each that is hottest at the end; "
        "states are kept every minute.",
        x_label="time, min",
        panels=(
            Panel(y_label="Hub, °C", curves=curves[:1]),
            Panel(y_label="Structures at risk, °C", curves=curves[1:],
                  levels=tuple((row.value, f"{words} {row.value:g}") for words, row in limits)),
        ),
        spans=(),
    )  # fmt: skip
