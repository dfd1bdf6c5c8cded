"""A frame with the bone's outline and the tool drawn where they were found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from skimage.measure import find_contours

from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.edge.documents.xray_marks import edge_letters
from basivert.fluoroscopy.bone import Cloud
from basivert.fluoroscopy.detect import Shadow
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import Registered
from basivert.fluoroscopy.scene import scene

# Okabe and Ito: told apart by the colour-blind.
ORANGE, BLUE, YELLOW, WHITE = (230, 159, 0), (86, 180, 233), (240, 228, 66), (255, 255, 255)
LEAST_SIDE = 900
# Of the bone's picture, what counts as its edge.
EDGE = 0.06
FEWEST_POINTS = 12
NOTICE = "RESEARCH USE ONLY"


def write_outline(
    file: Path, frame: Frame, bone: Cloud, found: Registered, hub: Point, tool: Shadow | None,
    words: str, table: Table,
) -> None:  # fmt: skip
    """PNG of one frame, bone dark as on a monitor.

    Args:
        hub: (3,) LPS mm of the C-arm's isocentre, where the nerve's hub came to lie.
        tool: its shadow, or None.
        words: caption, lines.
    """
    from PIL import Image, ImageDraw, ImageFont

    up = max(1, -(-LEAST_SIDE // max(frame.picture.shape)))
    low, high = np.percentile(frame.picture[frame.seen], [0.5, 99.5])
    grey = np.clip((high - frame.picture) / max(high - low, 1e-6), 0.0, 1.0)
    grey = np.where(frame.seen, grey, 0.6 * grey)
    small = Image.fromarray(np.rint(255 * grey).astype(np.uint8))
    size = (small.width * up, small.height * up)
    image = small.resize(size, Image.Resampling.BICUBIC).convert("RGB")
    draw = ImageDraw.Draw(image)

    def at(pixels: np.ndarray) -> list[tuple[float, float]]:
        return [((x + 0.5) * up - 0.5, (y + 0.5) * up - 0.5) for x, y in pixels]

    for line in outlines(frame, bone, found, table):
        draw.line(at(line), ORANGE, 2)
    if tool is not None:
        draw.line(at(tool.line), BLUE, 3)
        x, y = at(tool.line[:1])[0]
        draw.ellipse([x - 6, y - 6, x + 6, y + 6], outline=BLUE, width=2)
    x, y = at(frame.carm.pixel(hub[None]))[0]
    draw.line([(x - 9, y), (x + 9, y)], YELLOW, 2)
    draw.line([(x, y - 9), (x, y + 9)], YELLOW, 2)
    font, large = ImageFont.load_default(20), ImageFont.load_default(30)
    letters, (wide, tall) = edge_letters(frame.carm), size
    for text, place, anchor in (
        (letters["left"], (12, tall / 2), "lm"), (letters["right"], (wide - 12, tall / 2), "rm"),
        (letters["top"], (wide / 2, 12), "ma"), (letters["bottom"], (wide / 2, tall - 40), "md"),
    ):  # fmt: skip
        draw.text(place, text, WHITE, large, anchor, stroke_width=2, stroke_fill=(0, 0, 0))
    for number, (text, colour) in enumerate((
        *((line, WHITE) for line in words.splitlines()),
        (f"{found.name} as found", ORANGE), ("hub of the nerve", YELLOW),
        *((("tool, ring at its tip", BLUE),) if tool is not None else ()),
    )):  # fmt: skip
        draw.text((12, 12 + 26 * number), text, colour, font, stroke_width=2,
                  stroke_fill=(0, 0, 0))  # fmt: skip
    draw.text((wide / 2, tall - 10), NOTICE, WHITE, font, "md", stroke_width=2,
              stroke_fill=(0, 0, 0))  # fmt: skip
    image.save(file, format="PNG")


def outlines(frame: Frame, bone: Cloud, found: Registered, table: Table) -> list[np.ndarray]:
    """Edges of the bone's picture at the pose found: (n, 2) column and row in the frame."""
    view = scene(bone, (frame,), found.room_from_ct, 0.0, "coarse", table).views[0]
    picture = np.pad(view.picture(bone, found.room_from_ct), 1)
    # A pixel of the view is so many pixels of the frame, shifted.
    frame_from_view = frame.carm.projection[:, :3] @ np.linalg.inv(view.picture_from_room[:, :3])
    found_lines: list[np.ndarray] = []
    for line in find_contours(picture, EDGE * float(picture.max())):
        if len(line) >= FEWEST_POINTS:
            flat = np.column_stack([line[:, ::-1] - 1.0, np.ones(len(line))]) @ frame_from_view.T
            found_lines.append(flat[:, :2] / flat[:, 2:])
    return found_lines
