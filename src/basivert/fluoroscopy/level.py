"""Is it the right level? The neighbours' bones are tried at the place that was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from basivert.constants.model import Table
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import FINALIST_TRIES, Bone, Registered, fine, roughly
from basivert.fluoroscopy.search import THREADS, polished


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelCheck:
    """Which bone fits the place best.

    evidence: level → evidence of its bone there, the expected one included.
    expected: the level that was looked for.
    """

    expected: str
    evidence: Mapping[str, float]

    @property
    def best(self) -> str:
        """The level whose bone fits the place best."""
        return max(self.evidence, key=lambda level: self.evidence[level])

    @property
    def lead(self) -> float:
        """By which share the expected level beats the best other one; negative: it does not."""
        others = [value for level, value in self.evidence.items() if level != self.expected]
        own = self.evidence[self.expected]
        return 1.0 - max(others, default=0.0) / own if own > 0.0 else -1.0


def level_check(
    found: Registered, bone: Bone, neighbours: Sequence[Bone], frames: Sequence[Frame],
    table: Table, rng: np.random.Generator,
) -> LevelCheck:  # fmt: skip
    """Try the bones of other levels where `bone` was found.

    Few turns are tried: vertebrae next to each other stand alike.

    Args:
        neighbours: usually the levels above and below.
    """

    def there(other: Bone, own: np.random.Generator) -> float:
        start = np.eye(4)
        start[:3, 3] = bone.fine.centre - other.fine.centre
        near = roughly(other, frames, found.room_from_ct @ start, table, own).pose
        return polished(fine(other, frames, near, table), near, FINALIST_TRIES).evidence

    with ThreadPoolExecutor(THREADS) as pool:
        evidence = list(pool.map(there, neighbours, rng.spawn(len(neighbours))))
    others = {one.name: value for one, value in zip(neighbours, evidence, strict=True)}
    return LevelCheck(expected=bone.name, evidence={bone.name: found.evidence, **others})
