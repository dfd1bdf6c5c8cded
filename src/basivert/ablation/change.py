"""A change of a burn, what is wanted of it, and what comes of it. LPS mm, °C, s."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.guess import held
from basivert.ablation.moves import pushed, roll_motion, rolled, shift
from basivert.ablation.uncertainty.burning import Burnt
from basivert.ablation.uncertainty.design import moved_as
from basivert.ablation.uncertainty.model import Endpoint, HeatCase, Insertion, Limits
from basivert.constants.model import Table
from basivert.errors import InputError


def check_coverage(coverage: float) -> None:
    """Raises InputError for a wanted coverage that is no share above 0."""
    if not 0.0 < coverage <= 1.0:
        raise InputError(f"A coverage of {coverage:g} was wished for.", fix="Give a share up to 1.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What to do differently.

    depth_mm: deeper along each probe's own channel, negative: withdrawn.  roll_deg: about the
    introducer, right-handed looking inwards; after the depth.  hold_s: longer.
    """

    depth_mm: float
    roll_deg: float
    hold_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is wanted: at least `coverage` of the hub's density dead, and `spared` below `limits`.

    endpoint: the rule of death.  spared: names of structures.
    """

    coverage: float
    endpoint: Endpoint
    limits: Limits
    spared: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What a burn does: coverage, and by structure its hottest point, °C, and CEM43, minutes."""

    coverage: float
    peak_degc: Mapping[str, float]
    cem43_min: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Adjustment:
    """A change that serves.

    case: the burn with it.  size: in the units of the table.  now: without any change.
    predicted: by the guess that chose it.  verified: by a full solve of `case`.
    """

    change: Change
    size: float
    case: HeatCase
    now: Reached
    predicted: Reached
    verified: Reached
    solves: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Refusal:
    """No change serves.

    why: in words.  best: the guessed change with the most coverage among those that spare all;
    verified: by a full solve of it.
    """

    why: str
    best: Change
    now: Reached
    verified: Reached
    solves: int


def goal(coverage: float, endpoint: Endpoint, spared: tuple[str, ...], damage: Table) -> Goal:
    """A goal with the limits from which on `damage` asks for caution."""
    limits = Limits(
        degc=damage["limit.warn_temperature"].value, cem43_min=damage["limit.warn_cem43"].value
    )
    return Goal(coverage=coverage, endpoint=endpoint, limits=limits, spared=spared)


def changed_by(case: HeatCase, change: Change) -> HeatCase:
    """The burn with a change."""
    insertions = tuple(_moved(one, change) for one in case.insertions)
    return replace(case, insertions=insertions, drive=held(case.drive, change.hold_s))


def _moved(one: Insertion, change: Change) -> Insertion:
    """A probe along its own course and turned; tines as one along their shaft."""
    if len(one.probes) != 1:
        return moved_as(one, shift(-change.depth_mm * one.shaft))
    probe = one.probes[0]
    turn = roll_motion(probe, one.entry, change.roll_deg)
    return replace(one, probes=(rolled(pushed(probe, change.depth_mm), turn),))


def reached(case: HeatCase, done: Burnt, wish: Goal) -> Reached:
    """What a solved burn does."""
    end, rule = done.final, wish.endpoint
    hub = end.sampled(case.hub)
    doses = {"temperature": done.peaks(case.hub), "cem43": np.log(hub.cem43_min)}
    dose = doses[rule.field] if rule.field in doses else np.log(hub.omega[rule.field])
    parts = {name: case.structures[name] for name in wish.spared}
    return Reached(
        coverage=float(case.hub_weights @ (dose >= rule.threshold)),
        peak_degc={n: float(done.peaks(p).max()) for n, p in parts.items()},
        cem43_min={n: float(end.sampled(p).cem43_min.max()) for n, p in parts.items()},
    )


def fulfilled(found: Reached, wish: Goal) -> bool:
    """Whether it is what was wanted."""
    return found.coverage >= wish.coverage and spares(found, wish)


def spares(found: Reached, wish: Goal) -> bool:
    """Whether all structures stay below their limits."""
    cool = all(t < wish.limits.degc for t in found.peak_degc.values())
    return cool and all(t < wish.limits.cem43_min for t in found.cem43_min.values())
