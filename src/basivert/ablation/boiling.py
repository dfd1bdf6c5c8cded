"""Water that boils: what a node takes up near 100 °C, and what its conductivity loses.

The heat of evaporation is spread over a small interval of temperature, so that energy is a
function of temperature; steam condenses again where tissue cools and goes nowhere else (an
assumption: real steam moves).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Below the interval by this much nothing has to be iterated, °C.
NEAR_DEGC = 2.0
# Nodes that an iterate moves into an interval or out of it lie this far beyond its end, °C.
BEYOND_DEGC = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Boiling:
    """The interval in which water boils.

    latent_j_kg: of water.  dry_share: conductivity of dried tissue relative to wet.
    """

    start_degc: float
    end_degc: float
    latent_j_kg: float
    dry_share: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Steam:
    """Boiling on one grid, in °C above the body's.

    latent: J that each node takes up between `start` and `end`.
    """

    latent: np.ndarray
    start: float
    end: float

    def share(self, rise: np.ndarray) -> np.ndarray:
        """Of the water that is steam."""
        return np.clip((rise - self.start) / (self.end - self.start), 0.0, 1.0)

    def near(self, rise: np.ndarray) -> bool:
        """Whether any node may boil."""
        return bool(rise.max() > self.start - NEAR_DEGC)

    def stored(self, rise: np.ndarray) -> np.ndarray:
        """J in steam."""
        return self.latent * self.share(rise)

    def capacity(self, rise: np.ndarray) -> np.ndarray:
        """J/K that boiling adds at these temperatures."""
        within = (rise > self.start) & (rise < self.end)
        return np.where(within, self.latent / (self.end - self.start), 0.0)

    def linear(
        self, guess: np.ndarray, rises: tuple[np.ndarray, ...], rule: tuple[float, float, float]
    ) -> tuple[np.ndarray, np.ndarray]:
        """What boiling as at `guess` adds to the storage, J/K, and to the right-hand side, W.

        rises: the last times' (newest last).  rule: weights of the backward difference.
        """
        added = self.capacity(guess)
        past = rule[1] * self.stored(rises[-1])
        if rule[2]:
            past = past - rule[2] * self.stored(rises[-2])
        return added, past - rule[0] * (self.stored(guess) - added * guess)

    def astray(self, guess: np.ndarray, rise: np.ndarray) -> float:
        """J by which the steam at `rise` differs from the line through that at `guess`."""
        line = self.stored(guess) + self.capacity(guess) * (rise - guess)
        return float(np.abs(self.stored(rise) - line).sum())

    def stage(self, rise: np.ndarray) -> np.ndarray:
        """0 water, 1 boiling, 2 dry."""
        return (rise > self.start).astype(int) + (rise >= self.end)

    def next(self, before: np.ndarray, found: np.ndarray) -> np.ndarray:
        """The next iterate: no node passes more than one end of the interval at once."""
        here, there = self.stage(before), self.stage(found)
        up = np.where(here == 0, self.start + BEYOND_DEGC, self.end + BEYOND_DEGC)
        down = np.where(here == 2, self.end - BEYOND_DEGC, self.start - BEYOND_DEGC)
        moved = np.where(there > here, np.minimum(found, up), np.maximum(found, down))
        return np.where(there == here, found, moved)


def steam(boiling: Boiling | None, water: np.ndarray, body_degc: float) -> Steam | None:
    """Boiling of what `water` (kg) each node holds; None where there is nothing to boil."""
    if boiling is None or not water.any():
        return None
    return Steam(
        latent=water * boiling.latent_j_kg, start=boiling.start_degc - body_degc,
        end=boiling.end_degc - body_degc,
    )  # fmt: skip
