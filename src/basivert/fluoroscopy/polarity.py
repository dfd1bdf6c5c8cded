"""Whether bone is bright or dark in a picture: both are tried on the bone that is looked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import Bone
from basivert.fluoroscopy.scene import scene
from basivert.fluoroscopy.search import candidates


def bone_is_bright(
    bone: Bone, frame: Frame, start: Affine, table: Table, rng: np.random.Generator
) -> float:
    """By which share the bone fits the picture better as it is than inverted, −1 to 1.

    Args:
        frame: one view.
        start: as for `register`.
        table: `registration`.
        rng: places the turns that are tried; both ways get the same ones.
    """
    seeds = rng.integers(2**32)
    inverted = replace(frame, picture=-frame.picture)
    reach = table["search.shift"].value + table["search.turn_reach"].value
    fits = [
        candidates(
            scene(bone.coarse, (one,), start, reach, "coarse", table), start,
            int(table["search.turns"].value), table,
            np.random.default_rng(seeds),
        )[0].evidence
        for one in (frame, inverted)
    ]  # fmt: skip
    return (fits[0] - fits[1]) / max(max(fits), np.finfo(float).tiny)
