"""Field at the end of an electrode, exact on a coarse grid.

Where metal ends, the potential grows as √ρ with distance ρ (flush with the insulation) or as ρ^⅔
(at the rim of the flat tip). Plain differences lose 3 % of the power there at 0.2 mm. The
conductance of each edge nearby is therefore multiplied by exact flux over exact difference of that
known function; further out the factor fades to 1.
Source: separation of variables in the plane; measured gain in `docs/ablation.md`.
"""

from __future__ import annotations

import numpy as np

from basivert.arrays import Matrix, Vector

FULL_WITHIN_MM = 0.7
NONE_BEYOND_MM = 2.0
# Potential difference times width (mm^1.5) that is no more than round-off.
NO_DRIVE = 1e-12


def flush(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Potential and stream function where metal (x < 0) ends in a flat wall y = 0."""
    root = np.sqrt(np.hypot(x, y))
    half = np.clip(np.arctan2(y, x), 0.0, np.pi) / 2
    return root * np.cos(half), root * np.sin(half)


def rim(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Potential and stream function around a metal corner that fills x < 0, y < 0."""
    angle = np.arctan2(y, x)
    angle = np.where(angle < -np.pi / 2 - 1e-9, angle + 2 * np.pi, angle)
    turn = np.clip(np.pi - angle, 0.0, 1.5 * np.pi) * (2 / 3)
    size = np.hypot(x, y) ** (2 / 3)
    return size * np.sin(turn), size * np.cos(turn)


def factors(
    radii: Vector, depths: Vector, faces_r: Vector, faces_s: Vector,
    radius: float, end: float, away: float, corner: bool,
) -> tuple[Matrix, Matrix]:  # fmt: skip
    """Factors on the conductances near one electrode end.

    Args:
        radii, depths: node positions across (nr,) and along (ns,), mm.
        faces_r, faces_s: (nr + 1,), (ns + 1,) borders of the nodes' cells, mm.
        radius: of the probe's surface, mm.
        end: where the metal ends along the probe, mm.
        away: +1 or −1, direction along the probe that leads off the metal.
        corner: the end is the rim of the flat tip.

    Returns: (ns, nr − 1) for edges across and (ns − 1, nr) for edges along.
    """
    exact = rim if corner else flush
    x, y = away * (depths - end), radii - radius
    face_x, face_y = away * (faces_s - end), faces_r - radius
    if not corner:
        face_y = np.maximum(face_y, 0.0)
    potential = exact(x[:, None], y[None])[0]
    through_r = np.diff(exact(face_x[:, None], face_y[None, 1:-1])[1], axis=0)
    through_s = np.diff(exact(face_x[1:-1, None], face_y[None])[1], axis=1)
    width, height = np.diff(face_x)[:, None], np.diff(face_y)
    across = _ratio(through_r, np.diff(potential, axis=1) * width) * np.diff(y)
    along = _ratio(through_s, np.diff(potential, axis=0) * height) * np.abs(np.diff(x))[:, None]
    across = _faded(across, x[:, None], (y[1:] + y[:-1])[None] / 2)
    along = _faded(along, (x[1:] + x[:-1])[:, None] / 2, y[None])
    if not corner:
        across[:, y[:-1] < -1e-9] = 1.0
        along[:, y < -1e-9] = 1.0
    return across, along


def _ratio(flux: np.ndarray, drive: np.ndarray) -> np.ndarray:
    """Their ratio's size; NaN between nodes on metal, where nothing drives a current."""
    apart = np.abs(drive) > NO_DRIVE
    return np.abs(np.divide(flux, drive, out=np.full_like(flux, np.nan), where=apart))


def _faded(factor: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The factor near the end, 1 far from it."""
    far = np.clip((NONE_BEYOND_MM - np.hypot(x, y)) / (NONE_BEYOND_MM - FULL_WITHIN_MM), 0.0, 1.0)
    weight = far**2 * (3 - 2 * far)
    usable = np.isfinite(factor) & (factor > 0)
    return np.where(usable, factor, 1.0) ** np.where(usable, weight, 0.0)
