"""`heat.json` tells each number of the burn under its own name."""

import numpy as np
import pytest

from basivert.edge.heat_codec import heat_document
from basivert.provenance import Provenance

MADE = Provenance(inputs={"ct": "a" * 64}, editions={"tissue": "x"}, versions={}, seed=7)


@pytest.fixture(scope="module")
def written(sampled):
    (found,) = heat_document([sampled], MADE)["heats"]
    return found


def test_energy_goes_where_it_went(written, sampled):
    told, true = written["balance"], sampled.balance
    for part in ("given", "stored", "perfused", "conducted"):
        assert told[f"{part}_j"] == getattr(true, f"{part}_j")
    assert told["missing_share"] == true.error


def test_every_structure_has_its_own_dose_and_safety(written, sampled):
    for told, dose in zip(written["structures"], sampled.doses, strict=True):
        assert told["name"] == dose.structure
        assert (told["peak_degc"], told["cem43_min"]) == (dose.peak_degc, dose.cem43_min)
        assert (told["verdict"], told["omega"]) == (dose.verdict, dict(dose.omega))
        safe = sampled.uncertainty.safety[dose.structure].p_safe
        assert (told["p_safe"]["value"], told["p_safe"]["low"]) == (safe.value, safe.low)


def test_lesions_and_the_generators_course_are_the_burns(written, sampled):
    for told, lesion in zip(written["lesions"], sampled.lesions, strict=True):
        assert told["endpoint"] == lesion.endpoint.name
        assert told["volume_ml"] == lesion.region.volume_ml
        assert told["coverage"] == lesion.coverage
        assert told["lengths_mm"] == pytest.approx(lesion.region.lengths_mm, abs=1e-5)
    course, told = sampled.course, written["course"]
    assert told["time_s"][-1] == pytest.approx(course.time_s[-1])
    for name in ("voltage_v", "power_w", "impedance_ohm", "sensor_degc"):
        seen = np.interp(told["time_s"], course.time_s, getattr(course, name))
        np.testing.assert_allclose(told[name], seen, rtol=1e-4, atol=1e-4)


def test_intervals_and_indices_keep_their_names(written, sampled):
    for name, told in written["uncertainty"]["quantities"].items():
        true = sampled.uncertainty.quantities[name]
        assert told["mean"] == true.mean
        assert [told["estimate"][k] for k in ("low", "value", "high")] == [
            true.estimate.low, true.estimate.value, true.estimate.high
        ]  # fmt: skip
        for row, index in zip(told["indices"], true.indices, strict=True):
            assert row["factor"] == index.factor
            assert (row["first"], row["total"]) == (index.first, index.total)
