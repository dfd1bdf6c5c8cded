"""One vertebra from scan and label: composition of all that is measured, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from basivert.anatomy import bone, morphometry, sacrum
from basivert.anatomy.body import body_size
from basivert.anatomy.canal import canal
from basivert.anatomy.endplates import endplate
from basivert.anatomy.foramen import foramen
from basivert.anatomy.levels import centres, cranial_direction
from basivert.anatomy.model import Partial, Pedicle, Side, Vertebra
from basivert.anatomy.pedicles import pedicle
from basivert.anatomy.rough import COARSE_MM, Rough, rough_frame
from basivert.anatomy.surface import label_distance, refined_surface
from basivert.anatomy.target import target
from basivert.anatomy.wall import posterior_wall
from basivert.anatomy.walls import classified, fields, lps_surface
from basivert.arrays import Affine, Grid, Mask, Points
from basivert.constants.model import Table
from basivert.errors import Finding, NumericsError
from basivert.geometry.grids import regridded
from basivert.geometry.rigid import inverse, moved
from basivert.volume.model import Case
from basivert.volume.pieces import boxes

GRID_MM = 0.8
CROP_MM = 4.5
AROUND_MM = 4.0
# A label smaller than this is a sliver, not a vertebra, ml (smallest L1 in the data: about 30 ml).
LEAST_ML = 12.0
# A thinner bridge is a gap in the label: the narrowest published pedicle has 7 mm (Lien 2007), and
# virtual patients go down to 2.5 mm.
LEAST_PEDICLE_MM = 2.0
# S1 is framed, its ala (and what lies below) trimmed along that frame, and framed again.
CUT_ROUNDS = 2
# How far behind the body's posterior wall pedicles reach.
PEDICLE_REACH_MM = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """The tables that anatomy reads."""

    targets: Table
    thresholds: Table
    morphometry: Table


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Crop:
    """The scan about one vertebra.

    label_mm: signed distance to the label's border at the scan's spacing; hu: CT, same voxels.
    cut: (n, 3) LPS mm, label voxels on the scan's own edge.
    """

    label_mm: Grid
    hu: Grid
    lps_from_index: Affine
    voxels: Points
    cut: Points


def find_vertebra(case: Case, level: str, tables: Tables) -> Vertebra | Partial:
    """Everything about one level, or why it cannot be had.

    Raises: NumericsError where the label does not look like a vertebra.
    """
    if level == "S1":
        return _sacral(case, tables)
    crop = labelled(case, level)
    if small := _too_small(case, crop, level):
        return small
    rough = rough_frame(*_coarse(crop), cranial_direction(level, centres(case.labels)))
    cut = _cut(crop, rough, level)
    if isinstance(cut, Partial):
        return cut
    return _measured(crop, rough, level, tables, cut)


def _too_small(case: Case, crop: Crop, level: str) -> Partial | None:
    volume_ml = len(crop.voxels) * float(np.prod(case.ct.spacing_mm)) / 1000.0
    if volume_ml >= LEAST_ML:
        return None
    return Partial(
        level=level,
        failed=False,
        findings=(),
        reason=f"Only {volume_ml:.0f} ml of {level} are "
        f"labelled (a whole lumbar vertebra has at least {LEAST_ML:.0f} ml).",
    )


def _sacral(case: Case, tables: Tables) -> Vertebra | Partial:
    """S1: framed by its upper endplate alone, joined with its ala, ended by a limit."""
    labels, level = case.labels, "S1"
    cut_out = sacrum.undivided(labels) is not None
    own, cranial = sacrum.first_piece(labels), cranial_direction(level, centres(labels))
    height = tables.morphometry["S1.height_posterior"].value
    crop = cropped(case, own)
    if small := _too_small(case, crop, level):
        return small
    rough = rough_frame(*_coarse(crop), cranial, upper_only=True)
    for _ in range(CUT_ROUNDS):
        own = sacrum.trimmed(labels, rough.lps_from_body, float(rough.half_mm[2]), height)
        crop = cropped(case, own)
        rough = rough_frame(*_coarse(crop), rough.lps_from_body[:3, 2], upper_only=True)
    cut = _cut(crop, rough, level)
    if isinstance(cut, Partial):
        return cut
    whole = sacrum.with_ala(labels, own, rough.lps_from_body, float(rough.half_mm[2]))
    told = sacrum.told(cut_out, bool((whole & ~own).any()), tables.morphometry)
    found = _measured(cropped(case, whole), rough, level, tables, (*cut, *told))
    return replace(
        found,
        lower_endplate=sacrum.lower_limit(
            found.upper_endplate, found.lps_from_body, rough.half_mm, tables.morphometry, cut_out
        ),
        size=sacrum.sacral_size(found.size, rough.half_mm, cut_out, tables.morphometry),
        pedicles={side: sacrum.sacral_pedicle(one) for side, one in found.pedicles.items()},
    )


def cropped(case: Case, mask: Mask) -> Crop:
    """The part of scan and label (i, j, k) that holds one vertebra with a margin."""
    box = boxes(mask.view(np.uint8))[0]
    assert box is not None
    window = _widened(case, box)
    return _crop(case, window, mask[window])


def labelled(case: Case, level: str) -> Crop:
    """The same for the label of a level: its place is known, so that the rest is not looked at."""
    code = case.labels.code_of[level]
    window = _widened(case, case.labels.pieces[code].box)
    return _crop(case, window, case.labels.volume.values[window] == code)


def _widened(case: Case, box: tuple[slice, ...]) -> tuple[slice, ...]:
    """A box of voxels with the margin."""
    grow = np.ceil(CROP_MM / case.ct.spacing_mm).astype(int)
    low = np.maximum([s.start for s in box] - grow, 0)
    high = np.minimum([s.stop for s in box] + grow, case.ct.values.shape)
    return tuple(slice(int(a), int(b)) for a, b in zip(low, high, strict=True))


def _crop(case: Case, window: tuple[slice, ...], mask: Mask) -> Crop:
    """What is there; mask: of the window."""
    low = np.array([part.start for part in window])
    lps_from_index = case.ct.lps_from_index.copy()
    lps_from_index[:3, 3] += lps_from_index[:3, :3] @ low
    voxels = np.argwhere(mask)
    last = np.array(case.ct.values.shape) - 1
    edge = np.any((voxels + low == 0) | (voxels + low == last), axis=1)
    return Crop(
        label_mm=label_distance(mask, case.ct.spacing_mm),
        hu=case.ct.values[window],
        lps_from_index=lps_from_index,
        voxels=moved(lps_from_index, voxels.astype(float)),
        cut=moved(lps_from_index, voxels[edge].astype(float)),
    )


def _coarse(crop: Crop) -> tuple[Grid, Affine]:
    low, high = crop.voxels.min(axis=0) - 4.0, crop.voxels.max(axis=0) + 4.0
    lps_from_index = np.diag([COARSE_MM, COARSE_MM, COARSE_MM, 1.0])
    lps_from_index[:3, 3] = low
    i, j, k = (int(n) for n in np.ceil((high - low) / COARSE_MM))
    found = regridded(crop.label_mm, crop.lps_from_index, lps_from_index, (i, j, k), outside=20.0)
    return found, lps_from_index


def _cut(crop: Crop, rough: Rough, level: str) -> Partial | tuple[Finding, ...]:
    """Judge where the scan's edge cuts the bone: body or pedicle is too much, a process is not."""
    if not len(crop.cut):
        return ()
    at = moved(inverse(rough.lps_from_body), crop.cut)
    behind = at[:, 1] - rough.half_mm[1]
    edge = Finding(
        code="cut-by-edge",
        severity="caution",
        level=level,
        what=f"{level} touches the edge of the scan; its processes are cut there.",
    )
    in_body = (np.abs(at[:, 0]) < 1.1 * rough.half_mm[0]) & (
        np.abs(at[:, 2]) < 1.2 * rough.half_mm[2]
    )
    if np.mean((behind < 0) & in_body) > 0.05:
        return Partial(
            level=level,
            failed=False,
            findings=(edge,),
            reason=f"The edge of the scan cuts through the body of {level}.",
        )
    beside = (behind < PEDICLE_REACH_MM) & (np.abs(at[:, 2]) < 0.8 * rough.half_mm[2])
    if np.mean(beside & (np.abs(at[:, 0]) < rough.half_mm[0])) > 0.05:
        return Partial(
            level=level,
            failed=False,
            findings=(edge,),
            reason=f"The edge of the scan cuts through a pedicle of {level}.",
        )
    return (edge,)


