"""One burn step by step: field, heat, control, damage and energy."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation import damage, kernels
from basivert.ablation.boiling import steam
from basivert.ablation.field import Field, FieldSolver
from basivert.ablation.generator import Drive
from basivert.ablation.heat import HeatSolver, History, weights
from basivert.ablation.model import Balance, Course, Effort, Physics, Watch
from basivert.ablation.pilot import Given, Window, pilot
from basivert.ablation.problem import Problem
from basivert.ablation.response import response
from basivert.ablation.steps import FIRST_S, next_step
from basivert.errors import NumericsError

BALANCE_LIMIT = 0.005
# Iterations in which nodes that boil must settle, and the share of a step's energy left astray.
BOILING_ROUNDS, ASTRAY = 40, 5e-4
# A watt's answer is needed to this accuracy, °C, at the power of the last step or this one.
ACCURACY_DEGC, LEAST_W = 2e-4, 0.1
# Shortest step, s: a power that jumps more often than this is not followed.
SHORTEST_S = 1e-3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class State:
    """Temperature above the body's and damage on a grid; omega (laws, …)."""

    rise: np.ndarray
    omega: np.ndarray
    cem: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """A step that was solved but not yet accepted."""

    window: Window
    given: Given
    rise: np.ndarray
    flow: np.ndarray
    field: Field

    @property
    def step(self) -> float:
        """Length, s."""
        return self.window.end_s - self.window.start_s


