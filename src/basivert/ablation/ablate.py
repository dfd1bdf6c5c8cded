"""The whole course of one burn: what goes in, what comes out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from basivert.ablation.body import body
from basivert.ablation.cells.problem import cells
from basivert.ablation.cells.size import CellSize
from basivert.ablation.fields import Fields
from basivert.ablation.frame import frame
from basivert.ablation.generator import Drive, stops
from basivert.ablation.grid import Resolution, nodes
from basivert.ablation.mesh import Mesh
from basivert.ablation.model import (
    Balance,
    Ball,
    Course,
    Effort,
    Material,
    Physics,
    TissueMap,
    Tool,
    Watch,
    unwatched,
)
from basivert.ablation.problem import Problem
from basivert.ablation.run import Run, State
from basivert.errors import InputError

# Electrode ends of the patient's grid, mm; on a coarser general grid all spacings follow.
USUAL_EDGE_MM = 0.25
FEWEST_ANGLES, STEEPEST = 6, 0.8


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
    probes: Tool | Sequence[Tool], tissue: TissueMap, materials: Sequence[Material],
    physics: Physics, drive: Drive, *, moments_s: tuple[float, ...] = (),
    resolution: Resolution | CellSize, start: Fields | None = None, watch: Watch = unwatched,
) -> Ablation:  # fmt: skip
    """Heat tissue with a probe, or with several at once.

    One probe with electrodes of two potentials is solved on the grid fitted to it; several, a ball,
    or a probe whose return is far away on the general grid (`cells`), and so is a single probe
    where `resolution` is a `CellSize`. The hottest sensor counts.

    Args:
        probes: where they lie, LPS mm. If all electrodes have one potential, the outer boundary is
            the return electrode, at 0.
        tissue: (n, 3) points, LPS mm → index into `materials`.
        materials: tissues.
        physics: what holds for all of them.
        drive: voltage, temperature or controller over time.
        moments_s: times of this burn to keep the state at, s; the end is always kept.
        resolution: of the grid; the general grid takes the reach and the spacing at electrode ends
            from a `Resolution`.
        start: what an earlier burn has left, there or elsewhere; its clock goes on.
        watch: told the share of the burn done; may raise `Cancelled`.

    Raises: InputError for impossible input; NumericsError when a system does not converge or the
        energy does not balance within 0.5 %.
    """
    tools = tuple(probes) if isinstance(probes, Sequence) else (probes,)
    problem = posed(tools, tissue, materials, physics, resolution, watch)
    run = Run(problem, physics, drive, _state(problem.mesh, physics, start), watch)
    begun = 0.0 if start is None else start.time_s
    kept: list[Fields] = []
    wanted = {*moments_s, drive.duration_s}
    for stop in stops(drive, moments_s):
        run.reach(float(stop), fresh=stop in drive.kinks_s)
        if stop in wanted:
            kept.append(_fields(run, problem.mesh, physics, begun))
    return Ablation(
        moments=tuple(kept), course=run.course(), balance=run.balance(), effort=run.effort()
    )


def posed(
    tools: Sequence[Tool], tissue: TissueMap, materials: Sequence[Material], physics: Physics,
    resolution: Resolution | CellSize, watch: Watch = unwatched,
) -> Problem:  # fmt: skip
    """The problem on the grid that suits it (see `ablate`)."""
    if not tools:
        raise InputError("There is nothing to heat with.", fix="Give at least one probe.")
    if isinstance(resolution, CellSize):
        return cells(tools, resolution, tissue, materials, physics, watch)
    first, *others = tools
    if others or isinstance(first, Ball) or len({e.potential for e in first.electrodes}) < 2:
        return cells(tools, sizes(resolution), tissue, materials, physics, watch)
    where = frame(first, resolution)
    return body(first, where, nodes(first, resolution), tissue, materials, physics)


def sizes(resolution: Resolution) -> CellSize:
    """Spacings of the general grid that match those of the fitted one.

    An edge coarser than the usual one makes all others coarser with it.
    """
    usual = CellSize()
    wide = max(resolution.edge_mm / USUAL_EDGE_MM, 1.0)
    return CellSize(
        edge_mm=resolution.edge_mm, reach_mm=resolution.reach_mm, share=usual.share * wide,
        growth=usual.growth**wide, growth_along=usual.growth_along**wide,
        inside_mm=usual.inside_mm * wide, angles=max(int(usual.angles / wide), FEWEST_ANGLES),
        slope=usual.slope * wide, slope_aside=min(usual.slope_aside * wide, STEEPEST),
        middle_mm=usual.middle_mm * wide, largest_mm=usual.largest_mm * wide,
        along_mm=usual.along_mm * wide,
    )  # fmt: skip


def _fields(run: Run, mesh: Mesh, physics: Physics, begun: float) -> Fields:
    """The state now."""
    names = [law.name for law in physics.laws]
    return Fields(
        time_s=begun + run.history.times[-1], body_degc=physics.body_degc, mesh=mesh,
        temperature_degc=run.history.rises[-1] + physics.body_degc, log_cem43=np.log(run.cem),
        log_omega=dict(zip(names, np.log(run.omega), strict=True)),
    )  # fmt: skip


def _state(mesh: Mesh, physics: Physics, start: Fields | None) -> State:
    """Where a burn starts: at rest, or what another has left, read at the new grid's nodes."""
    shape, laws = mesh.shape, physics.laws
    if start is None:
        return State(rise=np.zeros(shape), omega=np.zeros((len(laws), *shape)), cem=np.zeros(shape))
    read = start.sampled(mesh.places)
    return State(
        rise=read.temperature_degc.reshape(shape) - physics.body_degc,
        omega=np.stack([read.omega[law.name].reshape(shape) for law in laws]),
        cem=read.cem43_min.reshape(shape),
    )
