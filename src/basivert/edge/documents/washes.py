"""Temperature as a translucent colour over a slice."""

from __future__ import annotations

import base64
import io

import numpy as np

# Matplotlib's inferno (CC0) in ten steps: its lightness rises evenly, for every colour vision.
COLOURS = (
    "#000004", "#1B0C41", "#4A0C6B", "#781C6D", "#A52C60", "#CF4446", "#ED6925", "#FB9B06",
    "#F7D13D", "#FCFFA4",
)  # fmt: skip
LOW_DEGC, HIGH_DEGC = 37.0, 90.0
# Clear up to the first, as dense as it gets from the second on.
CLEAR_DEGC, FULL_DEGC, DENSEST = 38.5, 55.0, 0.55

# Of PNG, 0 to 9: the highest takes fifteen times as long and saves a twentieth.
COMPRESSION = 4


def coloured(degc: np.ndarray) -> np.ndarray:
    """(rows, columns, 4) uint8 red, green, blue, opacity."""
    table = np.array([[int(c[n : n + 2], 16) for n in (1, 3, 5)] for c in COLOURS], float)
    share = np.clip((degc - LOW_DEGC) / (HIGH_DEGC - LOW_DEGC), 0.0, 1.0) * (len(COLOURS) - 1)
    rgb = np.stack([np.interp(share, np.arange(len(COLOURS)), table[:, n]) for n in range(3)], -1)
    dense = DENSEST * np.clip((degc - CLEAR_DEGC) / (FULL_DEGC - CLEAR_DEGC), 0.0, 1.0)
    return np.rint(np.concatenate([rgb, 255 * dense[..., None]], axis=-1)).astype(np.uint8)


def png(pixels: np.ndarray) -> str:
    """Grey (rows, columns) or coloured (rows, columns, 4) pixels as base64 PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, format="PNG", compress_level=COMPRESSION)
    return base64.b64encode(buffer.getvalue()).decode("ascii")
