"""Which vertebra is which: order, gaps, and signs of transitional anatomy."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from basivert.anatomy.sacrum import top_of_sacrum
from basivert.arrays import Point
from basivert.errors import Finding
from basivert.geometry.rigid import unit
from basivert.volume.model import Labels

ORDER = ("T10", "T11", "T12", "T13", "L1", "L2", "L3", "L4", "L5", "L6", "S1")
PLANNED = ("L1", "L2", "L3", "L4", "L5", "S1")
UNUSUAL = ("T13", "L6")


def centres(labels: Labels) -> dict[str, Point]:
    """(3,) LPS centroid of every vertebral label that has voxels, cranial to caudal by name.

    In a sacrum that is one piece S1 stands for what lies next below L5.
    """
    found = {name: at for name in ORDER if (at := labels.centre(name)) is not None}
    top = top_of_sacrum(labels)
    return found if top is None else {**found, "S1": top}


def cranial_direction(level: str, centre_of: Mapping[str, Point]) -> Point:
    """(3,) unit LPS direction along the spine at `level`, from its neighbours' centroids.

    With no neighbour it is the scan's own cranial axis.
    """
    names = [name for name in ORDER if name in centre_of]
    at = names.index(level)
    above = centre_of[names[max(at - 1, 0)]]
    below = centre_of[names[min(at + 1, len(names) - 1)]]
    if np.linalg.norm(above - below) < 1e-6:
        return np.array([0.0, 0.0, 1.0])
    return unit(above - below)


def numbering_findings(labels: Labels) -> tuple[Finding, ...]:
    """What speaks against, or cannot confirm, the numbering of the levels."""
    centre_of = centres(labels)
    findings = []
    unusual = [name for name in UNUSUAL if name in centre_of]
    if unusual:
        findings.append(Finding(
            code="transitional", severity="caution",
            what=f"The label map names {', '.join(unusual)}: transitional anatomy. Confirm the "
            "level by counting on whole-spine imaging.", source="transitional",
        ))  # fmt: skip
    if not ({"T12", "T11"} & set(centre_of) and "S1" in centre_of):
        missing = "the last rib-bearing vertebra" if "T12" not in centre_of else "the sacrum"
        findings.append(Finding(
            code="numbering-unconfirmed", severity="caution",
            what=f"The numbering of the levels follows the label map; {missing} is not labelled, "
            "so it cannot be confirmed by counting (transitional anatomy in 10–15 % of people).",
            source="transitional",
        ))  # fmt: skip
    return tuple(findings)