class Run:
    """State of one computation; lives only inside `ablate`."""

    def __init__(
        self, problem: Problem, physics: Physics, drive: Drive, state: State, watch: Watch
    ) -> None:
        """Keep the problem, where it starts and who is told how far it is."""
        self.watch, self.length = watch, drive.duration_s
        self.problem, self.physics = problem, physics
        self.steam = steam(physics.boiling, problem.water, physics.body_degc)
        wet = physics if self.steam else replace(physics, boiling=None)
        self.field, self.heat = FieldSolver(problem, wet), HeatSolver(problem)
        self.history = History(times=(0.0,), rises=(state.rise,))
        self.laws = damage.columns(physics.laws)
        self.omega, self.cem = state.omega.copy(), state.cem.copy()
        names = [law.name for law in physics.laws]
        self.stop_law = names.index(physics.stop_law) if physics.stop_law else None
        self.pilot = pilot(drive, self._hottest(state.rise)[1], self._response)
        self.now: Field | None = None
        self.siemens = 0.0
        self.watt = np.zeros(problem.mesh.shape)
        self.step, self.power = FIRST_S, 0.0
        self.rows: list[np.ndarray] = []
        self.energy, self.rates = np.zeros(3), np.zeros(2)
        self.stored = self._stored(state.rise)
        self.field_sweeps = self.steps = 0

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
            self._restart()

    def _advance(self, step: float) -> None:
        trial = self._solved(step)
        jump = trial.given.end_s
        if jump < trial.window.end_s:
            trial = self._solved(max(jump - trial.window.start_s, SHORTEST_S))
        self._accept(trial)
        if jump < trial.window.start_s + step:
            self._restart()

    def _tell(self) -> None:
        self.watch(min(self.history.times[-1] / self.length, 1.0))

    def _restart(self) -> None:
        self.history, self.step = self.history.restarted(), FIRST_S

    def _solved(self, step: float) -> Trial:
        """Field, heat and power of a step."""
        start = self.history.times[-1]
        self._tell()
        guess = self.history.expected(start + step)
        field = self._field(start + step, guess)
        flow = self.problem.perfusion * self._alive(guess, step)
        if self.steam is None or not self.steam.near(guess):
            return self._linear(step, guess, field, flow)[0]
        for _ in range(BOILING_ROUNDS):
            trial, astray_j = self._linear(step, guess, field, flow)
            if astray_j <= ASTRAY * max(trial.given.energy_j, LEAST_W * step):
                return trial
            guess = self.steam.next(guess, trial.rise)
        if step > 2 * SHORTEST_S:
            return self._solved(step / 2)
        raise NumericsError(
            f"Boiling did not settle at {start + step:.1f} s.",
            fix="Lower the power; report this case if it stays.",
        )

    def _linear(
        self, step: float, guess: np.ndarray, field: Field, flow: np.ndarray
    ) -> tuple[Trial, float]:
        """The step where nodes boil as at `guess`; how far that misses the answer's steam, J."""
        start = self.history.times[-1]
        self._tell()
        rule = weights(self.history, step)
        wet, rises = self.steam, self.history.rises
        added, released = wet.linear(guess, rises, rule) if wet else (0.0, 0.0)
        system = self.heat.system(rule[0], flow + rule[0] * added)
        fine = ACCURACY_DEGC / max(self.power, LEAST_W)
        self.watt = self.heat.solve(system, field.heat / field.conductance, self.watt, fine)
        self._tell()
        carried = self.heat.carried(self.history, step) + released
        idle = self.heat.solve(system, carried, guess - self.power * self.watt)
        read = self._hottest(guess)[0]
        window = Window(
            start_s=start, end_s=start + step, rule=rule, idle=kernels.dot(read, idle),
            gain=kernels.dot(read, self.watt),
            conductance=(self.siemens or field.conductance, field.conductance),
        )  # fmt: skip
        given = self.pilot.given(window)
        rise = idle + given.power_w * self.watt
        trial = Trial(window=window, given=given, rise=rise, flow=flow, field=field)
        return trial, wet.astray(guess, rise) if wet else 0.0

    def _accept(self, trial: Trial) -> None:
        self.pilot.accept(trial.window, trial.given)
        course = self._lately(trial.rise, trial.step)
        damage.add_omega(*course, *self.laws, self.omega.reshape(len(self.omega), -1))
        damage.add_cem43(*course, self.cem.reshape(-1))
        self._account(trial)
        self.step = next_step(self.history, trial.window.end_s, trial.rise, trial.step)
        self.history = self.history.then(trial.window.end_s, trial.rise)
        self.siemens, self.power = trial.field.conductance, trial.given.power_w
        self.rows.append(trial.given.rows)
        self.steps += 1

    def _response(self):
        assert self.now is not None
        source = self.now.heat / self.now.conductance
        sensor = self._hottest(source)[0]
        return response(self.problem, self.heat, source, self.problem.perfusion, sensor)

    def _field(self, time: float, guess: np.ndarray) -> Field:
        if self.now is None or self.physics.sigma_slope:
            self.now = self.field(time, guess)
            self.field_sweeps += self.now.sweeps
        return self.now

    def _alive(self, guess: np.ndarray, step: float) -> np.ndarray:
        if self.stop_law is None:
            return np.ones(self.problem.mesh.shape)
        only = slice(self.stop_law, self.stop_law + 1)
        ahead = self.omega[only].copy()
        frequency, kelvin = self.laws
        damage.add_omega(
            *self._lately(guess, step), frequency[only], kelvin[only], ahead.reshape(1, -1)
        )
        return self.problem.alive(ahead[0])

    def _hottest(self, rise: np.ndarray) -> tuple[np.ndarray, float]:
        """Weights of the sensor that is hottest, and what it reads above the body, °C."""
        reads = [kernels.dot(sensor, rise) for sensor in self.problem.sensors]
        hottest = int(np.argmax(reads))
        return self.problem.sensors[hottest], reads[hottest]

    def _lately(self, rise: np.ndarray, step: float):
        """Three temperatures and two steps, as the damage wants them."""
        times, rises = self.history.times, self.history.rises
        past = times[-1] - times[-2] if len(times) > 1 else 0.0
        before = rises[-2] if len(times) > 1 else rises[-1]
        body = self.physics.body_degc
        return before.ravel(), rises[-1].ravel(), rise.ravel(), past, step, body

    def _account(self, trial: Trial) -> None:
        """Energy given, carried off by blood and conducted out, trapezoid in time."""
        rates = np.array(
            [kernels.dot(trial.flow, trial.rise), kernels.dot(self.problem.rim, trial.rise)]
        )
        before = self.rates if trial.window.rule[2] else rates
        self.energy[0] += trial.given.energy_j
        self.energy[1:] += trial.step * (before + rates) / 2
        self.rates = rates

    def _stored(self, rise: np.ndarray) -> float:
        """Heat above body temperature, steam's included, J."""
        heat = kernels.dot(self.problem.storage, rise)
        return heat if self.steam is None else heat + float(self.steam.stored(rise).sum())

    def course(self) -> Course:
        """The generator's display."""
        time, rise, power, siemens, doing = np.concatenate(self.rows).T
        return Course(
            time_s=time, voltage_v=np.sqrt(power / siemens), power_w=power,
            impedance_ohm=1.0 / siemens, sensor_degc=rise + self.physics.body_degc,
            doing=doing.astype(np.int64),
        )  # fmt: skip

    def balance(self) -> Balance:
        """Where the energy went; raises NumericsError when it does not balance."""
        stored = self._stored(self.history.rises[-1]) - self.stored
        given, perfused, conducted = self.energy
        balance = Balance(
            given_j=float(given), stored_j=stored, perfused_j=float(perfused),
            conducted_j=float(conducted),
        )  # fmt: skip
        if balance.error > BALANCE_LIMIT:
            raise NumericsError(
                f"Energy does not balance: {100 * balance.error:.2f} % of {balance.given_j:.1f} J "
                f"is missing (allowed: {100 * BALANCE_LIMIT} %).",
                fix="Use a finer resolution; report this case if it stays.",
            )
        return balance

    def effort(self) -> Effort:
        """What it took."""
        return Effort(
            nodes=self.problem.storage.size, steps=self.steps,
            field_sweeps=self.field_sweeps, heat_sweeps=self.heat.sweeps,
        )  # fmt: skip
