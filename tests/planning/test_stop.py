"""Where the introducer stops, and that a usual stop is preferred only among plans alike."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.constants.load import builtin
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import builtin_instrument
from basivert.planning.poses import Lines
from basivert.planning.stop import off_usual_mm, preferred

TECHNIQUE = builtin("technique")
CURVED = builtin_instrument("curved_bipolar")
SHARES = st.lists(st.tuples(
    st.floats(0.0, 1.0), st.floats(0.0, 5.0), st.floats(0.0, 9.0)
), min_size=1, max_size=20)  # fmt: skip


def shaft_to(vertebra, past_mm, beside_mm):
    """A straight shaft forwards whose tip lies so far past the wall at its place."""
    tip = np.array([beside_mm, 0.0, 2.0])
    tip[1] = float(vertebra.posterior_wall.y_mm(tip[0], tip[2])) - past_mm
    shaft = tip + np.linspace(-30.0, 0.0, 31)[:, None] * np.array([0.0, -1.0, 0.0])
    none = np.zeros((1, 1))
    return Lines(shaft=shaft[None], shaft_mm=none, curve=none, curve_radius_mm=none, active=none)


@pytest.mark.parametrize(("past", "off"), [(-3.0, 3.0), (0.5, 0.0), (4.5, 0.0), (9.0, 4.0)])
def test_distance_from_the_usual_stretch_along_a_shaft_in_the_midline(planned, past, off):
    vertebra = planned.levels[0].vertebra
    found = off_usual_mm(vertebra, shaft_to(vertebra, past, 0.0), CURVED, TECHNIQUE)
    assert found[0] == pytest.approx(off, abs=0.01)


def test_the_wall_that_comes_last_counts(planned):
    """Where the wall stands further back beside the midline, the lateral view's line counts."""
    vertebra = planned.levels[0].vertebra
    wall = vertebra.posterior_wall
    bent = dataclasses.replace(vertebra, posterior_wall=dataclasses.replace(
        wall, powers=(*wall.powers, (2, 0)),
        coefficients=np.append(wall.coefficients, 4.0 / 10.0**2),
    ))  # fmt: skip
    here = shaft_to(bent, 0.0, 10.0)
    behind = off_usual_mm(bent, here, CURVED, TECHNIQUE)[0]
    tip = here.shaft[0, -1]
    shown = float(bent.posterior_wall.y_mm(0.0, tip[2]))
    assert behind == pytest.approx(max(tip[1] - shown, 0.0), abs=0.01)
    assert behind > 1.0


def test_kinds_without_a_set_curve_have_no_usual_stop(planned):
    vertebra = planned.levels[0].vertebra
    straight = builtin_instrument("articulating")
    assert off_usual_mm(vertebra, shaft_to(vertebra, 20.0, 0.0), straight, TECHNIQUE)[0] == 0.0


@given(SHARES)
def test_what_is_taken_is_worth_nearly_as_much_and_leaves_nearly_as_much_room(rows):
    worth, margin, off = np.array(rows).T
    taken = int(np.argmax(preferred(worth, margin, off, TECHNIQUE)))
    best = int(np.argmax(worth))
    assert worth[taken] >= worth[best] * (1.0 - TECHNIQUE["introducer.yield"].value) - 1e-12
    if taken != best and worth[taken] < worth[best]:
        assert margin[taken] >= margin[best] - TECHNIQUE["introducer.margin"].value
        assert off[taken] < off[best]


def test_of_two_alike_the_usual_one_is_taken():
    worth, margin = np.array([0.70, 0.69]), np.array([2.0, 2.0])
    assert int(np.argmax(preferred(worth, margin, np.array([3.0, 0.0]), TECHNIQUE))) == 1
    assert int(np.argmax(preferred(worth, margin - [0, 0.5], np.array([3.0, 0]), TECHNIQUE))) == 0


def test_depths_of_plans_agree_with_the_search(planned):
    """The stop of a described plan is the one that the search has counted."""
    for level in planned.levels:
        for plan in level.plans:
            path = plan.path
            body = inverse(level.vertebra.lps_from_body)
            ends = moved(body, np.array([path.entry_bone, path.curve_start]))
            none = np.zeros((1, 1))
            seen = Lines(shaft=ends[None], shaft_mm=none, curve=none, curve_radius_mm=none,
                         active=none)  # fmt: skip
            off = off_usual_mm(level.vertebra, seen, plan.instrument, TECHNIQUE)[0]
            last = max(plan.depths.true_wall_mm, plan.depths.wall_line_mm)
            past = plan.depths.curve_start_mm - last
            assert off == pytest.approx(max(-past, past - 5.0, 0.0), abs=1.5)
