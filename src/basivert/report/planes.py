"""Cuts through a vertebra, and the letters that say which way is which."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Matrix, Point

LETTERS = ("L", "P", "S"), ("R", "A", "I")
# A direction gets a second letter when that axis carries this much of it.
SECOND_LETTER = 0.38
# From this share of a direction along the normal on, a cut shows a section and not an outline.
ACROSS = 0.9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plane:
    """A cut.  centre, right, down: (3,) body frame; half_mm: half width and half height."""

    centre: Point
    right: Point
    down: Point
    half_mm: tuple[float, float]

    @property
    def corner(self) -> Point:
        """(3,) top left corner."""
        return self.centre - self.half_mm[0] * self.right - self.half_mm[1] * self.down

    def flat(self, points: np.ndarray) -> Matrix:
        """(n, 2) mm right and down from the corner."""
        away = points - self.corner
        return np.stack([away @ self.right, away @ self.down], axis=-1)

    def off(self, points: np.ndarray) -> np.ndarray:
        """(n,) distance out of the plane, mm."""
        return np.abs((points - self.centre) @ np.cross(self.right, self.down))

    def faces(self, way: Point) -> bool:
        """Whether a direction (3,) stands nearly at right angles to the cut."""
        normal = np.cross(self.right, self.down)
        return bool(abs(way @ normal) > ACROSS * np.linalg.norm(way))

    def grid(self, step: float) -> np.ndarray:
        """(rows, columns, 3) points of the plane, body frame."""
        columns = np.arange(step / 2, 2 * self.half_mm[0], step)
        rows = np.arange(step / 2, 2 * self.half_mm[1], step)
        return self.corner + columns[None, :, None] * self.right + rows[:, None, None] * self.down


def letters_of(direction_lps: Point) -> str:
    """Patient letters of a direction, strongest first, such as "L" or "PS"."""
    order = np.argsort(-np.abs(direction_lps))
    named = [axis for axis in order if abs(direction_lps[axis]) > SECOND_LETTER][:2]
    return "".join(LETTERS[0 if direction_lps[axis] > 0 else 1][axis] for axis in named)
