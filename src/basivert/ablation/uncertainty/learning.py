"""The surrogate of one case: solves, what is learnt from them, and how wrong it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from basivert.ablation.uncertainty.design import drawn, moved_by, values
from basivert.ablation.uncertainty.measures import Ruler, measured
from basivert.ablation.uncertainty.model import Mapper, Say, SurrogateError
from basivert.ablation.uncertainty.surrogate import Reduced, jointly, reduced
from basivert.ablation.uncertainty.training import Observed, Solver, Task, asked, degc
from basivert.arrays import Matrix
from basivert.errors import NumericsError

# Coarse solves that the surrogate is made from, and full solves that it is checked with.
RUNS, CHECKS = 64, 4
# Share of training solves that may fail their own check.
MAY_FAIL = 0.1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Solves:
    """Training runs.

    x: (n, factors) standard coordinates.  coarse: (n,).  full: row of `x` → the full solver there.
    failed: coarse runs without an answer.
    """

    x: Matrix
    coarse: tuple[Observed, ...]
    full: Mapping[int, Observed]
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Model:
    """Surrogate: fields by name, with common weights, and scalars.

    apart: check → full minus coarse, the same names.
    """

    fields: Mapping[str, Reduced]
    scalars: Reduced
    apart: Mapping[int, Observed]

    def bias(self, name: str, without: int | None = None) -> np.ndarray:
        """(n³,) mean of full minus coarse over the checks."""
        return np.mean([o.fields[name] for n, o in self.apart.items() if n != without], axis=0)

    def scalar_bias(self, without: int | None = None) -> np.ndarray:
        """(4,) the same for the logarithms of the scalars."""
        return np.mean([o.scalars for n, o in self.apart.items() if n != without], axis=0)


def solved(solver: Solver, seed: int, mapper: Mapper, say: Say) -> Solves:
    """All training runs of a case.

    Raises: NumericsError when more than a tenth of them fail.
    """
    x = drawn(solver.factors, RUNS, seed)[0]
    tasks = [Task(row, True) for row in x[:CHECKS]] + [Task(row, False) for row in x]
    found: list[Observed | None] = []
    for answer in mapper(solver, tasks):
        found.append(answer)
        say(len(found) / len(tasks), f"training solve {len(found)} of {len(tasks)}")
    full, coarse = found[:CHECKS], found[CHECKS:]
    failed = sum(o is None for o in coarse)
    if failed > MAY_FAIL * RUNS:
        raise NumericsError(
            f"{failed} of {RUNS} training solves failed.",
            fix="Solve the planned case alone to see why.",
        )
    kept = [n for n, o in enumerate(coarse) if o is not None]
    checks = {kept.index(n): o for n, o in enumerate(full) if o is not None and n in kept}
    return Solves(
        x=x[kept], coarse=tuple(o for o in coarse if o is not None), full=checks, failed=failed
    )


def learnt(solves: Solves) -> Model:
    """The surrogate that the runs give."""
    runs = solves.coarse
    fields = {name: np.stack([o.fields[name] for o in runs]) for name in runs[0].fields}
    return Model(
        fields=jointly(solves.x, fields),
        scalars=reduced(solves.x, np.stack([o.scalars for o in runs])),
        apart={n: _difference(o, runs[n]) for n, o in solves.full.items()},
    )  # fmt: skip


def _difference(one: Observed, two: Observed) -> Observed:
    return Observed(
        fields={n: v - two.fields[n] for n, v in one.fields.items()},
        scalars=one.scalars - two.scalars, asked_degc=one.asked_degc - two.asked_degc,
        volume_ml=one.volume_ml - two.volume_ml,
    )  # fmt: skip


def surrogate_error(solver: Solver, solves: Solves, model: Model, tool: Ruler) -> SurrogateError:
    """Surrogate against the full solver where neither it nor its bias had seen that draw."""
    degrees: list[np.ndarray] = []
    volume, power = [], []
    rule = solver.endpoints[0]
    for n, true in solves.full.items():
        motion = moved_by(solver.case, values(solver.factors, solves.x[n]))
        told = {
            name: o - model.fields[name].missed[n] + model.bias(name, n)
            for name, o in solves.coarse[n].fields.items()
        }  # fmt: skip
        index = tool.lattice.index(motion.back(asked(solver.case)))
        read = tool.lattice.read(tool.lattice.coefficients(told["temperature"]), index)
        degrees.append(degc(read, solver.case.physics.body_degc) - true.asked_degc)
        size = measured(tool, told[rule.field] - rule.threshold).volume_ml
        volume.append(size / true.volume_ml - 1 if true.volume_ml else 0.0)
        scalars = solves.coarse[n].scalars - model.scalars.missed[n] + model.scalar_bias(n)
        power.append(float(scalars[0] - true.scalars[0]))
    apart = np.array([o.asked_degc for o in model.apart.values()])
    return SurrogateError(
        runs=len(solves.coarse), failed=solves.failed, checks=len(solves.full),
        rms_degc=_rms(np.array(degrees)), largest_degc=float(np.abs(degrees).max()),
        rms_volume=_rms(np.array(volume)), rms_power=_rms(np.array(power)),
        expected_degc=_expected(solver, solves, model, tool), bias_degc=float(apart.mean()),
    )  # fmt: skip


def _expected(solver: Solver, solves: Solves, model: Model, tool: Ruler) -> float:
    """RMS at the case's points of the errors that are added to every sample."""
    index = tool.lattice.index(asked(solver.case))
    true = np.stack([o.fields["temperature"] for o in solves.coarse])
    pair = [true, true - model.fields["temperature"].missed]
    here, told = (
        np.array([tool.lattice.read(row, index) for row in tool.lattice.coefficients(v)])
        for v in pair
    )
    return _rms(degc(told, 0.0) - degc(here, 0.0))


def _rms(values_: np.ndarray) -> float:
    return float(np.sqrt(np.mean(values_**2)))
