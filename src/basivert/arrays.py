"""Shapes of the arrays that cross function borders, and the read-only view.

All points are LPS millimetres unless a name says otherwise. Sizes are anonymous (`_`): one data
class holds several lists of points of different length.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Integer, Real

Point = Float[np.ndarray, "3"]
Points = Float[np.ndarray, "_ 3"]
Affine = Float[np.ndarray, "4 4"]
Grid = Real[np.ndarray, "_ _ _"]
Mask = Bool[np.ndarray, "_ _ _"]
Pixels = Bool[np.ndarray, "_ _"]
Vector = Float[np.ndarray, " _"]
Matrix = Float[np.ndarray, "_ _"]
Faces = Integer[np.ndarray, "_ 3"]
Codes = Integer[np.ndarray, " _"]


def frozen(array: np.ndarray) -> np.ndarray:
    """A read-only view of `array`; the caller's own array stays writable."""
    view = array.view()
    view.flags.writeable = False
    return view