def _grid(crop: Crop, rough: Rough) -> tuple[Affine, tuple[int, int, int]]:
    inside = moved(inverse(rough.lps_from_body), crop.voxels)
    low, high = inside.min(axis=0) - AROUND_MM, inside.max(axis=0) + AROUND_MM
    body_from_index = np.diag([GRID_MM, GRID_MM, GRID_MM, 1.0])
    body_from_index[:3, 3] = low
    i, j, k = (int(n) for n in np.ceil((high - low) / GRID_MM))
    return body_from_index, (i, j, k)


def _measured(
    crop: Crop, rough: Rough, level: str, tables: Tables, findings: tuple[Finding, ...]
) -> Vertebra:
    lps, half = rough.lps_from_body, rough.half_mm
    refined = refined_surface(crop.label_mm, crop.hu, crop.lps_from_index, lps, *_grid(crop, rough))
    wall = posterior_wall(refined, half, lps)
    free = canal(refined, wall, half)
    both: dict[Side, Pedicle] = {}
    for side in ("left", "right"):
        turn = tables.morphometry[f"{level}.pedicle_transverse"].value
        found = pedicle(refined, wall, free, lps, side, turn)
        if found is not None and found.width_mm.value >= LEAST_PEDICLE_MM:
            both[side] = found
    code = classified(refined, wall, half, both, lps)
    size = body_size(refined, wall, half)
    upper = endplate(refined, half, lps, True)
    opening = foramen(refined, wall, half, lps, level, tables.targets)
    flags = morphometry.flags(level, size, free, both, tables.morphometry, tables.thresholds)
    return Vertebra(
        level=level, lps_from_body=lps, symmetry_residual_mm=rough.symmetry_residual_mm,
        surface=lps_surface(refined, code, lps), field=fields(refined, code),
        upper_endplate=upper,
        # S1 ends in a limit that takes this plate's place.
        lower_endplate=upper if level == "S1" else endplate(refined, half, lps, False),
        size=size, posterior_wall=wall, canal=free, pedicles=both, foramen=opening,
        target=target(opening, wall, refined, lps, tables.targets),
        density=bone.density(refined, wall, half, tables.thresholds),
        findings=(*findings, *flags, *_missing(level, both)),
    )  # fmt: skip


def _missing(level: str, both: dict[Side, Pedicle]) -> tuple[Finding, ...]:
    return tuple(
        Finding(code="no-pedicle", severity="caution", level=level,
                what=f"No bone bridge between body and arch was found on the {side} of {level}.")
        for side in ("left", "right") if side not in both
    )  # fmt: skip


def located(case: Case, level: str, tables: Tables) -> Vertebra | Partial:
    """`find_vertebra`, with a failed self-check told as the reason of a `Partial`."""
    try:
        return find_vertebra(case, level, tables)
    except NumericsError as cause:
        return Partial(
            level=level, reason=f"{cause.what} {cause.fix}".strip(), failed=True, findings=()
        )
