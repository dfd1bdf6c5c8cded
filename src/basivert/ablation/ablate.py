"""The whole course of one burn: field, heat, control and damage, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.ablation import damage, kernels
from basivert.ablation.body import Body, body
from basivert.ablation.field import Field, FieldSolver
from basivert.ablation.fields import Fields
from basivert.ablation.frame import Frame, frame
from basivert.ablation.generator import Drive, squared_voltage, stops
from basivert.ablation.grid import Resolution, nodes
from basivert.ablation.heat import HeatSolver, History, weights
from basivert.ablation.model import Balance, Course, Effort, Material, Physics, Probe, TissueMap
from basivert.ablation.steps import FIRST_S, next_step
from basivert.errors import NumericsError

BALANCE_LIMIT = 0.005


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ablation:
    """What radiofrequency heating did.

    moments: state at the times asked for, the end last.  course: the generator's display.
    """

    moments: tuple[Fields, ...]
    course: Course
    balance: Balance
    effort: Effort


def ablate(
    probe: Probe, tissue: TissueMap, materials: Sequence[Material], physics: Physics,
    drive: Drive, *, moments_s: tuple[float, ...] = (), resolution: Resolution,
) -> Ablation:  # fmt: skip
    """Heat tissue with a probe.

    Args:
        probe: where it lies, LPS mm.
        tissue: (n, 3) points, LPS mm → index into `materials`.
        materials: tissues.
        physics: what holds for all of them.
        drive: voltage or temperature over time.
        moments_s: times to keep the state at, s; the end is always kept.
        resolution: of the grid.

    Raises: InputError for impossible input; NumericsError when a system does not converge or the
        energy does not balance within 0.5 %.
    """
    where, grid = frame(probe, resolution), nodes(probe, resolution)
    run = _Run(body(probe, where, grid, tissue, materials, physics), where, physics, drive)
    kept: list[Fields] = []
    wanted = {*moments_s, drive.duration_s}
    for stop in stops(drive, moments_s):
        run.reach(float(stop), fresh=stop in drive.kinks_s)
        if stop in wanted:
            kept.append(run.fields())
    return run.result(tuple(kept))


class _Run:
    """State of one computation; lives only inside `ablate`."""

    def __init__(self, problem: Body, where: Frame, physics: Physics, drive: Drive) -> None:
        self.body, self.where, self.physics, self.drive = problem, where, physics, drive
        self.field, self.heat = FieldSolver(problem, physics), HeatSolver(problem)
        shape = problem.nodes.shape
        self.history = History(times=(0.0,), rises=(np.zeros(shape),))
        self.laws = damage.columns(physics.laws)
        self.omega = np.zeros((len(physics.laws), *shape))
        self.cem = np.zeros(shape)
        names = [law.name for law in physics.laws]
        self.stop_law = names.index(physics.stop_law) if physics.stop_law else None
        self.now: Field | None = None
        self.unit = np.zeros(shape)
        self.step = FIRST_S
        self.rows: list[tuple[float, float, float, float]] = []
        self.energy = np.zeros(3)
        self.rates: np.ndarray | None = None
        self.field_sweeps = 0

    def reach(self, stop: float, *, fresh: bool) -> None:
        """March to `stop`; `fresh`: the course bends there, start again with short steps."""
        while self.history.times[-1] < stop - 1e-9:
            left = stop - self.history.times[-1]
            step = (
                left
                if left < 1.3 * self.step
                else min(self.step, left / 2 if left < 2 * self.step else left)
            )
            self._advance(step)
        if fresh:
            self.history, self.step = self.history.restarted(), FIRST_S
            self.rates = None

    def _advance(self, step: float) -> None:
        time = self.history.times[-1] + step
        guess = self.history.expected(time)
        field = self._field(time, guess)
        flow = self.body.perfusion * self._alive(guess, step)
        rate = weights(self.history, step)[0]
        system = self.heat.system(rate, flow)
        volts2 = self.rows[-1][1] ** 2 if self.rows else 0.0
        self.unit = self.heat.solve(system, field.heat, self.unit, 2e-4 / max(volts2, 100.0))
        idle = self.heat.solve(
            system, self.heat.carried(self.history, step), guess - volts2 * self.unit
        )
        read = self.body.sensor
        volts2 = squared_voltage(
            self.drive,
            time,
            kernels.dot(read, idle),
            kernels.dot(read, self.unit),
            field.conductance,
        )
        rise = idle + volts2 * self.unit
        self._damage(rise, step)
        self._account(time, step, volts2, field, flow, rise)
        self.step = next_step(self.history, time, rise, step)
        self.history = self.history.then(time, rise)

    def _field(self, time: float, guess: np.ndarray) -> Field:
        if self.now is None or self.physics.sigma_slope:
            self.now = self.field(time, guess)
            self.field_sweeps += self.now.sweeps
        return self.now

    def _alive(self, guess: np.ndarray, step: float) -> np.ndarray:
        share = np.ones(self.body.nodes.shape)
        if self.stop_law is not None:
            ahead = self.omega.copy()
            self._accumulated(guess, step, ahead, self.cem.copy())
            damage.alive(ahead[self.stop_law], share)
        return share

    def _damage(self, rise: np.ndarray, step: float) -> None:
        self._accumulated(rise, step, self.omega, self.cem)

    def _accumulated(
        self, rise: np.ndarray, step: float, omega: np.ndarray, cem: np.ndarray
    ) -> None:
        times, rises = self.history.times, self.history.rises
        past = times[-1] - times[-2] if len(times) > 1 else 0.0
        before = rises[-2] if len(times) > 1 else rises[-1]
        damage.accumulate(
            before.ravel(), rises[-1].ravel(), rise.ravel(), past, step, self.physics.body_degc,
            *self.laws, omega.reshape(len(omega), -1), cem.reshape(-1),
        )  # fmt: skip

    def _account(
        self,
        time: float,
        step: float,
        volts2: float,
        field: Field,
        flow: np.ndarray,
        rise: np.ndarray,
    ) -> None:
        """Energy given, carried off by blood and conducted out, trapezoid in time."""
        power = field.conductance * volts2
        rates = np.array([power, kernels.dot(flow, rise), kernels.dot(self.body.rim, rise)])
        before = rates if self.rates is None else self.rates
        self.energy += step * (before + rates) / 2
        self.rates = rates
        volts = volts2**0.5
        self.rows.append((time, volts, power, kernels.dot(self.body.sensor, rise)))

    def fields(self) -> Fields:
        """The state now."""
        names = [law.name for law in self.physics.laws]
        return Fields(
            time_s=self.history.times[-1], body_degc=self.physics.body_degc, frame=self.where,
            nodes=self.body.nodes, temperature_degc=self.history.rises[-1] + self.physics.body_degc,
            log_cem43=np.log(self.cem), log_omega=dict(zip(names, np.log(self.omega), strict=True)),
        )  # fmt: skip

    def result(self, moments: tuple[Fields, ...]) -> Ablation:
        """Course, balance and effort; raises when the energy does not balance."""
        time, volts, power, rise = np.array(self.rows).T
        stored = kernels.dot(self.body.storage, self.history.rises[-1])
        balance = Balance(
            given_j=float(self.energy[0]), stored_j=stored, perfused_j=float(self.energy[1]),
            conducted_j=float(self.energy[2]),
        )  # fmt: skip
        if balance.error > BALANCE_LIMIT:
            raise NumericsError(
                f"Energy does not balance: {100 * balance.error:.2f} % of {balance.given_j:.1f} J "
                f"is missing (allowed: {100 * BALANCE_LIMIT} %).",
                fix="Use a finer resolution; report this case if it stays.",
            )
        with np.errstate(divide="ignore", invalid="ignore"):
            impedance = np.where(power > 0, volts**2 / power, np.inf)
        course = Course(
            time_s=time, voltage_v=volts, power_w=power, impedance_ohm=impedance,
            sensor_degc=rise + self.physics.body_degc,
        )  # fmt: skip
        effort = Effort(
            nodes=self.body.storage.size, steps=len(time),
            field_sweeps=self.field_sweeps, heat_sweeps=self.heat.sweeps,
        )  # fmt: skip
        return Ablation(moments=moments, course=course, balance=balance, effort=effort)
