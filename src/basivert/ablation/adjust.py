"""The smallest change of depth, roll or hold that reaches the nerve and spares what is near.

The heat of one solve is carried along with the probe to guess what other poses do, for every hold
at once; the smallest change that seems to serve is solved in full. Where the guess was wrong the
new solve joins those guessed from, and the search goes on. Only what a full solve of exactly the
changed burn has confirmed is given as an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import product

import numpy as np

from basivert.ablation.change import (
    Adjustment,
    Change,
    Goal,
    Reached,
    Refusal,
    changed_by,
    check_coverage,
    fulfilled,
    reached,
    spares,
)
from basivert.ablation.guess import Guess, guess, hold_s, motion
from basivert.ablation.model import Probe, Watch, unwatched
from basivert.ablation.moves import is_straight
from basivert.ablation.uncertainty.burning import burnt
from basivert.ablation.uncertainty.model import HeatCase
from basivert.constants.model import Table
from basivert.errors import InputError

# Guesses that are checked by a full solve before the search gives up.
ROUNDS = 8


def adjusted(
    case: HeatCase,
    wish: Goal,
    table: Table,
    clear: Callable[[Probe], float],
    watch: Watch = unwatched,
) -> Adjustment | Refusal:
    """The smallest change of a burn that fulfils a wish.

    Args:
        case: the burn as planned, one burn with a set-point.
        wish: coverage and what must be spared.
        table: `adjustment`: size of a change, how far it may go, in which steps.
        clear: free margin around a probe's course, mm; asked where a probe leaves its channel,
            that is for all poses but those that only draw it back.
        watch: told of every solve's course, each from 0 to 1; may raise `Cancelled`.

    Raises: InputError for a drive without a hold, a structure that the case lacks, or a coverage
        that is no share; as the solver.
    """
    _check(case, wish)
    search = _Search(case=case, wish=wish, table=table, clear=clear, watch=watch)
    now = reached(case, burnt(case, watch), wish)
    if fulfilled(now, wish):
        nothing = Change(depth_mm=0.0, roll_deg=0.0, hold_s=0.0)
        return Adjustment(change=nothing, size=0.0, case=case, now=now, predicted=now,
                          verified=now, solves=1)  # fmt: skip
    return search.run(now)


def _check(case: HeatCase, wish: Goal) -> None:
    check_coverage(wish.coverage)
    if lacking := sorted(set(wish.spared) - set(case.structures)):
        raise InputError(
            f"The case has no structure {', '.join(lacking)}.",
            fix=f"Known: {', '.join(case.structures)}.",
        )
    hold_s(case.drive)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Search:
    """One search; `poses` are (depth, roll) in the order of their share of the size."""

    case: HeatCase
    wish: Goal
    table: Table
    clear: Callable[[Probe], float]
    watch: Watch

    def run(self, now: Reached) -> Adjustment | Refusal:
        """Guess, solve, and guess again until the smallest guess is confirmed."""
        known = [self._solved(0.0, 0.0)]
        denied: set[Change] = set()
        for solves in range(3, 3 + 2 * ROUNDS, 2):
            found = self._smallest(known, denied)
            if found is None:
                break
            change, told = found
            there = changed_by(self.case, change)
            true = reached(there, burnt(there, self.watch), self.wish)
            if fulfilled(true, self.wish):
                return Adjustment(change=change, size=self.size(change), case=there, now=now,
                                  predicted=told, verified=true, solves=solves)  # fmt: skip
            denied.add(change)
            known.append(self._solved(change.depth_mm, change.roll_deg))
        return self._refused(known, now)

    def _refused(self, known: list[Guess], now: Reached) -> Refusal:
        """What comes nearest to the wish: most coverage with all spared, or else nothing done."""
        best, most = Change(depth_mm=0.0, roll_deg=0.0, hold_s=0.0), -1.0
        for pose in self._poses():
            for change, told in self._tried(known, *pose, 0.0):
                if told.coverage > most and spares(told, self.wish) and self._free(*pose):
                    best, most = change, told.coverage
        there = changed_by(self.case, best)
        true = reached(there, burnt(there, self.watch), self.wish)
        return Refusal(why=self._why(most, true), best=best, now=now, verified=true,
                       solves=2 + 2 * (len(known) - 1) + 1)  # fmt: skip

    def _why(self, most: float, true: Reached) -> str:
        row = self.table
        reach = (
            f"No change up to {row['largest.deeper'].value:g} mm deeper, "
            f"{row['largest.withdrawal'].value:g} mm back, {row['largest.roll'].value:g}° of roll, "
            f"{row['largest.shorter'].value:g} s shorter or {row['largest.longer'].value:g} s "
            "longer that leaves enough bone around the probe "
        )
        if most < 0.0:
            return reach + f"keeps {', '.join(self.wish.spared)} below the limits."
        return reach + (
            f"covers {self.wish.coverage:.0%} of the hub's density and spares "
            f"{', '.join(self.wish.spared) or 'all'}; the most is {true.coverage:.0%}."
        )

    def size(self, change: Change) -> float:
        """Size of a change in the table's units."""
        unit = self.table
        return (
            abs(change.depth_mm) / unit["unit.depth"].value
            + abs(change.roll_deg) / unit["unit.roll"].value
            + abs(change.hold_s) / unit["unit.hold"].value
        )

    def _solved(self, depth_mm: float, roll_deg: float) -> Guess:
        probes = changed_by(
            self.case, Change(depth_mm=depth_mm, roll_deg=roll_deg, hold_s=0.0)
        ).probes
        field = self.wish.endpoint.field
        return guess(self.case, probes, self._holds(), field, depth_mm, roll_deg, self.watch)

    def _holds(self) -> np.ndarray:
        """Changes of the hold, s, ascending; some hold is left."""
        row, own = self.table, hold_s(self.case.drive)
        step = row["step.hold"].value
        first = -int(min(row["largest.shorter"].value, own - step) / step)
        return step * np.arange(min(first, 0), int(row["largest.longer"].value / step) + 1)

    def _poses(self) -> list[tuple[float, float]]:
        row = self.table
        steps = row["step.depth"].value, row["step.roll"].value
        back, far = row["largest.withdrawal"].value, row["largest.deeper"].value
        depths = steps[0] * np.arange(-int(back / steps[0]), int(far / steps[0]) + 1)
        turns = int(row["largest.roll"].value / steps[1])
        straight = len(self.case.insertions) > 1 or all(map(is_straight, self.case.probes))
        rolls = np.zeros(1) if straight else steps[1] * np.arange(-turns, turns + 1)
        poses = [(float(d), float(r)) for d, r in product(depths, rolls)]
        return sorted(poses, key=lambda p: self._pose_size(*p))

    def _pose_size(self, depth_mm: float, roll_deg: float) -> float:
        return self.size(Change(depth_mm=depth_mm, roll_deg=roll_deg, hold_s=0.0))

    def _nearest(self, known: list[Guess], depth_mm: float, roll_deg: float) -> Guess:
        return min(
            known, key=lambda g: self._pose_size(g.depth_mm - depth_mm, g.roll_deg - roll_deg)
        )

    def _free(self, depth_mm: float, roll_deg: float) -> bool:
        """Whether a probe may go there: back along its channel always, elsewhere if clear."""
        try:
            probes = changed_by(
                self.case, Change(depth_mm=depth_mm, roll_deg=roll_deg, hold_s=0.0)
            ).probes
        except InputError:
            return False
        inside = depth_mm <= 0.0 and roll_deg == 0.0
        return inside or min(map(self.clear, probes)) >= self.table["margin.free"].value

    def _smallest(self, known: list[Guess], denied: set[Change]) -> tuple[Change, Reached] | None:
        """The smallest change that should serve, by the nearest solve."""
        best: tuple[Change, Reached] | None = None
        least = np.inf
        for depth, roll in self._poses():
            if self._pose_size(depth, roll) >= least:
                break
            for change, told in self._tried(known, depth, roll, self.wish.coverage):
                size = self.size(change)
                if size >= least or change in denied or not fulfilled(told, self.wish):
                    continue
                if self._free(depth, roll):
                    best, least = (change, told), size
        return best

    def _tried(
        self, known: list[Guess], depth: float, roll: float, least: float
    ) -> list[tuple[Change, Reached]]:
        """All holds at one pose with at least some coverage, as guessed."""
        near = self._nearest(known, depth, roll)
        moved = motion(self.case, depth, roll)
        hub = near.dead(self.case.hub, moved, self.wish.endpoint)
        covers = hub @ self.case.hub_weights
        if covers.max() < least:
            return []
        doses = {n: near.doses(self.case.structures[n], moved) for n in self.wish.spared}
        return [
            (
                Change(depth_mm=depth, roll_deg=roll, hold_s=float(hold)),
                Reached(
                    coverage=float(covers[n]),
                    peak_degc={s: float(d[0][n]) for s, d in doses.items()},
                    cem43_min={s: float(d[1][n]) for s, d in doses.items()},
                ),
            )
            for n, hold in enumerate(self._holds())
            if covers[n] >= least
        ]
