"""Scan and labels together, as one case with all that was noticed."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import numpy as np
from scipy.ndimage import map_coordinates

from basivert.constants.load import builtin
from basivert.edge.imaging.volumes import read_volume
from basivert.errors import Finding, LabelError
from basivert.geometry.grids import grid_points
from basivert.geometry.rigid import inverse, moved
from basivert.volume.checks import ct_findings, label_findings, without_strays
from basivert.volume.labels import recognised
from basivert.volume.model import Case, Labels, Volume


def read_case(ct: Path, labels: Path, label_map: Path | None = None) -> Case:
    """Read, name and check a scan with its label map.

    Args:
        label_map: TOML or JSON of structure name → code, for conventions not known here.

    Raises: VolumeError, LabelError; each says what was wrong and what to do.
    """
    thresholds = builtin("thresholds")
    scan, noticed = read_volume(ct, "HU")
    found = list(noticed + ct_findings(scan, thresholds))
    codes, noticed = read_volume(labels, "label")
    found += noticed
    if not codes.values.any():
        raise LabelError(f"{labels.name} is empty: it labels nothing.", fix="Check the file.")
    codes, noticed = _on_grid(codes, scan, labels.name)
    found += noticed
    if label_map is not None:
        code_of, convention = read_map(label_map), label_map.name
    else:
        known = recognised(codes, labels.name)
        code_of, convention = dict(known.code_of), known.title
    present = set(np.unique(codes.values).tolist())
    code_of = {name: code for name, code in code_of.items() if code in present}
    codes, noticed = without_strays(codes, code_of)
    found += noticed
    named = Labels(volume=codes, code_of=code_of, convention=convention)
    found += label_findings(scan, named, thresholds)
    return Case(
        ct=scan, labels=named, findings=tuple(found), ct_name=ct.name, labels_name=labels.name
    )


def read_map(path: Path) -> dict[str, int]:
    """Structure name → code from a TOML or JSON file. Raises LabelError."""
    try:
        text = path.read_text(encoding="utf-8")
        rows = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as cause:
        raise LabelError(
            f"{path.name} cannot be read: {cause}", fix="Write lines like L3 = 22."
        ) from cause
    if not rows or not all(isinstance(code, int) for code in rows.values()):
        raise LabelError(
            f"{path.name} must map names to whole numbers.", fix="Write lines like L3 = 22."
        )
    return {str(name): int(code) for name, code in rows.items()}


def _on_grid(codes: Volume, scan: Volume, name: str) -> tuple[Volume, tuple[Finding, ...]]:
    """The labels on the scan's grid; a different grid is resampled and told."""
    if codes.values.shape == scan.values.shape and np.allclose(
        codes.lps_from_index, scan.lps_from_index, atol=1e-2
    ):
        return codes, ()
    index = moved(
        inverse(codes.lps_from_index) @ scan.lps_from_index,
        grid_points(np.eye(4), scan.values.shape),  # type: ignore[arg-type]
    )
    values = map_coordinates(
        codes.values, index.reshape(-1, 3).T, order=0, mode="constant", cval=0, prefilter=False
    ).reshape(scan.values.shape)
    kept = np.count_nonzero(values) * float(np.prod(scan.spacing_mm))
    had = np.count_nonzero(codes.values) * float(np.prod(codes.spacing_mm))
    if kept < 0.01 * had:
        raise LabelError(
            f"{name} and the CT do not overlap: labels lie at {_extent(codes)}, the CT at "
            f"{_extent(scan)} (LPS mm).", fix="Give the labels that were made on this CT.",
        )  # fmt: skip
    finding = Finding(
        code="labels-resampled", severity="caution",
        what=f"{name} lies on another grid than the CT and was resampled (nearest neighbour); "
        f"{kept / had:.0%} of it lies inside the CT.",
    )  # fmt: skip
    return Volume(values=values, lps_from_index=scan.lps_from_index, unit="label"), (finding,)


def _extent(volume: Volume) -> str:
    corners = np.array(np.meshgrid(*[[0, n - 1] for n in volume.values.shape])).reshape(3, -1).T
    lps = moved(volume.lps_from_index, corners.astype(float))
    low, high = lps.min(axis=0), lps.max(axis=0)
    return " × ".join(f"{a:.0f}…{b:.0f}" for a, b in zip(low, high, strict=True))
