"""Shapes of the arrays that cross function borders, and the read-only view.

All points are LPS millimetres unless a name says otherwise.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Integer, Real

Point = Float[np.ndarray, "3"]
Points = Float[np.ndarray, "n 3"]
Affine = Float[np.ndarray, "4 4"]
Grid = Real[np.ndarray, "i j k"]
Mask = Bool[np.ndarray, "i j k"]
Vector = Float[np.ndarray, " n"]
Matrix = Float[np.ndarray, "m n"]
Faces = Integer[np.ndarray, "m 3"]
Codes = Integer[np.ndarray, " n"]


def frozen(array: np.ndarray) -> np.ndarray:
    """A read-only view of `array`; the caller's own array stays writable."""
    view = array.view()
    view.flags.writeable = False
    return view
