"""One vertebra in the shared `hard` frames after what a machine does to a picture on its way.

Blades, blanked corners, letters, eight bits, a monitor's scale, distortion of an image intensifier.
The frames were made by an independent program; they go through files, as `basivert register` reads
them. A distorted frame is not corrected: the figures say what that costs.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import map_coordinates

from basivert.constants.load import builtin
from basivert.edge.imaging.frames import read_shots
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.frame import Frame, without_metal
from basivert.fluoroscopy.register import Bone
from basivert.workflow.progress import silent
from basivert.workflow.standing import standing

from .figures import figure
from .registration import VIEWS, bones_of, carm_of, definition, demo_case

RIGHT_MM = 1.0
DEPTH = {"uint8": 255.0, "uint16": 65535.0}

Spoil = Callable[[np.ndarray], np.ndarray]


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """`count` starts for each way to spoil; the seed draws starts and turns."""
    shared, table = definition(), builtin("registration")
    bones = bones_of(demo_case(), table)
    rows: list[dict[str, Any]] = []
    for name, (spoil, depth, bounded) in KINDS.items():
        frames = through_files(shared, spoil, depth)
        tried = [
            _tried(shared, bones, frames, move, number)
            for number, move in enumerate(shared.starts(count, seed=2023 + seed))
        ]
        rows += _told(name, tried, frames, bounded)
    return rows


def untouched(shown: np.ndarray) -> np.ndarray:
    """As it is."""
    return shown


def blades(shown: np.ndarray) -> np.ndarray:
    """A slanted blade on each side and a straight one below, black."""
    rows, columns = np.mgrid[0.0 : 1.0 : shown.shape[0] * 1j, 0.0 : 1.0 : shown.shape[1] * 1j]
    away = (columns < 0.16 + 0.08 * rows) | (columns > 0.86 - 0.06 * rows) | (rows > 0.9)
    return np.where(away, 0.0, shown)


def corners(shown: np.ndarray) -> np.ndarray:
    """A round field, black outside, with a letter and a scale burned in white."""
    rows, columns = np.mgrid[-1.0 : 1.0 : shown.shape[0] * 1j, -1.0 : 1.0 : shown.shape[1] * 1j]
    image = Image.fromarray(np.where(np.hypot(rows, columns) > 1.0, 0.0, shown).astype(np.float32))
    draw = ImageDraw.Draw(image)
    draw.text((18, shown.shape[0] // 2), "L", fill=1.0)
    draw.line([(60, 236), (120, 236)], fill=1.0, width=2)
    return np.asarray(image)


def intensifier(edge: float, swirl_deg: float) -> Spoil:
    """Pincushion that grows with the square of the distance, and a swirl as by the earth's field.

    Args:
        edge: outward shift at the field's edge as a share of its radius.
        swirl_deg: turn at the edge against the middle.
    """

    def spoil(shown: np.ndarray) -> np.ndarray:
        half = (np.array(shown.shape) - 1) / 2
        at = np.moveaxis(np.indices(shown.shape), 0, -1) - half
        share = np.sum((at / half) ** 2, axis=-1, keepdims=True)
        turn = np.radians(swirl_deg) * share[..., 0]
        back = at / (1.0 + edge * share)
        rows = np.cos(turn) * back[..., 0] - np.sin(turn) * back[..., 1]
        columns = np.sin(turn) * back[..., 0] + np.cos(turn) * back[..., 1]
        return map_coordinates(shown, np.stack([rows + half[0], columns + half[1]]), order=1,
                               mode="nearest")  # fmt: skip

    return spoil


# Name → how, pixels of the file, whether the bounds count.
KINDS: dict[str, tuple[Spoil, str, bool]] = {
    "16-bit PNG": (untouched, "uint16", True),
    "8-bit PNG": (untouched, "uint8", True),
    "blades": (blades, "uint8", True),
    "round field, letter and scale": (corners, "uint8", True),
    "distorted by 0.5 % and 0.5°": (intensifier(0.005, 0.5), "uint16", False),
    "distorted by 2 % and 2°": (intensifier(0.02, 2.0), "uint16", False),
}


def through_files(shared: Any, spoil: Spoil, depth: str) -> tuple[Frame, ...]:
    """The frames as files, read again."""
    table, xray = builtin("registration"), builtin("xray")
    found: list[Frame] = []
    with TemporaryDirectory() as place:
        for view in VIEWS:
            carm = carm_of(shared, view)
            file, beside = Path(place) / f"{view}.png", Path(place) / f"{view}.json"
            # As a monitor shows it: bone dark, 0 to 1.
            shown = spoil(_monitor(shared.frame("hard", view)))
            pixels = np.rint(np.clip(shown, 0.0, 1.0) * DEPTH[depth]).astype(depth)
            Image.fromarray(pixels).save(file)
            beside.write_text(json.dumps(_written(carm)), encoding="utf-8")
            read = read_shots([file], beside, carm.isocentre, table, xray)[0].frame
            seen = without_metal(read.picture, read.carm, table).seen
            found.append(Frame(picture=read.picture, seen=read.seen & seen, carm=read.carm))
    return tuple(found)


def _monitor(integrals: np.ndarray) -> np.ndarray:
    low, high = np.percentile(integrals, [0.5, 99.9])
    return 0.02 + 0.96 * np.clip((high - integrals) / (high - low), 0.0, 1.0)


def _written(carm: CArm) -> dict[str, Any]:
    return {
        "primary_deg": carm.primary_deg, "secondary_deg": carm.secondary_deg,
        "source_detector_mm": carm.source_detector_mm,
        "source_isocentre_mm": carm.source_isocentre_mm,
        "detector_side_mm": list(carm.detector.side_mm),
        "isocentre_lps_mm": [float(x) for x in carm.isocentre], "polarity": "bone_dark",
    }  # fmt: skip


def _tried(
    shared: Any, bones: tuple[Bone, list[Bone]], frames: tuple[Frame, ...], move: Any, number: int
) -> dict[str, Any]:
    truth, table, rng = shared.TRUTH["hard"], builtin("registration"), np.random.default_rng(number)
    start = shared.rigid(*move) @ truth
    found = standing(*bones, frames, start, "exact", table, rng, silent).found
    error, hub = shared.mtre(found.room_from_ct, truth)
    return {"error": error, "hub": hub, "verdict": found.trust.verdict}


def _told(
    name: str, tried: list[dict[str, Any]], frames: tuple[Frame, ...], bounded: bool
) -> list[dict[str, Any]]:
    error = np.array([one["error"] for one in tried])
    good = np.array([one["verdict"] == "good" for one in tried])
    seen = float(np.mean([one.seen.mean() for one in frames]))
    right = error <= RIGHT_MM
    return [
        figure(f"{name}: part of the picture that is looked at", seen, "1"),
        figure(f"{name}: starts found within 1 mm", right.mean(), "1", "≥",
               0.95 if bounded else None),
        figure(f"{name}: median target error", np.median(error), "mm"),
        figure(f"{name}: median error at the hub", np.median([one["hub"] for one in tried]), "mm"),
        figure(f"{name}: right ones called good", good[right].mean() if right.any() else 0.0, "1"),
        figure(f"{name}: wrong ones called good", float((good & ~right).sum()), "1", "≤", 0.0),
    ]  # fmt: skip
