"""Few distinct plans out of many candidates, with the trade-off visible."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from basivert.arrays import Matrix, Vector
from basivert.geometry.rigid import unit
from basivert.planning.poses import Lines
from basivert.planning.search import Candidates

PLANS_A_SIDE = 3
# How many candidates are tried under errors before the choice.
WORTH_LOOKED_AT, FRONT_LOOKED_AT, USUAL_LOOKED_AT = 24, 12, 12
# Two plans are the same to an operator's hand when both tip and shaft nearly agree.
APART_TIP_MM, APART_SHAFT_DEG = 2.0, 4.0


def front(found: Candidates) -> np.ndarray:
    """Numbers of the candidates that no other beats in both margin and reach."""
    order = np.lexsort((-found.margin_mm, -found.reach))
    best, kept = -np.inf, []
    for number in order:
        if found.margin_mm[number] > best + 1e-9:
            kept.append(number)
            best = found.margin_mm[number]
    return np.array(kept, dtype=int)


def front_points(found: Candidates) -> Matrix:
    """(n, 2) margin mm and reach on the front, safe ones only."""
    which = front(found)
    which = which[found.margin_mm[which] >= 0]
    return np.column_stack([found.margin_mm[which], found.reach[which]])


def shortlist(found: Candidates) -> np.ndarray:
    """Numbers of the safe candidates worth a closer look.

    The worthiest, the whole front, and the worthiest whose introducer stops where it usually does.
    """
    safe = found.margin_mm >= 0
    if not safe.any():
        return np.zeros(0, int)
    best = np.argsort(-np.where(safe, found.worth, -1.0))[: int(safe.sum())]
    on_front = front(found)
    on_front = on_front[safe[on_front]]
    thinned = on_front[:: max(1, len(on_front) // FRONT_LOOKED_AT)]
    usual = best[found.off_mm[best] == 0.0]
    return np.unique(np.concatenate([best[:WORTH_LOOKED_AT], thinned, usual[:USUAL_LOOKED_AT]]))


def distinct(worth: Vector, found: Candidates, apart: Callable[[int, int], bool]) -> list[int]:
    """Up to three plans, worthiest first: the best, then roomiest and best centred if distinct.

    Args:
        worth: (n,) what each candidate is worth under errors; 0 where it is out of the question.
        found: the same candidates.
        apart: whether two candidates, by number, are different to an operator's hand.
    """
    open_ = (worth > 0) & (found.margin_mm >= 0)
    keys = (
        worth,
        found.margin_mm + 2.0 * found.reach,
        found.reach + 0.05 * np.minimum(found.margin_mm, 2.0),
        worth,
    )
    chosen: list[int] = []
    for key in keys:
        for number in np.argsort(-np.where(open_, key, -np.inf))[: int(open_.sum())]:
            if all(apart(int(number), other) for other in chosen):
                chosen.append(int(number))
                break
        if len(chosen) == PLANS_A_SIDE:
            break
    return sorted(chosen, key=lambda number: -worth[number])


def paths_apart(paths: Lines) -> Callable[[int, int], bool]:
    """Two paths differ when tip or shaft do."""

    def apart(one: int, other: int) -> bool:
        tip = np.linalg.norm(paths.curve[one, -1] - paths.curve[other, -1])
        shafts = [unit(paths.shaft[n, -1] - paths.shaft[n, 0]) for n in (one, other)]
        angle = np.degrees(np.arccos(np.clip(shafts[0] @ shafts[1], -1.0, 1.0)))
        return bool(tip >= APART_TIP_MM or angle >= APART_SHAFT_DEG)

    return apart
