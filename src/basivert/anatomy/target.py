"""Where the nerve's hub lies: a density from foramen, body and the published windows."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Foramen, NotVisible, PosteriorWall, Target, TargetWindow
from basivert.anatomy.surface import Refined
from basivert.arrays import Affine, Point
from basivert.constants.model import Table
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved

WINDOWS = {"25–40 %": "window.25_40", "one third": "window.third", "30–50 %": "window.30_50"}
RAY_STEP_MM = 0.25


def target(
    found: Foramen | NotVisible, wall: PosteriorWall, refined: Refined, lps_from_body: Affine,
    targets: Table,
) -> Target:  # fmt: skip
    """Equal mixture of the published depth windows, centred at the foramen's height and side.

    Assumes: windows count equally; inside one the hub is as likely at every depth (`target.window`
        in the facts: any density over them is ours).
    """
    if isinstance(found, Foramen):
        start, sd, basis = found.centre, found.sd_mm, "foramen seen in the CT"
    else:
        start, sd, basis = found.expected, found.sd_mm, f"not visible: {found.prior}"
    origin = moved(inverse(lps_from_body), start)
    depth = midline_depth(refined, wall, origin)
    lateral = np.hypot(sd[0], targets["hub.lateral_sd"].value)
    vertical = np.hypot(sd[2], targets["hub.vertical_sd"].value)
    means, covariances, windows = [], [], []
    for name, key in WINDOWS.items():
        low, high = targets[f"{key}.low"], targets[f"{key}.high"]
        ends = origin + np.outer([low.value, high.value], [0.0, -depth, 0.0])
        # A stated point ("one third") still has the reader's rounding in it.
        spread = max(high.value - low.value, targets["window.rounding"].value) / np.sqrt(12.0)
        along = np.hypot(spread * depth, sd[1])
        means.append(ends.mean(axis=0))
        covariances.append(np.diag([lateral**2, along**2, vertical**2]))
        lps = moved(lps_from_body, ends)
        windows.append(TargetWindow(name=name, low=low.value, high=high.value, points=lps,
                                    middle=lps.mean(axis=0), source=low.source))  # fmt: skip
    return _mixture(np.array(means), np.array(covariances), lps_from_body, tuple(windows), basis)


def _mixture(
    means: np.ndarray, covariances: np.ndarray, lps_from_body: Affine,
    windows: tuple[TargetWindow, ...], basis: str,
) -> Target:  # fmt: skip
    weights = np.full(len(means), 1.0 / len(means))
    centre = weights @ means
    total = np.tensordot(weights, covariances, axes=1) + np.cov(means.T, bias=True)
    rotation = lps_from_body[:3, :3]
    return Target(
        weights=weights,
        means=moved(lps_from_body, means),
        covariances=rotation @ covariances @ rotation.T,
        centre=moved(lps_from_body, centre),
        sd_mm=np.sqrt(np.diag(total)),
        windows=windows,
        basis=basis,
    )


def midline_depth(refined: Refined, wall: PosteriorWall, origin: Point) -> float:
    """Depth of the body from its posterior to its anterior wall at the foramen's height, mm."""
    start = np.array([0.0, float(wall.y_mm(np.array(0.0), origin[2])), origin[2]])
    r = np.arange(8.0, 60.0, RAY_STEP_MM)
    phi = interpolated(
        refined.phi, refined.body_from_index, start - r[:, None] * np.array([0.0, 1.0, 0.0]),
        outside=20.0,
    )  # fmt: skip
    return float(r[int(np.argmax(phi > 0))])


def density(target_: Target, points: np.ndarray) -> np.ndarray:
    """Probability density of the hub at LPS points (..., 3), 1/mm³."""
    total = np.zeros(points.shape[:-1])
    for weight, mean, covariance in zip(
        target_.weights, target_.means, target_.covariances, strict=True
    ):
        away = points - mean
        power = np.einsum("...i,ij,...j", away, np.linalg.inv(covariance), away)
        total += (
            weight * np.exp(-0.5 * power) / np.sqrt((2.0 * np.pi) ** 3 * np.linalg.det(covariance))
        )
    return total
