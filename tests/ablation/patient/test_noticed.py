"""Warnings of constants that are used beyond the ranges that sources give."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.fields import Fields
from basivert.ablation.patient.known import UNKNOWN, Known
from basivert.ablation.patient.noticed import beyond_ranges
from basivert.ablation.patient.tissues import tissues
from basivert.constants.load import override
from basivert.edge.heat_codec import heat_document
from basivert.provenance import Provenance
from basivert.report.heat.document import Heats, heat_report
from tests.ablation.patient.test_heat import Anywhere

# Bone by volume 0.03 to 0.5, from 40 HU (red marrow) to 1600 HU (matrix).
LEAST_HU, MOST_HU = 40 + 0.03 * 1560, 40 + 0.5 * 1560


@pytest.fixture(scope="module")
def cool():
    return Fields(time_s=60.0, body_degc=37.0, mesh=Anywhere(), log_omega={},
                  temperature_degc=np.array([37.0, 60.0]), log_cem43=np.zeros(2))  # fmt: skip


def told(prepared, cool, tables, code):
    return [f for f in beyond_ranges(prepared, (cool,), tables) if f.code == code]


def scanned(prepared, case, tables, hu, known=UNKNOWN):
    """The burn in a scan whose marrow has one CT number."""
    flat = replace(case, ct=replace(case.ct, values=np.full_like(case.ct.values, hu)))
    return replace(prepared, tissues=tissues(prepared.vertebra, flat, known, tables.tissues))


@pytest.mark.parametrize(
    ("hu", "word"),
    [(LEAST_HU - 2, "less"), (LEAST_HU + 2, ""), (MOST_HU - 2, ""), (MOST_HU + 2, "more")],
)
def test_ct_numbers_beyond_the_marrows_table_are_warned_of(prepared, case, tables, cool, hu, word):
    # Else all that is denser than this counts as cortex.
    marrow = override(tables.tissues.marrow, {"edition": "test", "hu": {
        "cortex": {"value": 2000.0, "unit": "HU", "source": "test", "confidence": "read"}
    }})  # fmt: skip
    dense = replace(tables, tissues=replace(tables.tissues, marrow=marrow))
    found = told(scanned(prepared, case, dense, hu), cool, dense, "density-beyond-range")
    assert len(found) == bool(word)
    assert all("100 % of the marrow within 10 mm" in f.what and word in f.what for f in found)


def test_a_small_share_of_the_marrow_and_marrow_far_away_bring_no_warning(prepared, tables, cool):
    made = prepared.tissues
    ends = prepared.planned.path.active
    index = np.rint((np.c_[ends, np.ones(2)] @ made.grid.index_from_lps.T)[:, :3]).astype(int)
    i = int(index[:, 0].mean())

    def clipped(where):
        beyond = np.zeros_like(made.beyond)
        beyond[where] = -1
        there = replace(prepared, tissues=replace(made, beyond=beyond))
        return told(there, cool, tables, "density-beyond-range")

    # 0.7 mm voxels: 10 mm from the zone are 15 of them; slabs to one side and of one voxel.
    assert clipped(slice(None))
    assert not clipped(slice(i, i + 1))
    assert not clipped(slice(0, index[:, 0].min() - 16))


@pytest.mark.parametrize(
    ("age", "codes"), [(24.0, 1), (25.0, 0), (60.0, 0), (61.0, 1)]
)  # fmt: skip
def test_an_age_beyond_those_that_fat_was_measured_at_is_told(prepared, tables, cool, age, codes):
    """fat.young_age, fat.old_age: 25 and 60 years."""
    there = replace(prepared, known=Known(age_years=age, modic={}))
    found = told(there, cool, tables, "age-beyond-range")
    assert len(found) == codes
    assert all("25 to 60 years" in f.what and f"at {age:g} years" in f.what for f in found)


def owned(tables, value):
    """Tables with an own row for a tissue's heat conductivity."""
    tissue = override(tables.tissues.tissue, {"edition": "clinic", "cancellous": {
        "k": {"value": value, "unit": "W/m/K", "source": "ours", "confidence": "read"}
    }})  # fmt: skip
    return replace(tables, tissues=replace(tables.tissues, tissue=tissue))


@pytest.mark.parametrize(("value", "count"), [(0.15, 1), (0.16, 0), (0.34, 0), (0.35, 1)])
def test_an_own_constant_beyond_the_shipped_range_is_named(prepared, tables, cool, value, count):
    """bone.k.range: 0.16 to 0.34 W/m/K."""
    found = told(prepared, cool, owned(tables, value), "constant-beyond-range")
    assert len(found) == count
    for one in found:
        assert all(w in one.what for w in ("cancellous.k", f"{value:g} W/m/K", "0.16 to 0.34"))


def test_what_was_noticed_stands_in_report_and_document(heat, case, tables, cool, asked):
    strange = owned(tables, 0.5)
    noticed = beyond_ranges(heat.setup, (cool,), strange)
    there = replace(heat, findings=noticed)
    (what,) = [f.what for f in noticed if f.code == "constant-beyond-range"]
    made_from = Provenance(inputs={}, editions={}, versions={}, seed=1)
    (burn,) = heat_document([there], made_from)["heats"]
    assert what in [w["what"] for w in burn["warnings"]]
    table = tables.tissues.marrow
    heats = Heats(burns=(there,), tables=strange, protocol=table, findings=())
    report = heat_report(case, heats, made_from)
    assert what in [w[1] for s in report.sections for h in s.heats for w in h.warnings]
