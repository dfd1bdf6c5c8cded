"""Ways beside the pedicle and pairs of probes, against the true bone of a virtual patient."""

import dataclasses

import numpy as np
import pytest
from scipy.spatial import KDTree

from basivert.anatomy.find import located
from basivert.constants.load import builtin, override
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import builtin_instrument
from basivert.phantom.render import render
from basivert.phantom.shapes import signed_distance, surface_points
from basivert.phantom.spine import make_spine
from basivert.planning.clearance import canal_distance_mm
from basivert.planning.gates import lateral_gate, pedicle_gate
from basivert.planning.plan import plan_vertebra
from basivert.planning.poses import TURN, curvatures, curve_radii_mm
from basivert.planning.reach import pair_distance_mm
from basivert.planning.search import Quest, search
from basivert.workflow.plan_case import builtin_tables
from tests.conftest import scanner, wish

TABLES = builtin_tables()
BOTH = ("left", "right")


def plans(case, vertebra, name, sides=BOTH, **changes):
    given = dict(errors=TABLES.errors, thresholds=TABLES.anatomy.thresholds,
                 technique=TABLES.technique, carm=TABLES.carm, seed=3, obstacles={})  # fmt: skip
    return plan_vertebra(vertebra, case, builtin_instrument(name), sides=sides, **given | changes)


@pytest.fixture(scope="module")
def narrow():
    """A vertebra whose pedicles are too narrow for the default introducer."""
    spine = make_spine(wish(pedicle_scale=0.3), builtin("morphometry"), builtin("targets"))
    case = render(spine, scanner())
    vertebra = located(case, "L4", TABLES.anatomy)
    return spine.vertebrae["L4"], case, vertebra, plans(case, vertebra, "curved_bipolar")


def test_too_narrow_a_pedicle_is_gone_round_and_said(narrow):
    _, _, _, level = narrow
    assert {plan.side for plan in level.plans} == set(BOTH)
    for plan in level.plans:
        assert plan.route == "extrapedicular"
        assert "extrapedicular" in {finding.code for finding in plan.findings}


def test_path_beside_the_pedicle_is_inside_the_true_body_once_it_has_entered(narrow):
    truth, _, vertebra, level = narrow
    surface = KDTree(surface_points(truth.spec, 0.7))
    for plan in level.plans:
        line, depth = plan.path.centre_line, plan.depths
        along = np.r_[0, np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))]
        deployed = along > depth.curve_start_mm
        inside = moved(inverse(truth.lps_from_body), line)
        assert (signed_distance(truth.spec, inside[deployed]) < 0).all()
        room = surface.query(inside[deployed])[0] - plan.path.radius_mm[deployed]
        assert room.min() > 0
        # It enters on its own side, beside the canal and not through it.
        sign = 1.0 if plan.side == "left" else -1.0
        own = moved(inverse(vertebra.lps_from_body), line)
        assert sign * own[0, 0] > 0.5 * plan.instrument.introducer_diameter_mm.value
        clear = canal_distance_mm(vertebra.canal, own) - plan.path.radius_mm
        assert clear.min() > 0
        assert clear.min() == pytest.approx(
            next(m.value_mm.value for m in plan.margins if m.wall == "canal"), abs=1e-6
        )


def test_refusal_names_every_route_that_was_tried_with_its_numbers(narrow):
    _, case, vertebra, _ = narrow
    wide = builtin_instrument("curved_bipolar")
    wide = dataclasses.replace(wide, introducer_diameter_mm=dataclasses.replace(
        wide.introducer_diameter_mm, value=40.0))  # fmt: skip
    level = plan_vertebra(vertebra, case, wide, sides=("left",), errors=TABLES.errors,
                          thresholds=TABLES.anatomy.thresholds, technique=TABLES.technique,
                          carm=TABLES.carm, seed=3, obstacles={})  # fmt: skip
    assert level.status == "no_path"
    (refusal,) = level.refusals
    assert refusal.tried == ("transpedicular", "extrapedicular")
    for word in ("Transpedicular", "Extrapedicular", "40.00 mm"):
        assert word in refusal.reason
    assert f"{vertebra.pedicles['left'].width_mm.value:.1f}" in refusal.reason


@pytest.mark.parametrize("name", ["bipedicular", "multitined"])
def test_a_pair_goes_through_both_sides_with_its_tips_as_far_apart_as_the_device_asks(
    case, planned, name
):
    vertebra = planned.levels[0].vertebra
    level = plans(case, vertebra, name)
    low, high = (bound.value for bound in builtin_instrument(name).tip_gap_mm)
    by_side = {side: [p for p in level.plans if p.side == side] for side in BOTH}
    assert by_side["left"] and by_side["right"]
    for plan in level.plans:
        gap = np.linalg.norm(plan.path.tip - plan.partner.tip)
        assert low <= gap <= high
        own = moved(inverse(vertebra.lps_from_body), plan.path.entry_bone)
        other = moved(inverse(vertebra.lps_from_body), plan.partner.entry_bone)
        assert own[0] * other[0] < 0
    best = by_side["left"][0]
    mirror = next(p for p in by_side["right"] if np.allclose(p.path.tip, best.partner.tip))
    np.testing.assert_array_equal(mirror.partner.centre_line, best.path.centre_line)
    assert mirror.reach == best.reach


def test_one_wanted_side_of_a_pair_still_carries_its_partner(case, planned):
    level = plans(case, planned.levels[0].vertebra, "bipedicular", sides=("right",))
    assert {plan.side for plan in level.plans} == {"right"}
    assert all(plan.partner is not None for plan in level.plans)


