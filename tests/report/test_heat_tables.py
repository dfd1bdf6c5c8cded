"""Numbers on the page are those of the burn; what is not known is said to be unknown."""

import re
from dataclasses import replace

import numpy as np
import pytest

from basivert.ablation.patient.known import Known
from basivert.constants.load import builtin
from basivert.report.heat.certainty import energy_card, influence_sheet
from basivert.report.heat.constants import constant_sheets, limit_card, patient_card
from basivert.report.heat.doses import dose_sheet, lesion_sheet
from basivert.report.heat.names import significant
from basivert.report.heat.words import sentences
from basivert.report.sources import in_words
from basivert.workflow.heat_setup import heat_tables

DAMAGE = builtin("damage")


@pytest.fixture(scope="module")
def tables():
    return heat_tables()


def test_every_structure_has_its_own_numbers_verdict_and_limit(sampled):
    sheet = dose_sheet(sampled, DAMAGE)
    assert len(sheet.rows) == len(sampled.doses) == len(sampled.setup.structures)
    q = sampled.uncertainty.quantities
    for row, dose in zip(sheet.rows, sampled.doses, strict=True):
        cell = dict(zip(sheet.columns, row, strict=True))
        assert float(cell["Peak, °C"].text) == pytest.approx(dose.peak_degc, abs=0.051)
        peak = q[f"{dose.structure}.peak_degc"].estimate
        assert cell["Peak, °C"].note == f"90 %: {peak.low:.1f} to {peak.high:.1f}"
        assert cell["CEM43, min"].text == significant(dose.cem43_min)
        for law, omega in dose.omega.items():
            assert cell[f"Ω, {law} law"].text == significant(omega)
        margin = sampled.lesion.margins_mm[dose.structure]
        assert float(cell["Lesion to structure, mm"].text) == pytest.approx(margin, abs=0.051)
        assert cell["Verdict and limit"].grade == (dose.verdict or "")
        assert cell["Verdict and limit"].note == in_words(dose.why)
        if dose.kind == "nerve":
            safe = sampled.uncertainty.safety[dose.structure].p_safe
            assert cell["Chance to stay a go"].text == f"{100 * safe.value:.1f} %"
        if dose.verdict is None:
            assert cell["Chance to stay a go"].text == "no limit"


def test_the_chance_of_an_endplate_counts_its_own_limit_not_the_nerves(sampled):
    at = list(sampled.uncertainty.quantities).index("upper_endplate.cem43_min")
    outputs = np.zeros((64, len(sampled.uncertainty.quantities)))
    outputs[:, at] = np.where(np.arange(64) < 48, 15.9, 16.1)
    changed = replace(
        sampled, uncertainty=replace(sampled.uncertainty, outputs=outputs),
        doses=tuple(replace(d, verdict=d.verdict and "go") for d in sampled.doses),
    )  # fmt: skip
    rows = {row[0].text: row[5].text for row in dose_sheet(changed, DAMAGE).rows}
    assert rows["Upper endplate"] == "75.0 %"
    assert rows["Lower endplate"] == "100.0 %"
    said = " ".join(sentences(changed, DAMAGE))
    assert "Upper endplate stays" in said and "75.0 % of samples" in said
    assert "Lower endplate stays" not in said


def test_without_samples_no_interval_is_claimed(heat):
    sheet = dose_sheet(heat, DAMAGE)
    assert {row[5].text for row in sheet.rows} == {"unknown", "no limit"}
    assert not any("90 %" in cell.note for row in sheet.rows for cell in row)
    assert "intervals are not known" in sheet.note
    assert not influence_sheet(heat)
    assert "90 %" not in " ".join(sentences(heat, DAMAGE))


def test_lesions_stand_side_by_side_and_one_is_the_default(sampled, tables):
    sheet = lesion_sheet(sampled, tables.tissues.priors, tables.damage)
    *rows, together = sheet.rows
    for number, (row, lesion) in enumerate(zip(rows, sampled.lesions, strict=True)):
        assert float(row[1].text) == pytest.approx(lesion.region.volume_ml, abs=0.0051)
        sizes = [float(part) for part in row[2].text.split(" × ")]
        assert sizes == pytest.approx(lesion.region.lengths_mm.tolist(), abs=0.051)
        assert float(row[3].text) == pytest.approx(lesion.coverage, abs=0.0051)
        assert ("default" in row[0].note) == (number == 0)
    volume = sampled.uncertainty.quantities["volume_ml"].estimate
    assert f"{volume.low:.2f} to {volume.high:.2f}" in together[1].note
    assert sum(float(row[4].text) for row in rows) == pytest.approx(1.0, abs=0.02)


