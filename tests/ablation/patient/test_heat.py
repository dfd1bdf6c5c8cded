from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.change import Adjustment
from basivert.ablation.fields import Fields
from basivert.ablation.model import Material
from basivert.ablation.moves import pushed
from basivert.ablation.patient.outcome import doses, lesion, worst
from basivert.ablation.patient.placement import check_place
from basivert.ablation.patient.probes import free_mm, probes
from basivert.ablation.patient.structures import Structure
from basivert.ablation.uncertainty.priors import about_flow, prior
from basivert.constants.load import builtin, override
from basivert.errors import InputError
from basivert.geometry.grids import interpolated
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import builtin_instrument
from basivert.planning.robustness import errors_at
from basivert.workflow.ablate_plan import (
    ablate_plan,
    heat_case,
    with_adjustment,
)


def test_the_probe_lies_where_the_plan_puts_it(chosen):
    (probe,) = probes(chosen.path, None, chosen.instrument)
    np.testing.assert_allclose(probe.line[0], chosen.path.tip, atol=1e-9)
    steps = np.linalg.norm(np.diff(probe.line, axis=0), axis=1)
    depth = np.concatenate([[0.0], np.cumsum(steps)])
    ends = [np.interp(d, depth, probe.line[:, n]) for d in (0.0, 9.0) for n in range(3)]
    zone = chosen.path.active
    far = zone if np.allclose(zone[0], chosen.path.tip, atol=0.3) else zone[::-1]
    np.testing.assert_allclose(np.reshape(ends, (2, 3)), far, atol=0.3)


def mirrored(path):
    """The same path through the other side."""
    flip = np.array([-1.0, 1.0, 1.0])
    return replace(path, centre_line=path.centre_line * flip, axis=path.axis * flip,
                   tip=path.tip * flip)  # fmt: skip


