"""Virtual patients for the benchmarks: two levels each, drawn with a seed, at two scanners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from basivert.constants.load import builtin
from basivert.phantom.model import VirtualSpine, Wish
from basivert.phantom.render import Scanner, render
from basivert.phantom.spine import make_spine
from basivert.volume.model import Case

SCANNERS = {
    "0.7x0.7x1": ((0.7, 0.7, 1.0), 0.50),
    "1x1x2.5": ((1.0, 1.0, 2.5), 0.60),
}
PAIRS = (("L1", "L2"), ("L2", "L3"), ("L3", "L4"), ("L4", "L5"))


def patients(
    seed: int, numbers: Iterable[int], scanner: str
) -> Iterator[tuple[VirtualSpine, Case]]:
    """The patients with these numbers and their scan; a number gives the same one in any order."""
    spacing, blur = SCANNERS[scanner]
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        spine = _spine(number, rng)
        yield spine, render(spine, Scanner(
            spacing_mm=spacing, blur_mm=blur, noise_hu=15.0,
            turn_deg=float(rng.uniform(-8, 8)), seed=number,
        ))  # fmt: skip


def spine_of(seed: int, number: int) -> VirtualSpine:
    """One of these patients without a scan."""
    return _spine(number, np.random.default_rng([seed, number]))


def _spine(number: int, rng: np.random.Generator) -> VirtualSpine:
    wish = Wish(
        seed=int(rng.integers(2**31)), levels=PAIRS[number % len(PAIRS)],
        scoliosis_deg=float(rng.uniform(0, 20)),
        pedicle_scale=float(rng.choice([0.7, 1.0, 1.0, 1.0])), foramen="mixed",
        sclerosis_hu=float(rng.choice([0.0, 150.0])),
        cancellous_hu=float(rng.uniform(70, 220)), transitional=False,
    )  # fmt: skip
    return make_spine(wish, builtin("morphometry"), builtin("targets"))
