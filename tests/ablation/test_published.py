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


def test_power_of_a_needle_is_that_of_a_rod_in_an_endless_conductor():
    """Rod against infinity: R = ln(2 l/a) / (2πσ l) within the shape factor's own few per cent."""
    plain = material("muscle", perfusion_ml_min_kg=0.0)
    course = burnt(
        needle(18, 20.0), [plain], setpoint_degc=45.0, ramp_degc_s=1.0, duration_s=30.0
    ).course
    rod = np.log(2 * 20.0 / 0.635) / (2 * np.pi * plain.sigma_s_m * 20e-3)
    away = np.log(2 * 60.0 / 0.635) / (2 * np.pi * plain.sigma_s_m * 60e-3)
    assert course.impedance_ohm[0] == pytest.approx(rod + away, rel=0.1)


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