@pytest.mark.parametrize("name", ["bipedicular", "multitined"])
def test_current_of_a_pair_flows_from_one_side_to_the_other(chosen, name):
    """Every bare metal on a side has one potential, and the other side has the opposite."""
    instrument, other = builtin_instrument(name), mirrored(chosen.path)
    found = probes(chosen.path, other, instrument)
    here, there = found[: len(found) // 2], found[len(found) // 2 :]
    potential = [{e.potential for p in side for e in p.electrodes} for side in (here, there)]
    assert [len(p) for p in potential] == [1, 1]
    one, two = (p.pop() for p in potential)
    assert one == -two and abs(one - two) == 1.0
    for side, path in ((here, chosen.path), (there, other)):
        middle = np.mean([p.line[0] for p in side], axis=0)
        np.testing.assert_allclose(middle, path.tip, atol=1e-9)


def test_tines_stand_evenly_about_their_axis_at_the_devices_spread(chosen):
    instrument, path = builtin_instrument("multitined"), chosen.path
    found, spread = probes(path, None, instrument), instrument.tine_spread_mm.value
    tips = np.array([p.line[0] for p in found]) - path.tip
    assert len(tips) == instrument.tines
    np.testing.assert_allclose(np.linalg.norm(tips, axis=1), spread)
    np.testing.assert_allclose(tips @ path.axis, 0.0, atol=1e-9)
    # Neighbours on a circle: the chord of one n-th of a turn.
    apart = np.linalg.norm(tips - np.roll(tips, 1, axis=0), axis=1)
    np.testing.assert_allclose(apart, 2 * spread * np.sin(np.pi / instrument.tines))
    for probe in found:
        base = probe.line[-1] - path.tip
        np.testing.assert_allclose(base, -instrument.active_mm.value * path.axis, atol=1e-9)


@pytest.mark.parametrize(("shift", "word"), [((0, 60, 0), "outside"), ((0, 22, 0), "canal")])
def test_electrodes_outside_the_bone_are_refused(chosen, vertebra, shift, word):
    (probe,) = probes(chosen.path, None, chosen.instrument)
    centre = moved(inverse(vertebra.lps_from_body), probe.line[:10].mean(axis=0))
    turn = vertebra.lps_from_body[:3, :3]
    offset = turn @ (np.array(shift, float) - np.array([centre[0], centre[1] - 0.0, centre[2]]))
    with pytest.raises(InputError, match=word):
        check_place([replace(probe, line=probe.line + offset)], vertebra, 0.0)


def test_structures_lie_where_anatomy_says(prepared, vertebra, tables):
    body = {n: moved(inverse(vertebra.lps_from_body), s.points)
            for n, s in prepared.structures.items()}  # fmt: skip
    canal, dura = body["canal"], body["dura"]
    middle = canal[:, :2].mean(axis=0)
    assert np.linalg.norm(dura[:, :2] - middle, axis=1).mean() < (
        np.linalg.norm(canal[:, :2] - middle, axis=1).mean() - 1.5
    )
    for side, sign in (("left", 1.0), ("right", -1.0)):
        root, pedicle = body[f"root_{side}"], vertebra.pedicles[side]
        centre = moved(inverse(vertebra.lps_from_body), pedicle.centre)
        assert np.all(sign * root[:, 0] > 0)
        assert root[-1, 2] < centre[2] - pedicle.height_mm.value / 2
        field = vertebra.field
        away = interpolated(field.distance_mm, field.body_from_index, root, outside=99.0)
        gap = tables.tissues.layers["root.below_pedicle"].value
        assert away.min() > 0
        assert away[0] == pytest.approx(gap, abs=0.3)
    around = body["outer_wall"]
    assert np.all(around[:, 1] < vertebra.posterior_wall.y_mm(around[:, 0], around[:, 2]))
    half = vertebra.size.width_middle_mm.value / 2
    assert around[:, 0].min() < -0.9 * half
    assert around[:, 0].max() > 0.9 * half
    names = np.array([m.name for m in prepared.tissues.materials])
    inside = names[prepared.tissues.grid(prepared.structures["dura"].points)]
    assert np.mean(np.isin(inside, ["csf", "fat", "vein, epidural plexus"])) > 0.9
    assert {"aorta", "vena_cava"} <= set(prepared.structures)


def test_heat_stays_in_the_body_and_balances(heat):
    assert heat.balance.error < 0.005
    assert heat.course.sensor_degc[-1] == pytest.approx(85.0, abs=0.3)
    lesion = heat.lesion
    assert 0.5 < lesion.region.volume_ml < 4.0
    assert np.linalg.norm(lesion.region.centre - heat.setup.planned.path.active.mean(axis=0)) < 3.0
    volumes = {row.endpoint.name: row.region.volume_ml for row in heat.lesions}
    assert volumes["cem43"] > volumes["temperature"] > 0.8 * volumes["skin"]


def test_coverage_is_the_share_of_the_hubs_places_in_the_lesion(heat):
    rule = heat.lesion.endpoint
    read = heat.moments[-1].sampled(heat.setup.hub)
    dead = np.log(read.omega[rule.field]) >= rule.threshold
    assert heat.lesion.coverage == pytest.approx(dead.mean(), abs=1e-12)


def test_coverage_counts_places_by_their_weight_and_by_the_endpoint_asked(heat):
    """A hub at the lesion's middle with 0.7, one beyond all heat with 0.2, one at each rim."""
    middle = heat.lesion.region.centre
    out = middle + np.linspace(0.0, 20.0, 401)[:, None] * [1.0, 0.0, 0.0]
    read = heat.moments[-1].sampled(out)
    field = {"temperature": read.temperature_degc, "cem43": np.log(read.cem43_min),
             **{law: np.log(v) for law, v in read.omega.items()}}  # fmt: skip
    reach = {r.endpoint.name: np.argmax(field[r.endpoint.field] < r.endpoint.threshold)
             for r in heat.lesions}  # fmt: skip
    (least, low), (most, high) = sorted(reach.items(), key=lambda r: r[1])[:: len(reach) - 1]
    assert 0 < low < high, "the endpoints should differ"
    between = out[(low + high) // 2]
    far = middle + np.array([0.0, 0.0, 60.0])
    hub, weights = np.array([middle, far, between]), np.array([0.7, 0.2, 0.1])
    found = {r.endpoint.name: lesion(heat.moments[-1], r.endpoint, hub, weights, {}).coverage
             for r in heat.lesions}  # fmt: skip
    assert found[least] == pytest.approx(0.7)
    assert found[most] == pytest.approx(0.8)


def test_margins_are_distances_and_negative_inside(heat):
    region, margins = heat.lesion.region, heat.lesion.margins_mm
    dura = heat.setup.structures["dura"].points
    away = np.linalg.norm(dura[:, None] - region.surface[None], axis=-1).min()
    assert margins["dura"] == pytest.approx(away, abs=1e-6)
    reached = Structure(kind="nerve", points=region.centre[None] + np.array([[0.0, 0.0, 2.0]]))
    again = lesion(heat.moments[-1], heat.lesion.endpoint, heat.setup.hub,
                   heat.setup.hub_weights, {"inside": reached})  # fmt: skip
    assert again.margins_mm["inside"] < 0
    # Of several reached points the one deepest in the lesion counts.
    deep, rim = region.centre, region.surface[np.argmax(region.surface[:, 2])] - [0.0, 0.0, 0.3]
    both = Structure(kind="nerve", points=np.array([rim, deep]))
    alone = Structure(kind="nerve", points=deep[None])
    found = lesion(heat.moments[-1], heat.lesion.endpoint, heat.setup.hub,
                   heat.setup.hub_weights, {"both": both, "alone": alone})  # fmt: skip
    assert found.margins_mm["both"] == found.margins_mm["alone"]
    depth = np.linalg.norm(region.surface - deep, axis=1).min()
    assert found.margins_mm["alone"] == pytest.approx(-depth, abs=1e-6)


def test_the_devices_rule_about_the_canal_is_a_warning_with_both_distances(heat, prepared, tables):
    (told,) = [f for f in heat.findings if f.code == "near-canal"]
    for name in ("canal", "posterior_wall"):
        assert f"{heat.lesion.margins_mm[name]:.1f} mm" in told.what
    lenient = override(tables.thresholds, {"edition": "clinic", "canal": {
        "contraindicated": {"value": 0.5, "unit": "mm", "source": "test", "confidence": "read"}
    }})  # fmt: skip
    again = ablate_plan(prepared, replace(tables, thresholds=lenient))
    assert not [f for f in again.findings if f.code == "near-canal"]


def test_doses_are_the_worst_of_their_points_and_their_limits_are_data(heat, tables):
    by_name = {d.structure: d for d in heat.doses}
    points = heat.setup.structures["upper_endplate"].points
    hottest = max(m.sampled(points).temperature_degc.max() for m in heat.moments)
    assert by_name["upper_endplate"].peak_degc == pytest.approx(hottest)
    assert by_name["canal"].verdict is None
    strict = override(tables.damage, {"edition": "clinic", "limit": {
        "stop_temperature": {"value": 37.05, "unit": "degC", "source": "test", "confidence": "read"}
    }})  # fmt: skip
    judged = doses(heat.moments, heat.setup.structures, strict)
    assert worst(judged) == "stop"
    assert "37.05" in next(d for d in judged if d.structure == "dura").why


class Anywhere:
    """A mesh that reads the same nodes at whatever points are asked."""

    def reader(self, points):
        return lambda values, outside: values


@pytest.mark.parametrize(
    ("degc", "cem43_min", "nerve", "bone"),
    [(42.9, 4.9, "go", "go"), (43.0, 0.1, "caution", "go"), (38.0, 5.1, "caution", "go"),
     (44.9, 12.9, "caution", "go"), (45.0, 0.1, "stop", "go"), (38.0, 13.1, "stop", "go"),
     (38.0, 15.9, "stop", "go"), (47.0, 16.1, "stop", "caution"), (90.0, 1e6, "stop", "caution")],
)  # fmt: skip
def test_either_limit_suffices_and_bone_never_stops(tables, degc, cem43_min, nerve, bone):
    """limit.cord_roots: warn at 43 °C or 5 min, stop at 45 °C or 13 min; damage.bone: 16 min."""
    kinds = {k: Structure(kind=k, points=np.zeros((2, 3))) for k in ("nerve", "vessel", "bone")}
    moment = Fields(
        time_s=1.0, body_degc=37.0, mesh=Anywhere(), temperature_degc=np.array([37.0, degc]),
        log_cem43=np.log([cem43_min, 1e-6]), log_omega={},
    )  # fmt: skip
    found = {d.structure: d for d in doses([moment], kinds, tables.damage)}
    assert found["nerve"].verdict == found["vessel"].verdict == nerve
    assert found["bone"].verdict == bone
    assert worst(tuple(found.values())) == nerve


def test_vessels_hold_body_temperature(heat):
    peak = next(d.peak_degc for d in heat.doses if d.structure == "aorta")
    assert peak < 37.5


def test_more_blood_flow_never_makes_a_larger_lesion(prepared, heat, tables):
    def richer(m: Material) -> Material:
        return replace(m, perfusion_ml_min_kg=4 * m.perfusion_ml_min_kg)

    fed = replace(prepared.tissues, materials=tuple(richer(m) for m in prepared.tissues.materials))
    more = ablate_plan(replace(prepared, tissues=fed), tables)
    for before, after in zip(heat.lesions, more.lesions, strict=True):
        assert after.region.volume_ml < before.region.volume_ml
        assert after.coverage <= before.coverage
    before = {d.structure: d.peak_degc for d in heat.doses}
    assert all(d.peak_degc < before[d.structure] + 0.05 for d in more.doses)


def test_unknown_flow_spans_the_published_range_whatever_the_nominal_value(prepared, tables):
    """10 to 200 mL/min/kg (perf.use): the factor times the patient's own nominal flow."""
    case = heat_case(prepared, tables)
    errors = errors_at("L4", builtin("errors_model"), 0.3)
    priors = tables.tissues.priors
    names = [m.name for m in case.materials]
    flow = prepared.tissues.parts[""].flow_ml_min_kg
    found = about_flow(prior(names, tables.tissues.tissue, priors, errors), priors, flow)
    factor = next(f for f in found.factors if f.name == "cancellous.perfusion")
    assert factor.value(-1.0) * flow == pytest.approx(10.0)
    assert factor.value(1.0) * flow == pytest.approx(200.0)


def test_a_probe_nearer_the_canal_heats_it_more(prepared, heat, tables):
    back = prepared.vertebra.lps_from_body[:3, 1] * 6.0
    nearer = replace(
        prepared, probes=tuple(replace(p, line=p.line + back) for p in prepared.probes)
    )
    there = ablate_plan(nearer, tables)
    peak = {d.structure: d.peak_degc for d in there.doses}
    usual = {d.structure: d.peak_degc for d in heat.doses}
    assert peak["dura"] > usual["dura"] + 0.5
    assert there.lesion.margins_mm["dura"] < heat.lesion.margins_mm["dura"] - 4.0


def test_free_bone_around_the_probe_in_the_body(prepared, vertebra):
    (probe,) = prepared.probes
    here = free_mm(probe, vertebra)
    assert here > 0
    up = vertebra.upper_endplate
    tip = probe.line[0]
    to_plate = (up.centre - tip) @ up.normal
    through = replace(probe, line=probe.line + (to_plate + 1.0) * up.normal)
    assert free_mm(through, vertebra) < 0
    thicker = replace(probe, radius_mm=probe.radius_mm + 0.5)
    assert free_mm(thicker, vertebra) == pytest.approx(here - 0.5)


def test_a_suggested_change_is_confirmed_by_a_solve_of_its_own(prepared, tables):
    """Ask for a little more than there is: what is suggested must hold when solved again."""
    (probe,) = prepared.probes
    short = replace(prepared, probes=(pushed(probe, -5.0),))
    first = ablate_plan(short, tables)
    wish = first.lesion.coverage + 0.05
    found = with_adjustment(first, tables, wish).adjustment
    assert isinstance(found, Adjustment), found.why
    assert found.now.coverage == pytest.approx(first.lesion.coverage, abs=0.01)
    assert found.verified.coverage >= wish
    seconds = found.change.hold_s
    burn = short.protocol.burns[0]
    longer = replace(short.protocol, burns=(replace(burn, hold_s=burn.hold_s + seconds),))
    again = ablate_plan(replace(short, probes=found.case.probes, protocol=longer), tables)
    assert again.lesion.coverage == pytest.approx(found.verified.coverage, abs=0.01)
    peak = next(d.peak_degc for d in again.doses if d.structure == "dura")
    assert peak == pytest.approx(found.verified.peak_degc["dura"], abs=0.1)
    assert peak < tables.damage["limit.warn_temperature"].value


def test_a_change_of_several_burns_is_not_looked_for_and_that_is_said(heat, tables):
    burns = heat.setup.protocol.burns * 2
    twice = replace(
        heat, setup=replace(heat.setup, protocol=replace(heat.setup.protocol, burns=burns))
    )
    told = with_adjustment(twice, tables, 0.9)
    assert told.adjustment is None
    assert "one planned burn" in told.findings[-1].what


def test_each_side_of_a_pair_is_an_insertion_with_its_own_entry(prepared, chosen, tables):
    instrument = builtin_instrument("multitined")
    other = replace(mirrored(chosen.path), entry_bone=chosen.path.entry_bone * [-1.0, 1.0, 1.0])
    both = replace(prepared, probes=probes(chosen.path, other, instrument),
                   planned=replace(prepared.planned, partner=other))  # fmt: skip
    here, there = heat_case(both, tables).insertions
    signs = [{np.sign(e.potential) for p in i.probes for e in p.electrodes} for i in (here, there)]
    assert [len(found) for found in signs] == [1, 1]
    assert signs[0] != signs[1]
    for one, path in ((here, chosen.path), (there, other)):
        np.testing.assert_allclose(one.entry, path.entry_bone)
        assert len(one.probes) == instrument.tines
        # Tines move along the shaft that carries them.
        np.testing.assert_allclose(one.shaft, -path.axis, atol=1e-9)


def test_the_state_at_the_end_of_heating_is_kept_though_a_rest_follows(prepared, tables):
    burn = replace(prepared.protocol.burns[0], hold_s=37.0, cool_down_s=100.0)
    short = replace(prepared, protocol=replace(prepared.protocol, burns=(burn,)))
    done = ablate_plan(short, tables)
    (drive,) = short.protocol.drives
    times = [m.time_s for m in done.moments]
    assert min(abs(t - drive.heating_s) for t in times) < 1e-6
    hottest = times[int(np.argmax([m.temperature_degc.max() for m in done.moments]))]
    assert hottest <= drive.heating_s + 1e-6
