"""Each unusual scan and label map has its own sentence."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.errors import LabelError, VolumeError
from basivert.volume.checks import ct_findings, label_findings, without_strays
from basivert.volume.model import Labels, Volume
from tests.volume.spines import column, with_values

THRESHOLDS, LIMITS = builtin("thresholds"), builtin("input")
VERSE = {"L1": 20, "L2": 21, "L3": 22, "L4": 23, "L5": 24}


def codes_of(findings):
    return {finding.code for finding in findings}


def checked(ct, labels, code_of):
    return label_findings(
        ct, Labels(volume=labels, code_of=code_of, convention="test"), THRESHOLDS, LIMITS
    )


def test_an_ordinary_scan_has_no_findings():
    ct, labels = column((20, 21, 22))
    assert ct_findings(ct, THRESHOLDS, LIMITS) == ()
    assert checked(ct, labels, {n: c for n, c in VERSE.items() if c < 23}) == ()


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda hu: hu + 1024, "1024 added"),
        (lambda hu: np.clip((hu + 200) / 3, 0, 255).round(), "8-bit"),
        (lambda hu: (hu + 1000) / 1350, "scaled"),
        (lambda hu: np.abs(hu) * 3, "no air or fat"),
        (lambda hu: np.minimum(hu, 150), "no bone"),
        (lambda hu: np.where(hu > 300, np.nan, hu), "not numbers"),
        (lambda hu: np.full_like(hu, 40), "equal"),
    ],
)
def test_values_that_are_not_hounsfield_units_are_named(change, word):
    ct, _ = column((20, 21))
    with pytest.raises(VolumeError, match=word):
        ct_findings(with_values(ct, change(ct.values).astype(np.float32)), THRESHOLDS, LIMITS)


@pytest.mark.parametrize("factor", [1e-3, 1e3])
def test_a_spacing_in_other_units_is_refused(factor):
    ct, _ = column((20, 21))
    scaled = ct.lps_from_index * np.array([factor, factor, factor, 1.0])[:, None]
    with pytest.raises(VolumeError, match="millimetres"):
        ct_findings(Volume(values=ct.values, lps_from_index=scaled, unit="HU"), THRESHOLDS, LIMITS)


def test_thick_slices_large_voxels_and_padding_are_told():
    thick, _ = column((20, 21), spacing=(1.0, 1.0, 5.0))
    assert codes_of(ct_findings(thick, THRESHOLDS, LIMITS)) == {"thick-slices"}
    coarse, _ = column((20, 21), spacing=(3.0, 3.0, 3.0))
    assert codes_of(ct_findings(coarse, THRESHOLDS, LIMITS)) == {"thick-slices", "large-voxels"}
    ct, _ = column((20, 21))
    padded = ct.values.copy()
    padded[:3] = -2048
    found = ct_findings(with_values(ct, padded), THRESHOLDS, LIMITS)
    assert codes_of(found) == {"padding"}
    assert found[0].severity == "info"


def test_metal_beside_a_vertebra_is_told_though_unlabelled():
    ct, labels = column((20, 21, 22))
    metal = ct.values.copy()
    box = np.argwhere(labels.values == 21)
    i, j, k = box.min(axis=0)
    metal[i - 3 : i - 1, j : j + 12, k : k + 3] = 3071
    assert "metal" in codes_of(checked(with_values(ct, metal), labels, VERSE))
    assert "metal" not in codes_of(checked(ct, labels, VERSE))
    away = ct.values.copy()
    away[:2, :2] = 3071
    assert "metal" not in codes_of(checked(with_values(ct, away), labels, VERSE))


def test_contrast_in_the_aorta_is_told():
    ct, labels = column((20, 21))
    values, bright = labels.values.copy(), ct.values.copy()
    values[20:25, 2:6, 10:30], bright[20:25, 2:6, 10:30] = 7, 300
    names = {**VERSE, "aorta": 7}
    assert "contrast" in codes_of(
        checked(with_values(ct, bright), with_values(labels, values), names)
    )
    assert "contrast" not in codes_of(checked(ct, with_values(labels, values), names))


def test_levels_out_of_order_are_refused_and_gaps_told():
    ct, labels = column((20, 22, 21))
    with pytest.raises(LabelError, match="L2 does not lie above L3"):
        checked(ct, labels, VERSE)
    ct, labels = column((20, 22))
    assert codes_of(checked(ct, labels, VERSE)) == {"level-gap"}
    ct, labels = column((20, 21), pitch_mm=75.0)
    assert codes_of(checked(ct, labels, VERSE)) == {"level-distance"}


def test_a_sacrum_in_one_piece_is_not_taken_for_s1():
    ct, labels = column((24, 50))
    found = checked(ct, labels, {"L5": 24, "sacrum": 50})
    assert codes_of(found) == {"sacrum-undivided"}


def test_a_cut_level_is_told_with_the_patients_side():
    ct, labels = column((20, 21), margin_mm=0.0)
    found = {f.level: f.what for f in checked(ct, labels, VERSE) if f.code == "cut-by-edge"}
    assert "upper edge" in found["L1"] and "lower edge" in found["L2"]


def test_strays_go_and_the_bone_stays():
    _, labels = column((20, 21))
    spoilt = labels.values.copy()
    spoilt[1, 1, 1] = spoilt[1, 1, 2] = 20
    clean, findings = without_strays(with_values(labels, spoilt), {"L1": 20, "L2": 21}, LIMITS)
    np.testing.assert_array_equal(clean.values, labels.values)
    assert [(f.code, f.level) for f in findings] == [("stray-voxels", "L1")]
    assert spoilt[1, 1, 1] == 20


def test_other_grids_are_not_compared():
    ct, _ = column((20, 21))
    _, labels = column((20, 21, 22))
    with pytest.raises(LabelError, match="different grids"):
        checked(ct, labels, VERSE)
