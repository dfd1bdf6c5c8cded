"""A person's window: brightness and contrast set on what fills the middle of the picture.

Only pictures for a person go through it; registration and detection read the values before it, or
take it back (`Window.taken_back`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Pixels
from basivert.constants.model import Table
from basivert.fluoroscopy.image import middle_of

NEAR_END = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A sigmoid as DICOM defines it (PS3.3 C.11.2.1.3.1), between two greys.

    centre, width: in grey values before it, black 0 to white 1.
    black, white: greys on the monitor that it never leaves, so that air does not glare.
    """

    centre: float
    width: float
    black: float
    white: float

    def shown(self, values: np.ndarray) -> np.ndarray:
        """Greys on the monitor, float64, same shape.

        Args:
            values: grey values before the window; beyond 0 and 1 too.
        """
        share = 1.0 / (1.0 + np.exp(-4.0 * (values - self.centre) / self.width))
        return self.black + (self.white - self.black) * share

    def taken_back(self, greys: np.ndarray) -> np.ndarray:
        """Grey values before the window, of those on the monitor; both 0 to 1, same shape."""
        share = (greys - self.black) / (self.white - self.black)
        share = np.clip(share, NEAR_END, 1.0 - NEAR_END)
        found = self.centre + 0.25 * self.width * np.log(share / (1.0 - share))
        return np.clip(found, 0.0, 1.0)


def window(values: np.ndarray, used: Pixels, xray: Table) -> Window:
    """The window that shows what fills the middle of a picture.

    Air and blackest metal there do not count.

    Args:
        values: (rows, columns) grey values, beyond 0 and 1 too.
        used: pixels that show the scan.
        xray: table `xray`, rows window.*.
    """
    body = used & (values > 0.0) & (values < 1.0)
    chosen = body & middle_of(values.shape, xray)
    chosen = chosen if chosen.any() else body
    out = xray["window.out"].value
    within = values[chosen] if chosen.any() else np.array([0.0, 1.0])
    low, middle, high = (float(one) for one in np.quantile(within, [out, 0.5, 1.0 - out]))
    ends = _argument(1.0 - xray["window.dark"].value)
    width = max(4.0 * (high - low) / (2.0 * ends), xray["window.least"].value)
    return Window(
        centre=middle - 0.25 * width * _argument(xray["window.middle"].value), width=width,
        black=xray["window.black"].value, white=xray["window.white"].value,
    )  # fmt: skip


def _argument(share: float) -> float:
    """Where a sigmoid 1 / (1 + exp(-x)) has this value."""
    return float(np.log(share / (1.0 - share)))
