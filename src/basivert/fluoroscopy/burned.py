"""What a machine draws into a picture: blanked corners, collimator blades, letters, scale bars."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_dilation, distance_transform_edt
from skimage.measure import label, regionprops

from basivert.constants.model import Table

BACKGROUND = 5.0  # percentile of what is seen


def burned(picture: np.ndarray, pitch_mm: float, table: Table) -> np.ndarray:
    """(rows, columns) bool: drawn by the machine, not made by X-rays.

    Counted are the darkest and the brightest value of the picture: areas of it that touch the
    border, and small pieces whose surroundings differ at once from them. A tool that is blacker
    than the monitor shows and comes in over the border is none: it is slim, its edge is blurred.

    Args:
        picture: (rows, columns), the values of the file.
        pitch_mm: of its pixels, at the detector.
        table: `registration`, rows burned.* and metal.*.
    """
    low, high = float(picture.min()), float(picture.max())
    found = np.zeros(picture.shape, bool)
    if high <= low:
        return ~found
    share = (picture - low) / (high - low)
    for extreme in (0.0, 1.0):
        found |= _drawn(np.abs(share - extreme), pitch_mm, table)
    return found


def _drawn(away: np.ndarray, pitch_mm: float, table: Table) -> np.ndarray:
    """Pieces of one extreme value.  away: how far each pixel is from it, 0-1."""
    found = np.zeros(away.shape, bool)
    rim = int(table["burned.rim"].value)
    for piece in regionprops(label(away <= 0.0, connectivity=2)):
        where = tuple(piece.coords.T)
        if _touches(piece.bbox, away.shape) and (
            piece.area >= table["burned.blank"].value * away.size
        ):
            found[where] = True
            for tool in _slim_parts(piece.coords, away.shape, pitch_mm, table):
                found[tuple(tool.T)] = _jump(away, tool) >= table["burned.jump"].value
        elif _small(piece.bbox, away.shape, table) and (
            _jump(away, piece.coords) >= table["burned.jump"].value
        ):
            found[where] = True
    return np.asarray(binary_dilation(found, iterations=rim), bool) if found.any() else found


def _slim_parts(
    coords: np.ndarray, shape: tuple[int, ...], pitch_mm: float, table: Table
) -> list[np.ndarray]:
    """Pixels (n, 2) of each long slim part of an area (n, 2) that is no wider than a tool.

    Beyond the picture's border the area is taken to go on, so that a narrow blade is no tool.
    """
    radius = 0.5 * table["metal.width"].value / pitch_mm
    rim = int(radius) + 1
    inside = np.zeros(shape, bool)
    inside[tuple(coords.T)] = True
    wide = np.asarray(distance_transform_edt(np.pad(inside, rim, constant_values=True))) > radius
    if not wide.any():
        return [coords]
    opened = np.asarray(distance_transform_edt(~wide)) <= radius
    slim = inside & ~opened[rim:-rim, rim:-rim]
    return [
        part.coords for part in regionprops(label(slim, connectivity=2))
        if part.axis_major_length * pitch_mm >= table["metal.length"].value
        and part.axis_minor_length <= table["metal.slim"].value * part.axis_major_length
    ]  # fmt: skip


def _touches(box: tuple[int, ...], shape: tuple[int, ...]) -> bool:
    return min(box[:2]) == 0 or box[2] == shape[0] or box[3] == shape[1]


def _small(box: tuple[int, ...], shape: tuple[int, ...], table: Table) -> bool:
    return max(box[2] - box[0], box[3] - box[1]) <= table["burned.largest"].value * max(shape)


def _jump(away: np.ndarray, coords: np.ndarray) -> float:
    """Middle distance of the surrounding pixels from the piece's value."""
    low = np.maximum(coords.min(axis=0) - 1, 0)
    high = np.minimum(coords.max(axis=0) + 2, away.shape)
    inside = np.zeros(tuple(high - low), bool)
    inside[tuple((coords - low).T)] = True
    around = np.asarray(binary_dilation(inside, np.ones((3, 3))), bool) & ~inside
    near = away[low[0] : high[0], low[1] : high[1]][around]
    return float(np.median(near)) if near.size else 0.0


def filled(picture: np.ndarray, hidden: np.ndarray) -> np.ndarray:
    """The picture with hidden pixels (bool) replaced so that none looks like a tool.

    Args:
        picture: (rows, columns), attenuation upwards.

    Returns: within the picture the nearest value that is seen; in areas that reach its border a
    low one, since the nearest would draw out a tool that ends there.
    """
    if not hidden.any() or hidden.all():
        return picture
    at = np.asarray(distance_transform_edt(hidden, return_distances=False, return_indices=True))
    found = picture[tuple(at)]
    for piece in regionprops(label(hidden)):
        if _touches(piece.bbox, hidden.shape):
            found[tuple(piece.coords.T)] = np.percentile(picture[~hidden], BACKGROUND)
    return found
