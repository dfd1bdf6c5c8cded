"""S1: framed by its upper endplate, cut from an undivided sacrum, honest about its lower end."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.anatomy import sacrum
from basivert.anatomy.find import located
from basivert.anatomy.levels import centres
from basivert.anatomy.model import NotVisible, Vertebra
from basivert.constants.load import builtin
from basivert.geometry.rigid import inverse, moved
from basivert.phantom.render import render
from basivert.phantom.shapes import plate_normal
from basivert.phantom.spine import make_spine
from basivert.volume.model import Case
from basivert.workflow.plan_case import builtin_tables
from tests.conftest import scanner, wish

TABLES = builtin_tables().anatomy


@pytest.fixture(scope="module")
def spine():
    return make_spine(wish(levels=("L5", "S1")), builtin("morphometry"), builtin("targets"))


@pytest.fixture(scope="module")
def sacral_case(spine) -> Case:
    return render(spine, scanner())


@pytest.fixture(scope="module")
def s1(sacral_case) -> Vertebra:
    found = located(sacral_case, "S1", TABLES)
    assert isinstance(found, Vertebra)
    return found


def one_piece(case: Case, into: str = "sacrum") -> Case:
    """The same scan with S1 and sacrum under one name."""
    values, code_of = case.labels.volume.values.copy(), dict(case.labels.code_of)
    own = code_of.pop("S1")
    code = code_of.pop("sacrum", own)
    values[values == own] = code
    volume = replace(case.labels.volume, values=values)
    labels = replace(case.labels, volume=volume, code_of={**code_of, into: code})
    return replace(case, labels=labels)


def angle(one, other):
    return np.degrees(np.arccos(np.clip(one @ other, -1, 1)))


def test_z_is_square_to_the_upper_endplate(s1):
    assert angle(s1.lps_from_body[:3, 2], s1.upper_endplate.normal) < 3.0


def test_upper_endplate_and_wedge_hold_the_truth(spine, s1):
    truth = spine.vertebrae["S1"]
    turn, spec = truth.lps_from_body[:3, :3], truth.spec
    upper = turn @ plate_normal(spec.upper_tilt_deg, spec.upper_lean_deg)
    assert angle(s1.upper_endplate.normal, upper) < 3.0
    lower = turn @ plate_normal(spec.lower_tilt_deg, 0.0)
    tilt = np.degrees(np.arctan2(-lower[1], lower[2]))
    assert s1.lower_endplate.sagittal_deg.low < tilt < s1.lower_endplate.sagittal_deg.high


def test_lower_end_lies_below_and_faces_down(s1):
    body = moved(inverse(s1.lps_from_body), s1.lower_endplate.centre)
    assert body[2] < -8.0
    assert s1.lower_endplate.normal @ s1.lps_from_body[:3, 2] < -0.9


def test_limits_are_told_and_wide(s1):
    assert {"sacrum-open"} <= {finding.code for finding in s1.findings}
    assert s1.lower_endplate.sagittal_deg.sd > 2 * s1.upper_endplate.sagittal_deg.sd
    assert s1.size.width_middle_mm.sd > 5.0
    for pedicle in s1.pedicles.values():
        assert pedicle.width_mm.sd > 0.99 * sacrum.OPEN_SECTION_SD_MM


def test_foramen_is_left_to_the_prior_where_no_threshold_was_measured(s1):
    assert isinstance(s1.foramen, NotVisible)
    assert "S1" in s1.foramen.prior


def test_an_undivided_sacrum_gives_the_same_s1_and_says_so(sacral_case, s1):
    whole = one_piece(sacral_case)
    assert sacrum.undivided(whole.labels) == "sacrum"
    found = located(whole, "S1", TABLES)
    assert isinstance(found, Vertebra)
    assert "sacrum-cut" in {finding.code for finding in found.findings}
    assert angle(found.upper_endplate.normal, s1.upper_endplate.normal) < 1.5
    gap = (found.target.centre - s1.target.centre) @ s1.lps_from_body[:3, :3]
    assert np.all(np.abs(gap) < 2 * s1.target.sd_mm)


def test_without_l5_nothing_tells_where_the_sacrum_begins(sacral_case):
    whole = one_piece(sacral_case)
    alone = {name: code for name, code in whole.labels.code_of.items() if name != "L5"}
    labels = replace(whole.labels, code_of=alone)
    assert sacrum.undivided(labels) is None
    assert "S1" not in centres(labels)


@pytest.mark.parametrize("into", ["sacrum", "S1"])
def test_real_sacrum_in_one_piece_agrees_with_its_divided_label(shared, into):
    folder = shared / "totalseg_example"
    from basivert.edge.imaging.case import read_case

    case = read_case(folder / "example_ct.nii.gz", folder / "example_seg_fast_force_split.nii.gz")
    divided = located(case, "S1", TABLES)
    whole = one_piece(case, into)
    assert sacrum.undivided(whole.labels) == into
    cut = located(whole, "S1", TABLES)
    assert isinstance(divided, Vertebra)
    assert isinstance(cut, Vertebra)
    assert angle(cut.upper_endplate.normal, divided.upper_endplate.normal) < 1.0
    assert np.linalg.norm(cut.target.centre - divided.target.centre) < 2.0
    # The published height, 25 ± 5 mm, holds this patient's.
    low = np.linalg.norm(cut.lower_endplate.centre - divided.lower_endplate.centre)
    assert low < 2 * cut.lower_endplate.residual_mm
