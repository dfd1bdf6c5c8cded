"""The whole course of one burn: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.ablation.body import body
from basivert.ablation.fields import Fields
from basivert.ablation.frame import Frame, frame
from basivert.ablation.generator import Drive, stops
from basivert.ablation.grid import Nodes, Resolution, nodes
from basivert.ablation.model import Balance, Course, Effort, Material, Physics, Probe, TissueMap
from basivert.ablation.run import Run, State


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
    start: Fields | None = None,
) -> Ablation:  # fmt: skip
    """Heat tissue with a probe.

    Args:
        probe: where it lies, LPS mm.
        tissue: (n, 3) points, LPS mm → index into `materials`.
        materials: tissues.
        physics: what holds for all of them.
        drive: voltage, temperature or controller over time.
        moments_s: times of this burn to keep the state at, s; the end is always kept.
        resolution: of the grid.
        start: what an earlier burn has left, there or elsewhere; its clock goes on.

    Raises: InputError for impossible input; NumericsError when a system does not converge or the
        energy does not balance within 0.5 %.
    """
    where, grid = frame(probe, resolution), nodes(probe, resolution)
    problem = body(probe, where, grid, tissue, materials, physics)
    run = Run(problem, physics, drive, _state(where, grid, physics, start))
    begun = 0.0 if start is None else start.time_s
    kept: list[Fields] = []
    wanted = {*moments_s, drive.duration_s}
    for stop in stops(drive, moments_s):
        run.reach(float(stop), fresh=stop in drive.kinks_s)
        if stop in wanted:
            kept.append(_fields(run, where, grid, physics, begun))
    return Ablation(
        moments=tuple(kept), course=run.course(), balance=run.balance(), effort=run.effort()
    )


def _fields(run: Run, where: Frame, grid: Nodes, physics: Physics, begun: float) -> Fields:
    """The state now."""
    names = [law.name for law in physics.laws]
    return Fields(
        time_s=begun + run.history.times[-1], body_degc=physics.body_degc, frame=where, nodes=grid,
        temperature_degc=run.history.rises[-1] + physics.body_degc, log_cem43=np.log(run.cem),
        log_omega=dict(zip(names, np.log(run.omega), strict=True)),
    )  # fmt: skip


def _state(where: Frame, grid: Nodes, physics: Physics, start: Fields | None) -> State:
    """Where a burn starts: at rest, or what another has left, read at the new grid's nodes."""
    shape, laws = grid.shape, physics.laws
    if start is None:
        return State(rise=np.zeros(shape), omega=np.zeros((len(laws), *shape)), cem=np.zeros(shape))
    turn = 2 * np.pi * np.arange(grid.angles) / grid.angles
    places = np.meshgrid(turn, grid.depths, grid.radii, indexing="ij")
    read = start.sampled(where.points(*(p.ravel() for p in places)))
    return State(
        rise=read.temperature_degc.reshape(shape) - physics.body_degc,
        omega=np.stack([read.omega[law.name].reshape(shape) for law in laws]),
        cem=read.cem43_min.reshape(shape),
    )
