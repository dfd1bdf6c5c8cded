"""Every complete lumbar vertebra of the real CT gets an anatomy, about the annotated centres."""

import json

import numpy as np
import pytest

from basivert.anatomy.find import located
from basivert.anatomy.model import Foramen, Vertebra
from basivert.geometry.rigid import inverse, moved
from basivert.workflow.plan_case import builtin_tables

TABLES = builtin_tables().anatomy
CODES = {"L1": 20, "L2": 21, "L3": 22, "L4": 23, "L5": 24}


@pytest.fixture(scope="module")
def folder(shared):
    return shared / "verse014"


@pytest.fixture(scope="module")
def found(folder):
    from basivert.edge.imaging.case import read_case

    case = read_case(folder / "sub-verse014_ct.nii.gz", folder / "sub-verse014_seg-vert_msk.nii.gz")
    return case, {level: located(case, level, TABLES) for level in CODES}


@pytest.mark.parametrize("level", list(CODES))
def test_each_vertebra_is_measured_with_both_pedicles(found, level):
    vertebra = found[1][level]
    assert isinstance(vertebra, Vertebra)
    assert set(vertebra.pedicles) == {"left", "right"}
    left, right = (vertebra.pedicles[side].width_mm.value for side in ("left", "right"))
    # The two sides of one person are alike.
    assert 0.6 < left / right < 1.6


@pytest.mark.parametrize("level", list(CODES))
def test_body_lies_about_the_annotated_centroid(folder, found, level):
    """The file's centroids are of the bodies, in voxels of the file's own axes."""
    case, vertebrae = found
    rows = json.loads(next(folder.glob("*_ctd.json")).read_text(encoding="utf-8"))
    row = next(r for r in rows if r.get("label") == CODES[level])
    place = moved(case.ct.lps_from_index, np.array([row["X"], row["Y"], row["Z"]], float))
    away = moved(inverse(vertebrae[level].lps_from_body), place)
    assert np.all(np.abs(away) < 6.0)


def test_levels_follow_each_other_downwards(found):
    heights = [found[1][level].lps_from_body[2, 3] for level in CODES]
    assert np.all(np.diff(heights) < -20.0)


@pytest.mark.parametrize("level", ["L2", "L4"])
def test_foramen_that_a_reader_sees_is_seen_near_the_midline(found, level):
    vertebra = found[1][level]
    assert isinstance(vertebra.foramen, Foramen)
    at = moved(inverse(vertebra.lps_from_body), vertebra.foramen.centre)
    assert abs(at[0]) < 2.0
    assert abs(at[2]) < 4.0
