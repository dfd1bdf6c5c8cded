"""Where a scan ends and the body does not: pixels whose rays pass what no one has scanned."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import binary_fill_holes, binary_opening

from basivert.constants.model import Table
from basivert.fluoroscopy.attenuation import Attenuation, mu_from_hu

# Voxels across the axis that are read at the ends: the outline needs no more.
COARSE = 4
HEAD_FOOT = np.array([0.0, 0.0, 1.0])


def beyond(whole: Attenuation, xray: Table) -> Attenuation:
    """The body's outline at the scan's head and foot end, carried on beyond both.

    Line integrals of the result are the millimetres of unknown body in a ray.

    Args:
        xray: table `xray`, rows cut.*.
    Assumes: the body goes on straight; sides cut by the field of view are not found.
    """
    axes = whole.lps_from_index[:3, :3]
    spacing = np.linalg.norm(axes, axis=0)
    along = int(np.argmax(np.abs(HEAD_FOOT @ axes) / spacing))
    body = float(mu_from_hu(np.array([xray["cut.body"].value]), xray)[0])
    count = max(1, int(np.ceil(xray["cut.reach"].value / spacing[along])))
    values = np.moveaxis(whole.values, along, 2)[::COARSE, ::COARSE]
    length = values.shape[2]
    held = np.zeros((*values.shape[:2], length + 2 * count), dtype=np.float32)
    for end, part in ((0, slice(None, count)), (-1, slice(count + length, None))):
        outline = binary_fill_holes(binary_opening(values[:, :, end] > body))
        held[:, :, part] = np.asarray(outline, dtype=np.float32)[:, :, None]
    step = np.full(3, COARSE)
    step[along] = 1
    affine = whole.lps_from_index.copy()
    affine[:3, :3] = axes * step
    affine[:3, 3] -= count * axes[:, along]
    return Attenuation(values=np.moveaxis(held, 2, along), lps_from_index=affine)