def test_how_far_the_endpoints_differ_is_worked_out_from_this_burn(heat, tables):
    note = lesion_sheet(heat, tables.tissues.priors, tables.damage).note
    volumes = [lesion.region.volume_ml for lesion in heat.lesions]
    told = float(re.search(r"differ ([\d.]+)-fold", note).group(1))
    assert told == pytest.approx(max(volumes) / min(volumes), abs=0.051)


def test_sentences_say_size_hub_and_dura(sampled):
    lesion, hub, dura, *_ = sentences(sampled, DAMAGE)
    size = [float(n) for n in re.search(r"Lesion (\d+) × (\d+) × (\d+) mm", lesion).groups()]
    assert size == pytest.approx(sampled.lesion.region.lengths_mm.tolist(), abs=0.51)
    assert f"{sampled.lesion.coverage:.2f}" in hub
    dose = next(d for d in sampled.doses if d.structure == "dura")
    assert f"{dose.peak_degc:.1f} °C" in dura
    assert dose.verdict in dura


def test_a_structure_that_is_too_hot_is_named_with_its_limit(heat):
    doses = tuple(
        replace(d, verdict="stop", peak_degc=47.3, why="47.3 °C against 45 °C (source)")
        if d.structure == "root_left" else d for d in heat.doses
    )  # fmt: skip
    said = sentences(replace(heat, doses=doses), DAMAGE)
    assert any("Left nerve root reaches 47.3 °C: stop" in s and "45 °C" in s for s in said)
    assert said[-1].startswith("Stop")


def test_indices_are_those_of_the_named_result_and_the_surrogate_says_its_error(sampled):
    (sheet,) = influence_sheet(sampled)
    assert [row[0].text for row in sheet.rows[:3]] == [
        "Cancellous bone, blood flow", "Depth of the tip", "Which endpoint is true"
    ]  # fmt: skip
    names = dict(zip(sheet.columns[1:], ("coverage", "volume_ml", "dura.peak_degc"), strict=True))
    for column, name in enumerate(names.values(), start=1):
        q = sampled.uncertainty.quantities[name]
        assert sheet.rows[0][column].text.startswith(f"{q.indices[0].total:.2f} ±")
        assert sheet.rows[-1][column].text == f"{q.unexplained:.2f}"
    for number in ("0.12 °C", "0.99 °C", "4.6 %", "3.2 %", "31", "7 full solves"):
        assert number in sheet.note


def test_energy_adds_up_on_the_page(heat):
    rows = {row.name: row.value for row in energy_card(heat).rows}
    joule = [float(v.split()[0]) for v in rows.values() if v.endswith(" J")]
    assert joule[0] == pytest.approx(sum(joule[1:]), abs=2.0 + 0.005 * joule[0])
    assert float(rows["Missing"].split()[0]) < 0.5


def test_what_is_not_known_of_the_marrow_is_said(heat, tables):
    rows = {row.name: row for row in patient_card(heat, tables.tissues.marrow).rows}
    assert rows["Age"].value == "unknown"
    assert rows["Modic change, upper endplate"].value == "not read"
    known = replace(heat.setup, known=Known(age_years=63.0, modic={"lower": 2}))
    rows = {r.name: r for r in patient_card(replace(heat, setup=known), tables.tissues.marrow).rows}
    assert rows["Age"].value == "63 years"
    assert rows["Modic change, lower endplate"].value == "type 2"
    assert rows["Modic change, upper endplate"].value == "not read"


def test_every_constant_is_listed_with_source_and_confidence(heats):
    sheets = constant_sheets(heats.tables, heats.protocol)
    t = heats.tables.tissues
    tables = (heats.protocol, heats.tables.damage, t.tissue, t.marrow, t.layers, t.priors,
              heats.tables.log, heats.tables.adjustment)  # fmt: skip
    for sheet, table in zip(sheets, tables, strict=True):
        assert table.edition in sheet.title
        listed = {row[0].text: row for row in sheet.rows}
        assert set(listed) == set(table.rows)
        for key, row in table.rows.items():
            assert listed[key][3].text == in_words(row.source)
            assert listed[key][4].text == row.confidence
            marked = listed[key][4].grade == "caution"
            assert marked == (row.confidence in ("recall", "assumption"))


def test_what_is_left_out_is_said(tables):
    said = {row.name for row in limit_card(tables).rows}
    assert {"Introducer", "Fluid in the canal", "Nerve roots", "Dura", "Boiling"} <= said
