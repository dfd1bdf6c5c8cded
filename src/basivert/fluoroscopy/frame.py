"""A frame as registration wants it: attenuation upwards, with what must not be looked at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import binary_dilation, median_filter, white_tophat
from skimage.filters import apply_hysteresis_threshold
from skimage.measure import label, regionprops
from skimage.morphology import skeletonize

from basivert.arrays import frozen
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm

NOISE_MEDIAN = 3  # pixels
SHAFT_SHARE = 0.9  # of a shaft's bright pixels that its half width holds


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One X-ray picture with the C-arm's position.

    picture: (rows, columns) float32; more attenuation is a higher value (bone and metal bright);
        gain and offset are free, a line integral (−log of counts) is best.
    seen: (rows, columns) bool; False on blades, burned-in text, blanked corners and metal.
    """

    picture: np.ndarray
    seen: np.ndarray
    carm: CArm

    def __post_init__(self) -> None:
        if self.picture.shape != self.carm.detector.pixels:
            raise InputError(
                f"The picture has {self.picture.shape} pixels, the C-arm's detector "
                f"{self.carm.detector.pixels}.",
                fix="Give the C-arm file that belongs to this frame.",
            )
        object.__setattr__(self, "picture", frozen(self.picture))
        object.__setattr__(self, "seen", frozen(self.seen))


def thin_parts(picture: np.ndarray, carm: CArm, table: Table) -> np.ndarray:
    """(rows, columns) how far each pixel stands above what is wider than a tool."""
    pitch = float(np.mean(carm.detector.pitch_mm))
    radius = max(round(table["metal.width"].value / pitch), 1)
    disk = np.hypot(*np.mgrid[-radius : radius + 1, -radius : radius + 1]) <= radius
    return np.asarray(white_tophat(median_filter(picture, NOISE_MEDIAN), footprint=disk))


def metal(picture: np.ndarray, carm: CArm, table: Table) -> np.ndarray:
    """(rows, columns) bool: long thin structures that take away more than bone of their width can.

    Args:
        picture: as in `Frame`, −log of counts.
        table: `registration`, rows metal.*.
    """
    found = np.zeros(picture.shape, bool)
    thin, least = thin_parts(picture, carm, table), table["metal.likely"].value
    for piece in slim_pieces(thin, carm, table, least, None):
        found[tuple(_without_flanks(piece, thin, table).T)] = True
    return found


def _without_flanks(piece: np.ndarray, thin: np.ndarray, table: Table) -> np.ndarray:
    """A piece (n, 2) without the bone edges that its shaft crosses and has grown together with.

    They lie beside the shaft and are fainter than it by far: hidden, they take the bone's own edges
    away. A curve lies beyond the shaft's end and stays, faint or not.
    """
    shown = thin[tuple(piece.T)]
    bright = shown >= table["metal.shaft"].value * np.median(shown)
    shaft = piece[bright]
    middle = shaft.mean(axis=0)
    axis = np.linalg.svd(shaft - middle, full_matrices=False)[2][0]
    along, beside = (piece - middle) @ axis, np.abs((piece - middle) @ [-axis[1], axis[0]])
    wide = np.quantile(beside[bright], SHAFT_SHARE) + 1.0
    within = (along >= along[bright].min()) & (along <= along[bright].max())
    return piece[bright | ~within | (beside <= wide)]


def slim_pieces(
    thin: np.ndarray, carm: CArm, table: Table, least: float, within: np.ndarray | None
) -> list[np.ndarray]:
    """Pixels (n, 2), row and column, of each long thin structure, straight or with a bend.

    Args:
        thin: of `thin_parts`.
        least: that a pixel stands above its surroundings, line integral; see rows metal.*.
        within: (rows, columns) bool, the part of the picture that is looked at; None: all.
    """
    pitch = float(np.mean(carm.detector.pitch_mm))
    bright = apply_hysteresis_threshold(thin, least, table["metal.sure"].value)
    found: list[np.ndarray] = []
    for piece in regionprops(label(bright if within is None else bright & within)):
        long = piece.axis_major_length * pitch >= table["metal.length"].value
        slim = piece.axis_minor_length <= table["metal.slim"].value * piece.axis_major_length
        if long and (slim or _bent(piece.image, table)):
            found.append(piece.coords)
    return found


def _bent(image: np.ndarray, table: Table) -> bool:
    """Whether a piece (rows, columns) is one thin line without branches, though not a straight one.

    A shaft with a curve at its end is; a net of bone edges is not.
    """
    thin = np.argwhere(skeletonize(image))
    reach = float(np.hypot(*np.ptp(thin, axis=0)))
    slim = image.sum() <= table["metal.slim"].value * len(thin) ** 2
    return bool(slim) and len(thin) <= table["metal.detour"].value * reach


def without_metal(picture: np.ndarray, carm: CArm, table: Table) -> Frame:
    """A frame whose metal, with a rim, is not looked at."""
    pitch = float(np.mean(carm.detector.pitch_mm))
    rim = max(round(table["metal.rim"].value / pitch), 1)
    hidden = np.asarray(binary_dilation(metal(picture, carm, table), iterations=rim), bool)
    return Frame(picture=picture.astype(np.float32), seen=~hidden, carm=carm)
