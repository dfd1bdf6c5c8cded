"""Where a bone can be at all: every shift at once for many turns, then the best refined.

One bone's fit has its optimum at the truth but misleads a descent that starts further away than
about 6 mm. So turns are sampled, and for each turn all shifts are scored together: a shift in space
is a shift of the bone's picture in every view, and correlations for all shifts come from one
Fourier transform. What looks best so is scored exactly and refined.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain

import numpy as np
from scipy.fft import fft2, ifft2, next_fast_len
from scipy.optimize import minimize

from basivert.arrays import Affine
from basivert.constants.model import Table
from basivert.fluoroscopy.bone import Cloud
from basivert.fluoroscopy.scene import Scene, View, apart_mm, step
from basivert.fluoroscopy.similarity import FLOOR, TINY, normalised, scaled
from basivert.geometry.rigid import moved

THREADS = 2
PER_TURN = 3
SLOPE_END = 1e-3  # evidence per mm or degree
MOVE_END = 0.05  # mm or degrees
GAIN_END = 1e-4  # of the evidence


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidate:
    """A pose (room_from_ct, 4×4 LPS mm) and its evidence, see `Scene.whole`."""

    pose: Affine
    evidence: float


def candidates(
    scene: Scene, start: Affine, turns: int, table: Table, rng: np.random.Generator
) -> list[Candidate]:
    """Poses about a start, best first, scored exactly.

    Args:
        turns: how many turns are tried, a power of two.
        table: `registration`, rows search.*.
        rng: places the turns.
    """
    shifts = _shifts(table["search.shift"].value, table["search.shift_step"].value)
    spectra = [_spectrum(one) for one in scene.views]
    middle = moved(start, scene.bone.centre)
    steps = [_corners(_pixels(one, middle, shifts), _size(one)) for one in scene.views]

    def of_turn(turn: np.ndarray) -> list[Candidate]:
        turned = step(np.concatenate([np.zeros(3), turn]), start, scene.bone)
        score = np.zeros(len(shifts))
        for view, spectrum, corners in zip(scene.views, spectra, steps, strict=True):
            score += _scores(scene, view, turned, spectrum, corners)
        return [
            _at(scene, turned, np.concatenate([shifts[best], np.zeros(3)]))
            for best in np.argpartition(-score, PER_TURN)[:PER_TURN]
        ]

    with ThreadPoolExecutor(THREADS) as pool:
        found = list(chain.from_iterable(
            pool.map(of_turn, _turns(turns, table["search.turn"].value, rng))
        ))  # fmt: skip
    return sorted(found, key=lambda one: -one.evidence)


def refined(scene: Scene, pose: Affine, difference: float, rounds: int) -> Candidate:
    """A nearby optimum of the evidence, by quasi-Newton steps: for the smooth coarse picture.

    Args:
        difference: step of the central differences, mm and degrees alike.
        rounds: most iterations.
    """
    steps = difference * np.eye(6)
    loss = _loss(scene, pose)

    def slope(move: np.ndarray) -> np.ndarray:
        return np.array([loss(move + d) - loss(move - d) for d in steps]) / (2.0 * difference)

    # L-BFGS-B and not BFGS, whose line search changes the warnings of all threads for a while.
    found = minimize(
        loss, np.zeros(6), jac=slope, method="L-BFGS-B",
        options={"maxiter": rounds, "gtol": SLOPE_END},
    )  # fmt: skip
    return _at(scene, pose, found.x)


def polished(scene: Scene, pose: Affine, tries: int) -> Candidate:
    """A nearby optimum of the evidence, by Powell's lines, which roughness does not stop.

    Args:
        tries: most poses looked at.
    """
    best = climbed(scene.evidence, scene.bone, pose, tries)
    return Candidate(pose=best, evidence=scene.whole(best))


def climbed(
    evidence: Callable[[Affine], float], bone: Cloud, pose: Affine, tries: int
) -> Affine:  # fmt: skip
    """The pose nearby where any evidence is largest, by Powell's lines.

    Args:
        evidence: of a pose (room_from_ct, 4×4 LPS mm).
        tries: most poses looked at.
    """
    found = minimize(
        lambda move: -evidence(step(move, pose, bone)), np.zeros(6), method="Powell",
        options={"xtol": MOVE_END, "ftol": GAIN_END, "maxfev": tries},
    )  # fmt: skip
    return step(found.x, pose, bone)


def _loss(scene: Scene, pose: Affine) -> Callable[[np.ndarray], float]:
    return lambda move: -scene.evidence(step(move, pose, scene.bone))


def _at(scene: Scene, pose: Affine, move: np.ndarray) -> Candidate:
    best = step(move, pose, scene.bone)
    return Candidate(pose=best, evidence=scene.whole(best))


def distinct(scene: Scene, found: list[Candidate], apart: float) -> list[Candidate]:
    """The best of each place, best first; places are more than `apart` mm from each other."""
    kept: list[Candidate] = []
    for one in sorted(found, key=lambda one: -one.evidence):
        if all(apart_mm(scene.bone, one.pose, other.pose) > apart for other in kept):
            kept.append(one)
    return kept


def _turns(count: int, reach_deg: float, rng: np.random.Generator) -> np.ndarray:
    # Slow to import, and not needed until a search begins.
    from scipy.stats import qmc  # noqa: PLC0415

    return (2.0 * qmc.Sobol(3, rng=rng).random(count) - 1.0) * reach_deg


def _shifts(reach_mm: float, step_mm: float) -> np.ndarray:
    count = int(np.ceil(reach_mm / step_mm))
    line = np.linspace(-reach_mm, reach_mm, 2 * count + 1)
    return np.stack(np.meshgrid(line, line, line, indexing="ij"), axis=-1).reshape(-1, 3)


def _pixels(view: View, centre: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """(2, n): how far each shift moves the bone's centre down and across in the picture."""
    matrix = view.picture_from_room
    ahead = np.vstack([centre, centre + shifts]) @ matrix[:, :3].T + matrix[:, 3]
    at = ahead[:, 1::-1] / ahead[:, 2:]
    return (at[1:] - at[0]).T


