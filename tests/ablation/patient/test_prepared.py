"""What a plan and a patient's facts become before and after the solve, and what is warned of."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.fields import Fields
from basivert.ablation.patient.known import UNKNOWN
from basivert.ablation.patient.marrow import Marrow
from basivert.ablation.patient.outcome import doses, lesion
from basivert.ablation.patient.probes import probes
from basivert.ablation.patient.structures import Structure, structures
from basivert.constants.load import builtin, override
from basivert.errors import Cancelled, InputError
from basivert.geometry.rigid import inverse, moved
from basivert.instruments.load import builtin_instrument, names
from basivert.workflow.ablate_plan import ablate_plan, heat_case, with_uncertainty
from basivert.workflow.heat_setup import MAP_REACH_MM, MAP_STEP_MM, setup
from tests.ablation.patient.test_heat import Anywhere, mirrored


@pytest.mark.parametrize("name", names())
def test_metal_is_as_thick_and_its_sensor_lies_where_the_instrument_says(chosen, name):
    instrument = builtin_instrument(name)
    moved_sensor = replace(instrument, sensor_mm=replace(instrument.sensor_mm, value=2.25))
    partner = mirrored(chosen.path) if instrument.paired else None
    for made in (instrument, moved_sensor):
        for probe in probes(chosen.path, partner, made):
            assert 2 * probe.radius_mm == made.probe_diameter_mm.value
            assert probe.sensor_mm == made.sensor_mm.value


def test_a_plan_outside_the_bone_is_refused_before_any_tissue_is_made(
    case, vertebra, prepared, asked, tables
):
    path = prepared.planned.path
    out = 60.0 * vertebra.lps_from_body[:3, 1]
    away = replace(prepared.planned, path=replace(path, centre_line=path.centre_line + out))
    with pytest.raises(InputError, match="outside the bone"):
        setup(vertebra, case, away, UNKNOWN, asked, tables)


def test_perfusion_stops_where_the_default_endpoint_kills(heat):
    assert heat.setup.physics.stop_law == heat.lesion.endpoint.field


def test_the_map_encloses_the_heating_zone_by_its_reach_along_the_vertebras_axes(prepared):
    grid = prepared.map
    index = moved(inverse(grid.lps_from_index), prepared.planned.path.active)
    border = MAP_REACH_MM / MAP_STEP_MM
    assert np.all(index >= border - 1e-6)
    assert np.all(index <= np.array(grid.shape) - 1 - border + 1e-6)
    turn = grid.lps_from_index[:3, :3] / MAP_STEP_MM
    np.testing.assert_allclose(turn, prepared.vertebra.lps_from_body[:3, :3], atol=1e-9)


def test_safe_in_a_sample_means_that_its_verdict_would_be_go(prepared, tables):
    """limit.cord_roots: caution from 43 °C or 5 min on; P(safe) counts what stays below both."""
    limits = heat_case(prepared, tables).limits
    assert (limits.degc, limits.cem43_min) == (43.0, 5.0)


@pytest.mark.parametrize("age", [None, 63.0])
def test_blood_flow_is_drawn_about_the_patients_own_only_where_age_is_known(
    heat, tables, monkeypatch, age
):
    """perf.use: 10–200 mL/min/kg where nothing is known; perf.age: e^±0.65 of the own flow."""
    told = []
    monkeypatch.setattr(
        "basivert.workflow.ablate_plan.forward", lambda case, drawn, **_: told.append(drawn)
    )
    known = replace(heat.setup.known, age_years=age)
    asked_of = replace(heat, setup=replace(heat.setup, known=known))
    with_uncertainty(asked_of, tables, builtin("errors_model"), samples=64, seed=1, mapper=map)
    (drawn,) = told
    flow = next(f for f in drawn.factors if f.name == "cancellous.perfusion")
    low, high = flow.value(-1.0), flow.value(1.0)
    if age is None:
        own = heat.setup.tissues.parts[""].flow_ml_min_kg
        assert (low * own, high * own) == pytest.approx((10.0, 200.0))
    else:
        assert (low, high) == pytest.approx((np.exp(-0.65), np.exp(0.65)))


def test_a_peak_that_has_passed_counts_and_the_dose_is_that_of_the_end(tables):
    """Two moments: hot first, cooler but with more dose at the end."""
    root = {"root": Structure(kind="nerve", points=np.zeros((2, 3)))}
    first, last = (
        Fields(time_s=t, body_degc=37.0, mesh=Anywhere(), temperature_degc=np.array([37.0, degc]),
               log_cem43=np.log([1e-6, dose]), log_omega={})
        for t, degc, dose in ((60.0, 44.5, 1.0), (120.0, 39.0, 3.0))
    )  # fmt: skip
    (dose,) = doses([first, last], root, tables.damage)
    assert dose.peak_degc == 44.5
    assert dose.cem43_min == pytest.approx(3.0)
    assert dose.verdict == "caution"


@pytest.mark.parametrize("nearer", ["canal", "posterior_wall"])
def test_either_distance_alone_brings_the_devices_warning(prepared, tables, monkeypatch, nearer):
    """Whether the rule counts from the canal or the wall is not published: the nearer one warns."""
    other = {"canal": "posterior_wall", "posterior_wall": "canal"}[nearer]

    def found(*args):
        return replace(lesion(*args), margins_mm={nearer: 9.9, other: 10.1})

    monkeypatch.setattr("basivert.workflow.ablate_plan.lesion", found)
    burn = replace(prepared.protocol.burns[0], hold_s=2.0)
    short = replace(prepared, protocol=replace(prepared.protocol, burns=(burn,)))
    told = [f.what for f in ablate_plan(short, tables).findings if f.code == "near-canal"]
    assert len(told) == 1
    assert "9.9 mm" in told[0] and "10.1 mm" in told[0]


def test_heat_beyond_what_the_constants_hold_for_is_warned_of(prepared, heat, tables):
    assert "beyond-boiling" not in {f.code for f in heat.findings}
    tissue = override(tables.tissues.tissue, {"edition": "clinic", "sigma_with_temperature": {
        "cap": {"value": 60.0, "unit": "degC", "source": "test", "confidence": "read"}
    }})  # fmt: skip
    strict = replace(tables, tissues=replace(tables.tissues, tissue=tissue))
    # Cool at the first moment that is kept, and again at the last.
    burn = replace(prepared.protocol.burns[0], ramp_degc_s=0.2, hold_s=2.0, cool_down_s=100.0)
    short = replace(prepared, protocol=replace(prepared.protocol, burns=(burn,)))
    (told,) = [f for f in ablate_plan(short, strict).findings if f.code == "beyond-boiling"]
    assert told.severity == "caution"
    assert "60 °C" in told.what


@pytest.mark.parametrize(
    ("flow", "told"), [(9.9, True), (10.0, False), (200.0, False), (201.0, True)]
)
def test_a_flow_beyond_its_range_is_warned_of(prepared, tables, flow, told):
    """perf.use: 10 to 200 mL/min/kg; a fatty Modic change is taken as less than that."""
    parts = {**prepared.tissues.parts, "lower": Marrow(yellow=0.9, flow_ml_min_kg=flow)}
    burn = replace(prepared.protocol.burns[0], hold_s=2.0)
    short = replace(prepared, tissues=replace(prepared.tissues, parts=parts),
                    protocol=replace(prepared.protocol, burns=(burn,)))  # fmt: skip
    found = [f for f in ablate_plan(short, tables).findings if f.code == "flow-beyond-range"]
    assert len(found) == told
    assert all("lower endplate" in f.what and f"{flow:g} mL" in f.what for f in found)


def test_iliac_vessels_are_spared_as_the_great_ones_are(vertebra, case, tables):
    """Before L5 and S1 the great vessels have divided."""
    names_of = {"iliac_artery_left" if n == "aorta" else n: c for n, c in
                case.labels.code_of.items()}  # fmt: skip
    below = replace(case, labels=replace(case.labels, code_of=names_of))
    usual = structures(vertebra, case, tables.tissues.layers)["aorta"]
    found = structures(vertebra, below, tables.tissues.layers)
    assert "aorta" not in found
    assert found["iliac_artery_left"].kind == "vessel"
    np.testing.assert_array_equal(found["iliac_artery_left"].points, usual.points)


def test_a_plans_burn_tells_how_far_it_is_and_ends_where_progress_says_so(prepared, tables):
    told = []

    def say(done, what):
        told.append(done)
        if done > 0.2:
            raise Cancelled("Enough.")

    with pytest.raises(Cancelled):
        ablate_plan(prepared, tables, say)
    assert told == sorted(told) and len(told) > 5
    assert told[-2] <= 0.2 < told[-1] < 0.5
