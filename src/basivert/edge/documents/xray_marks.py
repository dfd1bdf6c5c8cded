"""What is written on a simulated X-ray picture, and the picture as PNG."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from pathlib import Path

import numpy as np

from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.fluoroscope import Frame
from basivert.fluoroscopy.window import Window
from basivert.report.planes import letters_of

# Keyword of a PNG's text: the four numbers of `Window` in its order.
WINDOW_KEY = "basivert:window"
NOTICE = "SIMULATED - RESEARCH USE ONLY"
BEYOND = "outside the scan"
BAR_MM = 20.0
# Grey of what is not in the scan, with darker stripes every so many pixels.
UNKNOWN, STRIPE, STRIPE_EVERY = 0.5, 0.42, 16
# Height of letters as a share of the picture's, and never less than this many pixels.
LETTER_SHARE, LETTER_LEAST = 0.028, 10
# Width of the words over their height, where a free place for them is sought.
WORDS_WIDE = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Marks:
    """Pixels drawn white and the dark rim around them, both (rows, columns) bool."""

    white: np.ndarray
    rim: np.ndarray


def pixels(frame: Frame, caption: str, bits: int) -> np.ndarray:
    """The frame as (rows, columns) uint8 or uint16 with what is unknown striped and all letters."""
    return _drawn(frame, frame.grey, caption, bits)


def monitor_pixels(frame: Frame, caption: str, bits: int) -> np.ndarray:
    """The same as a person sees it, through the frame's window."""
    grey = np.where(frame.free, frame.window.shown(frame.unclipped), 0.0)
    return _drawn(frame, grey, caption, bits)


def _drawn(frame: Frame, shown: np.ndarray, caption: str, bits: int) -> np.ndarray:
    rows, columns = np.indices(frame.grey.shape)
    stripes = np.where((rows + columns) % STRIPE_EVERY < 2, STRIPE, UNKNOWN)
    grey = np.where(frame.known | ~frame.free, shown, stripes)
    marks = _marks(frame, caption)
    grey = np.where(marks.white, 1.0, np.where(marks.rim, 0.0, grey))
    return np.rint(grey * (2**bits - 1)).astype(np.uint8 if bits == 8 else np.uint16)


def write_png(file: Path, values: np.ndarray, window: Window) -> None:
    """Grey PNG of 8 or 16 bits; its text says through which window, for `register` to undo."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    text.add_text(WINDOW_KEY, " ".join(repr(float(one)) for one in astuple(window)))
    Image.fromarray(values).save(file, format="PNG", pnginfo=text)


def edge_letters(carm: CArm) -> dict[str, str]:
    """Patient letters at the left, right, top and bottom of the picture."""
    across, down, _ = carm.axes
    return {"left": letters_of(-across), "right": letters_of(across), "top": letters_of(-down),
            "bottom": letters_of(down)}  # fmt: skip


def _marks(frame: Frame, caption: str) -> Marks:
    from PIL import Image, ImageDraw, ImageFont

    rows, columns = frame.grey.shape
    size = max(LETTER_LEAST, round(LETTER_SHARE * rows))
    font, large = ImageFont.load_default(size), ImageFont.load_default(round(1.5 * size))
    canvas = Image.new("L", (columns, rows), 0)
    draw, pad = ImageDraw.Draw(canvas), size // 2
    letters = edge_letters(frame.carm)
    for text, place, anchor in (
        (letters["left"], (pad, rows / 2), "lm"),
        (letters["right"], (columns - pad, rows / 2), "rm"),
        (letters["top"], (columns / 2, pad), "ma"),
        (letters["bottom"], (columns / 2, rows - 2.5 * size), "md"),
    ):  # fmt: skip
        draw.text(place, text, 255, large, anchor)
    draw.text((pad, pad), caption, 255, font)
    draw.text((columns / 2, rows - pad), NOTICE, 255, font, "md")
    bar = BAR_MM * frame.carm.magnification / frame.carm.detector.pitch_mm[1]
    foot = rows - 3 * size
    draw.line([(columns - pad - bar, foot), (columns - pad, foot)], 255, max(1, size // 8))
    draw.text((columns - pad, foot - pad / 2), f"{BAR_MM:g} mm at isocentre", 255, font, "rd")
    hidden = ~frame.known & frame.free
    if hidden.sum() > (6 * size) ** 2:
        draw.text(_widest(hidden & (np.asarray(canvas) == 0)), BEYOND, 255, font, "mm")
    return _rimmed(np.asarray(canvas) > 127, max(1, size // 10))


def _widest(area: np.ndarray) -> tuple[float, float]:
    """(column, row) inside the largest ellipse, wide as words are, of an area (rows, columns)."""
    from scipy.ndimage import distance_transform_edt

    room = np.asarray(distance_transform_edt(np.pad(area, 1), sampling=(1.0, 1.0 / WORDS_WIDE)))[
        1:-1, 1:-1
    ]
    row, column = np.unravel_index(np.argmax(room), room.shape)
    return float(column), float(row)


def _rimmed(white: np.ndarray, width: int) -> Marks:
    from scipy.ndimage import binary_dilation

    around = binary_dilation(white, np.ones((2 * width + 1, 2 * width + 1)))
    return Marks(white=white, rim=np.asarray(around) & ~white)