def _corners(pixels: np.ndarray, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """(4, n) places in a flat picture that repeats, and their shares at pixels (2, n) between."""
    low = np.floor(pixels).astype(np.intp)
    row, column = (pixels - low).astype(np.float32)
    (top, left), (below, right) = low, low + 1
    index = [
        one % size[0] * size[1] + other % size[1]
        for one, other in ((top, left), (top, right), (below, left), (below, right))
    ]
    share = [(1 - row) * (1 - column), (1 - row) * column, row * (1 - column), row * column]
    return np.stack(index), np.stack(share)


def _size(view: View) -> tuple[int, int]:
    rows, columns = (int(next_fast_len(n) or n) for n in view.shape)
    return rows, columns


def _spectrum(view: View) -> np.ndarray:
    fixed, _ = scaled(view.fixed.across, view.fixed.down, view.fixed.half)
    return np.asarray(fft2(fixed, _size(view)))


def _scores(
    scene: Scene, view: View, pose: Affine, spectrum: np.ndarray,
    corners: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:  # fmt: skip
    """(n,) correlation of gradients at each shift of the bone's picture, see `_corners`."""
    own, root = normalised(view.picture(scene.bone, pose), view.fixed.half)
    weight = np.where(root > FLOOR * root.max(), root, 0.0).astype(np.float32)
    template: np.ndarray = np.asarray(fft2(own * weight, _size(view)))
    both: np.ndarray = np.real(np.asarray(ifft2(template.conj() * spectrum)))
    index, share = corners
    found = (both.ravel()[index] * share).sum(axis=0)
    return found * (2 * view.fixed.half + 1) ** 2 / (float(weight.sum()) + TINY)
