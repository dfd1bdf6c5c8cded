"""Published experiments, set up as the benchmark does: what must hold whatever the constants."""

import numpy as np
import pytest
from benchmarks import published_bone, published_needle, tables
from benchmarks.ablation_setups import ENDPOINTS, burnt, material, needle, sizes


def wide(**changes):
    usual = dict(start=37.0, gauge=18, setpoint=80.0, seconds=60.0)
    return {e: s[0] for e, s in published_needle._sizes(**{**usual, **changes}).items()}


@pytest.mark.parametrize(
    ("less", "more"),
    [
        (dict(gauge=22), dict(gauge=16)),
        (dict(setpoint=65.0), dict(setpoint=90.0)),
        (dict(seconds=60.0), dict(seconds=180.0)),
        (dict(start=22.0), dict(start=37.0)),
        (dict(flow=True, seconds=180.0), dict(seconds=180.0)),
    ],
)
def test_thicker_hotter_longer_and_warmer_make_wider_lesions(less, more):
    one, two = wide(**less), wide(**more)
    assert all(one[e] < two[e] for e in one)


def test_the_return_on_the_shaft_is_far_enough_to_be_anywhere():
    plain = material("muscle", perfusion_ml_min_kg=0.0)
    near, far = (
        burnt(needle(18, 10.0, back), [plain], setpoint_degc=80.0, ramp_degc_s=5.0, duration_s=60.0)
        for back in (45.0, 70.0)
    )
    one, two = sizes(near.moments[-1]), sizes(far.moments[-1])
    for endpoint in ENDPOINTS:
        np.testing.assert_allclose(one[endpoint], two[endpoint], rtol=0.01)
    assert far.course.impedance_ohm[-1] > 1.05 * near.course.impedance_ohm[-1]


def test_a_better_conducting_zone_makes_a_smaller_lesion_and_a_thick_one_shields():
    low, high = (sizes(published_bone._nodule(s, 5.0)) for s in (0.02, 0.087))
    assert all(high[e][0] < low[e][0] for e in ENDPOINTS)
    thin, thick = (
        published_bone._hottest(published_bone._nodule(0.02, t), 5.0 + t) for t in (1.0, 7.5)
    )
    assert thick < thin - 5.0


def test_the_table_shows_every_row_with_its_note_once():
    rows = [
        dict(what="a", published="1", here="2; 3", note="same"),
        dict(what="b", published="4", here="5", note="same"),
    ]
    text = tables.section({"benchmark": "x", "rows": rows, "versions": {},
                           "machine": {"cores": 2, "python": "3"}})  # fmt: skip
    assert "| a (1) | 1 | 2<br>3 |" in text and "| b (1) | 4 | 5 |" in text
    assert text.count("same") == 1
