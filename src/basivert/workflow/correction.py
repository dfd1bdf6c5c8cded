"""The smallest change of a tool in bone that brings it within its limits, checked by redoing it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.constants.model import Table
from basivert.geometry.curves import segment_distance
from basivert.instruments.model import Instrument
from basivert.planning.margins import NAMES, Around, around, wall_distances_mm
from basivert.planning.model import Path
from basivert.workflow.curve_as_inserted import bend_of, towards, with_curve, wrapped_deg

STEP_MM = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """How a tool stands.

    margins_mm: wall → least bone beside introducer and curve; negative: through it.
    to_hub_mm: from the heating zone to the nerve's hub.
    """

    margins_mm: Mapping[str, float]
    to_hub_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a tool must keep.

    margins_mm: wall → least bone: the general limit, or the plan's own where that is less.
    to_hub_mm: at most, from the heating zone to the hub.
    """

    margins_mm: Mapping[str, float]
    to_hub_mm: float

    def broken(self, stand: Stand) -> list[str]:
        """Which limits a tool does not keep, walls first; "hub" for the target."""
        walls = [w for w, least in self.margins_mm.items() if stand.margins_mm[w] < least]
        return [*walls, *(["hub"] if stand.to_hub_mm > self.to_hub_mm else [])]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Correction:
    """A change and what it leads to.

    deeper_mm: along the shaft, negative: withdrawn.  roll_deg: change, + from medial to cranial.
    deployed_mm: looks out after it; more_mm: change of that.
    words: what the hand does.  path: after it.  stand: of that path, computed anew.
    """

    deeper_mm: float
    roll_deg: float
    more_mm: float
    deployed_mm: float
    words: str
    path: Path
    stand: Stand


def standing(near: Around, path: Path) -> Stand:
    """Margins and distance to the hub of a path."""
    some = np.unique(np.append(np.arange(0, len(path.centre_line), 4), len(path.centre_line) - 1))
    free = wall_distances_mm(near, path.centre_line[some])
    hub = near.vertebra.target.centre
    return Stand(
        margins_mm={NAMES[wall]: float((value - path.radius_mm[some]).min())
                    for wall, value in free.items() if wall in NAMES},
        to_hub_mm=float(segment_distance(hub[None], path.active[0], path.active[1])[0]),
    )  # fmt: skip


def limits(near: Around, plan: Path, table: Table, change: Table) -> Limits:
    """Limits of a plan: it keeps them itself.

    Args:
        table: `registration`, row insertion.good_hub.  change: `adjustment`, row margin.free.
    """
    own = standing(near, plan)
    free = change["margin.free"].value
    return Limits(
        margins_mm={wall: min(free, value) - 1e-6 for wall, value in own.margins_mm.items()},
        to_hub_mm=own.to_hub_mm + table["insertion.good_hub"].value,
    )


def correction(
    vertebra: Vertebra, path: Path, instrument: Instrument, asked: Limits, change: Table
) -> Correction | None:  # fmt: skip
    """The smallest change after which all limits are kept, or None.

    Args:
        path: as the tool lies, its roll, deployment and radius as measured.
        change: `adjustment`: size of a change, its steps and how far it may go.
    """
    near = around(vertebra, {})
    for deeper, roll, more in _changes(path, instrument, change):
        other = _changed(vertebra, path, instrument, deeper, roll, more)
        away = segment_distance(vertebra.target.centre[None], *other.active)[0]
        if float(away) > asked.to_hub_mm:
            continue
        stand = standing(near, other)
        if not asked.broken(stand):
            return Correction(
                deeper_mm=deeper, roll_deg=roll, more_mm=more, deployed_mm=other.deployment_mm,
                words=_words(path, deeper, roll, other.deployment_mm, more), path=other,
                stand=stand,
            )  # fmt: skip
    return None


def _changes(
    path: Path, instrument: Instrument, change: Table
) -> Iterator[tuple[float, float, float]]:
    """Changes of depth (mm), roll (degrees) and deployment (mm), smallest first."""
    step, turn = change["step.depth"].value, change["step.roll"].value
    back, ahead = change["largest.withdrawal"].value, change["largest.deeper"].value
    deeper = np.arange(-back, ahead + step / 2, step)
    largest = change["largest.roll"].value
    roll = np.arange(-largest, largest + turn / 2, turn)
    low, high = (one.value for one in instrument.curve_reach_mm)
    more = np.arange(-back, ahead + STEP_MM / 2, STEP_MM)
    out = path.deployment_mm + more
    more = more[((out >= low) & (out <= high)) | (more == 0.0)]
    d, r, m = (one.ravel() for one in np.meshgrid(deeper, roll, more, indexing="ij"))
    size = (np.abs(d) + np.abs(m)) / change["unit.depth"].value + np.abs(r) / change[
        "unit.roll"
    ].value
    # Of changes alike in size the one that turns fewer knobs comes first.
    knobs = (d != 0.0).astype(int) + (r != 0.0) + (m != 0.0)
    for n in np.lexsort((knobs, np.round(size, 6))):
        yield float(d[n]), float(r[n]), float(m[n])


def _changed(
    vertebra: Vertebra, path: Path, instrument: Instrument, deeper: float, roll: float, more: float
) -> Path:
    """The path after a change; its shaft stays in its channel."""
    start = path.curve_start + deeper * path.axis
    now = wrapped_deg(path.roll_deg + roll)
    bend = bend_of(vertebra, path, path.axis, now)
    other = replace(path, curve_start=start, roll_deg=now)
    radius = np.inf if path.bend_radius_mm is None else path.bend_radius_mm
    return with_curve(other, instrument, bend, path.deployment_mm + more, radius)


def _words(path: Path, deeper: float, roll: float, deployed: float, more: float) -> str:
    """What the hand does, in the order in which it is done."""
    said = list[str]()
    if deeper != 0.0:
        said.append(f"{'advance' if deeper > 0 else 'withdraw'} {abs(deeper):g} mm")
    if roll != 0.0:
        said.append(f"roll {abs(roll):g}° {towards(path.roll_deg, roll)}")
    if more != 0.0:
        said.append(f"deploy {deployed:.0f} mm ({more:+.0f} mm)")
    return ", ".join(said)
