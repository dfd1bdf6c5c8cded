"""A column of boxes that stands for a spine: enough to read, name and check."""

import numpy as np

from basivert.volume.model import Volume

PITCH_MM, HEIGHT_MM = 34.0, 26.0


def column(codes, *, spacing=(2.0, 2.0, 2.0), pitch_mm=PITCH_MM, margin_mm=20.0):
    """CT and labels of boxes, the first code uppermost. Returns: Volume (HU), Volume (label)."""
    length = pitch_mm * (len(codes) - 1) + HEIGHT_MM + 2 * margin_mm
    shape = [round(s / d) for s, d in zip((100.0, 90.0, length), spacing, strict=True)]
    lps_from_index = np.diag([*spacing, 1.0])
    lps_from_index[:3, 3] = -50.0, -40.0, -length
    x, y, z = (lps_from_index[a, 3] + spacing[a] * np.arange(shape[a]) for a in range(3))
    hu = np.full(shape, 40.0, np.float32)
    hu[np.abs(x) > 40] = -100.0
    hu[:, y > 40] = -1000.0
    labels = np.zeros(shape, np.int16)
    across, deep = np.flatnonzero(np.abs(x) < 24), np.flatnonzero(np.abs(y) < 18)
    for number, code in enumerate(codes):
        top = -margin_mm - number * pitch_mm
        high = np.flatnonzero((z < top) & (z >= top - HEIGHT_MM))
        box = np.ix_(across, deep, high)
        labels[box], hu[box] = code, 350.0
    return (
        Volume(values=hu, lps_from_index=lps_from_index, unit="HU"),
        Volume(values=labels, lps_from_index=lps_from_index, unit="label"),
    )


def with_values(volume, values):
    """The same grid with other values."""
    return Volume(values=values, lps_from_index=volume.lps_from_index, unit=volume.unit)