def test_the_strip_between_two_probes_holds_each_probe_and_what_lies_between():
    rng = np.random.default_rng(4)
    one, other = rng.normal(size=(2, 50, 2, 3)) * 8
    share = rng.uniform(size=(50, 1))
    on_one = one[:, 0] + share * (one[:, 1] - one[:, 0])
    across = one[:, 1] + share * (other[:, 1] - one[:, 1])
    np.testing.assert_allclose(pair_distance_mm(on_one, one, other), 0, atol=1e-9)
    np.testing.assert_allclose(pair_distance_mm(across, one, other), 0, atol=1e-9)
    hubs = rng.normal(size=(50, 3)) * 20
    np.testing.assert_allclose(
        pair_distance_mm(hubs, one, other), pair_distance_mm(hubs, other, one), atol=1e-9
    )


def test_articulating_electrode_takes_any_radius_down_to_its_smallest(case, planned):
    instrument = builtin_instrument("articulating")
    straight, tightest = curvatures(instrument)
    assert straight == 0.0
    level = plans(case, planned.levels[0].vertebra, "articulating")
    bends = [plan.path.bend_radius_mm for plan in level.plans]
    assert all(radius is None or radius >= 1 / tightest - 1e-9 for radius in bends)
    assert len({None if r is None else round(r, 3) for r in bends}) > 1


def test_tines_flare_to_their_spread_at_the_tip_and_count_as_radius(case, planned):
    instrument = builtin_instrument("multitined")
    spread, thin = instrument.tine_spread_mm.value, instrument.curve_diameter_mm.value / 2
    radius = curve_radii_mm(instrument, np.array([0.0, instrument.active_mm.value, 50.0]))
    np.testing.assert_allclose(radius, [spread, thin, thin])
    for plan in plans(case, planned.levels[0].vertebra, "multitined").plans:
        assert plan.path.radius_mm[-1] == pytest.approx(spread)


def test_gates_mirror_with_the_side(planned):
    vertebra = planned.levels[0].vertebra
    left, right = (lateral_gate(vertebra, side) for side in BOTH)
    assert left.sign == 1.0 and right.sign == -1.0
    assert left.centre[0] > 10 and right.centre[0] < -10
    for side, gate in (("left", left), ("right", right)):
        pedicle = pedicle_gate(vertebra, vertebra.pedicles[side])
        # Beside the pedicle the shaft must be turned further to the midline.
        assert gate.turn > pedicle.turn
        assert gate.sign * gate.centre[0] > pedicle.sign * pedicle.centre[0]


def test_sacral_route_has_its_own_name_and_nothing_beside_it(planned):
    vertebra = planned.levels[0].vertebra
    sacral = dataclasses.replace(vertebra, level="S1")
    assert pedicle_gate(sacral, sacral.pedicles["left"]).route == "S1"
    assert pedicle_gate(vertebra, vertebra.pedicles["left"]).route == "transpedicular"


def test_deployment_stays_inside_what_the_instrument_can_do(planned):
    for plan in planned.levels[0].plans:
        low, high = (bound.value for bound in plan.instrument.curve_reach_mm)
        assert low <= plan.path.deployment_mm <= high


def test_no_shaft_at_the_sacrum_is_turned_through_the_ilium(case, planned):
    """The gate of S1 on this bone, with its middle turned beyond what the ilium leaves open."""
    vertebra = dataclasses.replace(planned.levels[0].vertebra, level="S1")
    gate = pedicle_gate(vertebra, vertebra.pedicles["left"])
    gate = dataclasses.replace(gate, turn=np.radians(50.0))
    aim = moved(inverse(vertebra.lps_from_body), vertebra.target.centre)
    quest = Quest(vertebra=vertebra, ct=case.ct, gate=gate, aim=aim, hubs=aim[None],
                  instrument=builtin_instrument("curved_bipolar"),
                  thresholds=TABLES.anatomy.thresholds,
                  technique=TABLES.technique)  # fmt: skip
    found = search(quest, 1).candidates
    assert len(found.poses)
    assert found.poses[:, TURN].max() <= np.radians(40.0) + 1e-9


@pytest.fixture(scope="module")
def tight():
    """A vertebra whose left pedicle is wider than the introducer by less than is known of it."""
    least = builtin_instrument("curved_bipolar").introducer_diameter_mm.value + 0.5
    tables = builtin("morphometry"), builtin("targets")
    first = make_spine(wish(pedicle_scale=0.3), *tables).vertebrae["L4"].spec
    scale = 0.3 * least / first.pedicles["left"].width_mm
    spine = make_spine(wish(pedicle_scale=scale), *tables)
    case = render(spine, scanner())
    return case, located(case, "L4", TABLES.anatomy)


def test_a_pedicle_that_is_wide_enough_only_by_chance_is_not_gone_through(tight):
    case, vertebra = tight
    sure = plans(case, vertebra, "curved_bipolar", sides=("left",))
    assert {plan.route for plan in sure.plans} == {"extrapedicular"}
    assert all(m.value_mm.low >= 0 for plan in sure.plans for m in plan.margins)
    row = {"value": -1.0, "unit": "mm", "source": "test", "confidence": "assumption"}
    lax = override(TABLES.anatomy.thresholds, {"edition": "test", "margin": {"least": row}})
    daring = plans(case, vertebra, "curved_bipolar", sides=("left",), thresholds=lax)
    assert {plan.route for plan in daring.plans} == {"transpedicular"}
