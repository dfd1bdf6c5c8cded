"""A burn tells how far it is, and ends at once where whoever is told says so."""

import numpy as np
import pytest

from basivert.ablation.ablate import ablate, posed
from basivert.ablation.adjust import adjusted
from basivert.ablation.generator import ExactControl
from basivert.ablation.treatment import treat
from basivert.errors import Cancelled
from tests.ablation.problems import COARSE, bone, one_tissue, physics, probe, straight
from tests.ablation.test_adjust import FREE, TABLE, burn, wish
from tests.ablation.test_several import ROUGHEST
from tests.ablation.test_treatment import USUAL, burns

DRIVE = ExactControl(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0, duration_s=60.0)


def burning(watch, resolution=COARSE):
    return ablate(probe(straight()), one_tissue, [bone()], physics(), DRIVE,
                  resolution=resolution, watch=watch)  # fmt: skip


def until(told, count):
    """Ends the work when it is asked for the `count`-th time."""

    def watch(done):
        told.append(done)
        if len(told) == count:
            raise Cancelled("Enough.")

    return watch


@pytest.mark.parametrize("resolution", [COARSE, ROUGHEST], ids=["fitted", "general"])
def test_a_burn_stops_before_its_next_solve(resolution):
    told = []

    def watch(done):
        told.append(done)
        if done > 0.0:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        burning(watch, resolution)
    # The first step of a burn: no second one was begun.
    assert told[-2] == 0.0 < told[-1] < 0.1


def test_it_is_asked_before_every_step_and_told_how_far_it_is():
    told = []
    done = burning(told.append)
    # The field, and twice the heat.
    assert len(told) >= 3 * done.effort.steps
    assert told == sorted(told) and told[0] == 0.0 and 0.5 < told[-1] < 1.0


def test_laying_the_general_grid_ends_too_where_it_is_asked():
    """Ten seconds of work where two probes lie in a patient: longer than any solve."""
    told = []
    with pytest.raises(Cancelled):
        posed([probe(straight())], one_tissue, [bone()], physics(), ROUGHEST, until(told, 3))
    assert told == [0.0] * 3


def test_burns_of_a_treatment_share_the_whole():
    plan, told = burns(dict(hold_s=20.0, cool_down_s=4.0), dict(hold_s=20.0)), []
    treat(probe(straight()), one_tissue, [bone()], physics(), plan, resolution=USUAL,
          watch=told.append)  # fmt: skip
    one, two = (drive.duration_s for drive in plan.drives)
    assert told == sorted(told) and told[-1] < 1.0
    assert any(abs(share - one / (one + two)) < 1e-9 for share in told)


def test_the_search_for_a_change_ends_within_its_second_solve():
    told = []

    def watch(done):
        told.append(done)
        if np.count_nonzero(np.diff(told) < 0) and done > 0.3:
            raise Cancelled("Enough.")

    case = burn(straight(), np.array([[0.0, 0.0, -60.0]]), {})
    with pytest.raises(Cancelled):
        adjusted(case, wish(1.0), TABLE, FREE, watch)
    assert np.count_nonzero(np.diff(told) < 0) == 1
