"""Smallest changes of a burn whose answer is known by construction."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.ablate import ablate
from basivert.ablation.adjust import adjusted
from basivert.ablation.change import Adjustment, Refusal, changed_by, goal
from basivert.ablation.generator import ExactControl, FixedVoltage
from basivert.ablation.lesion import above
from basivert.ablation.model import Electrode
from basivert.ablation.moves import pushed, roll_motion, rolled
from basivert.ablation.uncertainty.model import Endpoint, HeatCase, Insertion, Limits
from basivert.constants.load import builtin
from basivert.errors import InputError

from .problems import COARSE, arc, bone, one_tissue, physics, probe, straight

RULE = Endpoint(name="cem43", field="cem43", threshold=np.log(240.0), spread=0.7, weight=1.0)
TABLE, DAMAGE = builtin("adjustment"), builtin("damage")
FAR = np.array([[0.0, 60.0, 0.0]])
FREE = lambda probe: 10.0  # noqa: E731


def one(probe, entry):
    return (Insertion(probes=(probe,), entry=entry),)


def burn(line, hub, structures, *, angles=1, hold_s=240.0):
    return HeatCase(
        insertions=one(probe(line), line[-1]), tissue=one_tissue, materials=(bone(),),
        physics=physics(),
        drive=ExactControl(ramp_degc_s=1.0, setpoint_degc=85.0, body_degc=37.0,
                           duration_s=48.0 + hold_s),
        resolution=replace(COARSE, angles=angles), hub=hub,
        hub_weights=np.full(len(hub), 1 / len(hub)), structures=structures, points=hub,
        limits=Limits(degc=45.0, cem43_min=13.0),
    )  # fmt: skip


def solved(case):
    return ablate(case.probes[0], case.tissue, case.materials, case.physics, case.drive,
                  resolution=case.resolution).moments[-1]  # fmt: skip


def front(case):
    """How far ahead of the tip the lesion reaches on the axis, mm."""
    end = solved(case)
    at = np.linspace(0.5, 14.0, 500)
    dose = np.log(end.sampled(np.outer(at, [0.0, 0.0, -1.0])).cem43_min)
    return float(at[dose >= RULE.threshold].max())


def wish(coverage, *spared):
    return goal(coverage, RULE, spared, DAMAGE)


@pytest.fixture(scope="module")
def ahead():
    return front(burn(straight(), FAR, {}))


def test_a_probe_that_is_four_millimetres_short_goes_four_millimetres_deeper(ahead):
    hub = np.linspace(0.0, ahead + 3.9, 8)[:, None] * [0.0, 0.0, -1.0]
    hub[:-1] = hub[-1] + np.linspace(0.0, 2.0, 7)[:, None] * [0.0, 0.0, 1.0]
    case = burn(straight(), hub, {"canal": FAR})
    found = adjusted(case, wish(1.0, "canal"), TABLE, FREE)
    assert isinstance(found, Adjustment)
    assert found.change.depth_mm == pytest.approx(4.0, abs=0.6)
    assert found.change.roll_deg == 0.0
    assert found.now.coverage < 0.9
    assert found.verified.coverage == 1.0


def test_verified_numbers_are_those_of_an_independent_solve(ahead):
    hub = np.array([[0.0, 0.0, -(ahead + 1.2)]])
    ring = np.array([[9.0, 0.0, 4.0], [0.0, 9.5, 4.0]])
    case = burn(straight(), hub, {"root": ring})
    found = adjusted(case, wish(1.0, "root"), TABLE, FREE)
    assert isinstance(found, Adjustment)
    line = straight() - [0.0, 0.0, found.change.depth_mm]
    drive = replace(case.drive, duration_s=case.drive.duration_s + found.change.hold_s)
    end = solved(replace(case, insertions=one(probe(line), line[-1]), drive=drive))
    there = end.sampled(ring)
    # The line that `pushed` lengthens ends elsewhere, the grid's frame is the same.
    assert found.verified.peak_degc["root"] == pytest.approx(there.temperature_degc.max(), abs=0.02)
    assert found.verified.cem43_min["root"] == pytest.approx(there.cem43_min.max(), rel=0.02)
    assert end.sampled(hub).cem43_min[0] >= 240.0


def test_a_canal_in_reach_of_the_heat_draws_the_probe_back_or_shortens_the_hold(ahead):
    canal = np.array([[0.0, 0.0, -(ahead + 2.0)]])
    hub = np.array([[0.0, 2.0, 4.5], [0.0, -2.0, 5.5]])
    case = burn(straight(), hub, {"canal": canal})
    found = adjusted(case, wish(1.0, "canal"), TABLE, FREE)
    assert isinstance(found, Adjustment)
    assert found.now.coverage == 1.0
    assert found.now.peak_degc["canal"] > DAMAGE["limit.warn_temperature"].value
    assert found.change.depth_mm < 0.0 or found.change.hold_s < 0.0
    assert found.verified.peak_degc["canal"] < DAMAGE["limit.warn_temperature"].value
    assert found.verified.cem43_min["canal"] < DAMAGE["limit.warn_cem43"].value
    assert found.verified.coverage == 1.0


def test_the_impossible_is_refused_with_what_comes_nearest():
    hub = np.array([[0.0, 3.0, 4.5], [0.0, 16.0, 4.5]])
    case = burn(straight(), hub, {"canal": FAR})
    found = adjusted(case, wish(1.0, "canal"), TABLE, FREE)
    assert isinstance(found, Refusal)
    assert found.verified.coverage == pytest.approx(0.5)
    assert "50%" in found.why
    assert "8 mm deeper" in found.why


def test_no_change_where_none_is_needed_and_none_where_bone_ends(ahead):
    near = np.array([[0.0, 2.0, 4.5]])
    content = adjusted(burn(straight(), near, {}), wish(1.0), TABLE, FREE)
    assert isinstance(content, Adjustment)
    assert content.size == 0.0
    far = np.array([[0.0, 0.0, -(ahead + 3.0)]])
    refused = adjusted(burn(straight(), far, {}), wish(1.0), TABLE, lambda probe: 0.2)
    assert isinstance(refused, Refusal)


def test_a_bent_probe_is_turned_towards_a_hub_beside_it():
    curve = arc(20.0, 20.0)[::-1]
    away = curve[-1] - curve[-2]
    shaft = curve[-1] + np.arange(1, 30)[:, None] * away / np.linalg.norm(away)
    line = np.concatenate([curve, shaft])
    start = burn(line, FAR, {}, angles=8)
    turn = roll_motion(start.probes[0], line[-1], 30.0)
    end = solved(replace(start, insertions=one(rolled(start.probes[0], turn), line[-1])))
    before = solved(start)
    region = above(end, end.log_cem43, RULE.threshold)
    only = region.centre + 0.85 * (region.surface - region.centre)
    missed = only[before.sampled(only).cem43_min < 200.0]
    case = burn(line, missed, {}, angles=8)
    found = adjusted(case, wish(0.95), TABLE, FREE)
    assert isinstance(found, Adjustment)
    assert 10.0 <= found.change.roll_deg <= 35.0
    there = solved(changed_by(case, found.change)).sampled(missed).cem43_min
    assert np.mean(there >= 240.0) == pytest.approx(found.verified.coverage)


def test_a_push_continues_the_arc_and_a_pull_follows_it():
    line = arc(20.0, 30.0)
    one = probe(line)
    deeper = pushed(one, 4.0).line
    off = np.linalg.norm(deeper - [20.0, 0.0, 0.0], axis=1)
    np.testing.assert_allclose(off, 20.0, atol=0.02)
    steps = np.linalg.norm(np.diff(deeper, axis=0), axis=1)
    assert steps.sum() == pytest.approx(34.0, abs=0.02)
    assert np.linalg.norm(deeper[0] - line[0]) == pytest.approx(2 * 20 * np.sin(0.1), abs=0.01)
    back = pushed(one, -5.0).line
    np.testing.assert_allclose(back[0], arc(20.0, 5.0)[-1], atol=0.01)


def test_what_cannot_be_changed_is_refused():
    case = burn(straight(), FAR, {})
    with pytest.raises(InputError, match="one burn with a set-point"):
        adjusted(replace(case, drive=FixedVoltage(voltage_v=20.0, duration_s=100.0)),
                 wish(0.9), TABLE, FREE)  # fmt: skip
    with pytest.raises(InputError, match="no structure root"):
        adjusted(case, wish(0.9, "root"), TABLE, FREE)
    with pytest.raises(InputError, match="coverage"):
        adjusted(case, wish(1.2), TABLE, FREE)


def test_both_probes_of_a_pair_go_deeper_together():
    """Hub two to three millimetres ahead of what dies between the tips."""
    lines = [straight() + np.array([x, 0.0, 0.0]) for x in (-5.0, 5.0)]
    pair = tuple(
        Insertion(entry=line[-1], probes=(replace(probe(line), electrodes=(
            Electrode(start_mm=0.0, end_mm=6.0, potential=share),
        )),)) for line, share in zip(lines, (0.5, -0.5), strict=True)
    )  # fmt: skip
    start = replace(
        burn(straight(), FAR, {}), insertions=pair, resolution=replace(COARSE, edge_mm=0.7)
    )
    end = ablate(start.probes, start.tissue, start.materials, start.physics, start.drive,
                 resolution=start.resolution).moments[-1]  # fmt: skip
    at = np.linspace(-3.0, 14.0, 500)
    dose = np.log(end.sampled(np.outer(at, [0.0, 0.0, -1.0])).cem43_min)
    hub = np.array([[0.0, 0.0, -(at[dose >= RULE.threshold].max() + 2.4)]])
    found = adjusted(replace(start, hub=hub, hub_weights=np.ones(1)), wish(1.0), TABLE, FREE)
    assert isinstance(found, Adjustment)
    assert found.change.roll_deg == 0.0
    assert found.change.depth_mm == pytest.approx(2.5, abs=0.6)
    for was, now in zip(start.probes, found.case.probes, strict=True):
        np.testing.assert_allclose(now.line[0] - was.line[0], [0, 0, -found.change.depth_mm])
    assert found.verified.coverage == 1.0
