"""Few distinct plans out of many candidates, with the trade-off visible."""

from __future__ import annotations

import numpy as np

from basivert.arrays import Matrix
from basivert.geometry.rigid import unit
from basivert.planning.poses import Lines
from basivert.planning.search import Candidates

PLANS_A_SIDE = 3
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


def distinct(found: Candidates, paths: Lines) -> list[int]:
    """Up to three plans, best worth first: balanced, then roomiest and best centred if distinct."""
    safe = found.margin_mm >= 0
    if not safe.any():
        return []
    on_front = front(found)
    on_front = on_front[safe[on_front]]
    keys = (
        np.where(safe, found.worth, -1.0),
        _among(on_front, found.margin_mm + 2.0 * found.reach, len(safe)),
        _among(on_front, found.reach + 0.05 * np.minimum(found.margin_mm, 2.0), len(safe)),
        np.where(safe, found.worth, -1.0),
    )
    chosen: list[int] = []
    for key in keys:
        for number in np.argsort(-key)[:400]:
            if key[number] > 0 and all(_apart(paths, int(number), other) for other in chosen):
                chosen.append(int(number))
                break
        if len(chosen) == PLANS_A_SIDE:
            break
    return sorted(chosen, key=lambda number: -found.worth[number])


def _among(which: np.ndarray, key: np.ndarray, count: int) -> np.ndarray:
    only = np.full(count, -1.0)
    only[which] = key[which]
    return only


def _apart(paths: Lines, one: int, other: int) -> bool:
    tip = np.linalg.norm(paths.curve[one, -1] - paths.curve[other, -1])
    shafts = [unit(paths.shaft[n, -1] - paths.shaft[n, 0]) for n in (one, other)]
    angle = np.degrees(np.arccos(np.clip(shafts[0] @ shafts[1], -1.0, 1.0)))
    return bool(tip >= APART_TIP_MM or angle >= APART_SHAFT_DEG)
