"""A clinic's own rows: used, told, and refused where they fit nothing."""

import pytest

from basivert.constants.load import builtin
from basivert.edge.cli.own_tables import own_tables
from basivert.edge.documents.html import rendered
from basivert.edge.imaging.plan_folder import reported
from basivert.errors import InputError
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.workflow.plan_case import builtin_tables, plan_case

OWN = """[errors_model]
edition = "our hospital"
segmentation.all = { value = 1.7, unit = "mm", source = "our cases", confidence = "read" }
"""


def written(tmp_path, text):
    file = tmp_path / "own.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_without_a_file_tables_are_those_of_the_package():
    own = own_tables(None)
    assert own.findings == ()
    assert own.table("errors_model") == builtin("errors_model")


def test_one_row_is_replaced_and_both_values_are_told(tmp_path):
    own, shipped = own_tables(written(tmp_path, OWN)), builtin("errors_model")
    table = own.table("errors_model")
    assert table["segmentation.all"].value == 1.7
    assert table["roll.all"] == shipped["roll.all"]
    assert table.edition == f"{shipped.edition} + our hospital"
    (finding,) = own.findings
    assert "1.7 mm" in finding.what
    assert f"{shipped['segmentation.all'].value:g} mm as shipped" in finding.what
    assert own.table("thresholds") == builtin("thresholds")


@pytest.mark.parametrize(("text", "word"), [
    (OWN.replace("errors_model", "errors_modle"), "errors_modle"),
    (OWN.replace("segmentation.all", "segmentation.none"), "segmentation.none"),
    (OWN.replace('unit = "mm"', 'unit = "deg"'), "not in deg"),
    (OWN.replace('edition = "our hospital"', ""), "edition"),
    ("", "holds no tables"),
    ("errors_model = 1", "holds no tables"),
    ("[errors_model", "not TOML"),
])  # fmt: skip
def test_what_fits_nothing_is_refused(tmp_path, text, word):
    with pytest.raises(InputError, match=word):
        own_tables(written(tmp_path, text))


def test_plan_and_report_follow_the_clinics_rows(case, tmp_path):
    own = own_tables(written(tmp_path, OWN))
    made = plan_case(
        own.told(case), builtin_instrument(DEFAULT), seed=5, inputs={}, versions={},
        levels=["L4"], sides=("left",), tables=builtin_tables(own.table),
    )  # fmt: skip
    plan = made.levels[0].plans[0]
    assert plan.robustness.errors["surface_mm"] >= 1.7
    assert made.provenance.editions["errors_model"].endswith("our hospital")
    page = rendered(reported(case, made, own.table))
    assert "row segmentation.all: 1.7 mm by your own table" in page
