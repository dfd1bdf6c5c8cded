"""`basivert ablate` as a user meets it, on the virtual patient from its own files."""

import hashlib
import html
import json
from importlib import resources

import jsonschema
import numpy as np
import pytest

from basivert.edge.cli import heat as heating
from basivert.edge.cli.heat import Choice, modic_of
from basivert.edge.imaging.phantom_files import write_volume
from basivert.edge.imaging.plan_folder import write_plan
from basivert.edge.imaging.stored_plan import case_of, chosen, read_plan
from basivert.errors import InputError
from tests.edge.test_command_line import command


@pytest.fixture(scope="module")
def files(tmp_path_factory, case):
    folder = tmp_path_factory.mktemp("scan")
    write_volume(folder / "ct.nii.gz", case.ct)
    write_volume(folder / "labels_phantom.nii.gz", case.labels.volume)
    done = command("plan", folder / "ct.nii.gz", "--labels", folder / "labels_phantom.nii.gz",
                   "-o", folder / "plan", "--seed", "5")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def burnt(files):
    done = command("ablate", files / "plan", "-o", files / "heat", "--samples", "0", "--age", "44",
                   "--modic", "L4:lower:1", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_document_fits_its_schema_and_lies_in_the_folder(files, burnt):
    schema = json.loads((resources.files("basivert.edge") / "heat.schema.json").read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(burnt)
    assert json.loads((files / "heat" / "heat.json").read_text("utf-8")) == burnt
    assert (files / "heat" / "report.html").is_file()
    plan = hashlib.sha256((files / "plan" / "plan.json").read_bytes()).hexdigest()
    assert burnt["inputs"]["plan.json"] == plan


def test_what_was_known_and_used_is_in_it(burnt):
    (heat,) = burnt["heats"]
    assert heat["known"] == {"age_years": 44.0, "modic": {"lower": 1}}
    assert heat["marrow"]["lower"]["flow_ml_min_kg"] > heat["marrow"]["body"]["flow_ml_min_kg"]
    assert {"tissue", "damage", "marrow"} <= set(burnt["editions"])
    assert heat["balance"]["missing_share"] < 0.005


def test_a_pose_that_is_the_plans_gives_the_plans_heat_and_says_so(files, burnt, tmp_path):
    (planned,) = chosen(read_plan(files / "plan"), ("L4",), None, None).values()
    (tmp_path / "pose.json").write_text(json.dumps({
        "level": "L4", "tip_ct_mm": planned.path.curve_start.tolist(),
        "axis_ct": planned.path.axis.tolist(), "side": planned.side, "rank": planned.rank,
    }), encoding="utf-8")  # fmt: skip
    done = command(
        "ablate", files / "plan", "-o", tmp_path / "heat", "--samples", "0", "--age", "44",
        "--modic", "L4:lower:1", "--pose", tmp_path / "pose.json", "--json",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (heat,) = json.loads(done.stdout)["heats"]
    (same,) = burnt["heats"]
    for real, plan in zip(heat["lesions"], same["lesions"], strict=True):
        assert real["margins_mm"] == pytest.approx(plan["margins_mm"], abs=0.01)
        assert real["volume_ml"] == pytest.approx(plan["volume_ml"], rel=1e-3)
        assert real["coverage"] == pytest.approx(plan["coverage"], abs=0.005)
    (told,) = [one for one in heat["warnings"] if one["code"] == "as-inserted"]
    assert "0.0 mm and 0.0° off the plan" in told["what"]
    real, plan = (f"{one['lesions'][0]['coverage']:.2f}" for one in (heat, same))
    assert f"with {real} ({plan})" in told["what"]


def test_the_plan_comes_back_as_it_was_written(tmp_path, case, planned):
    write_plan(tmp_path, case, planned, {"virtual_seed": 5})
    stored = read_plan(tmp_path)
    rows = stored.plans["L4"]
    assert len(rows) == len(planned.levels[0].plans)
    for row, plan in zip(rows, planned.levels[0].plans, strict=True):
        assert (row.side, row.rank) == (plan.side, plan.rank)
        for name in ("centre_line", "radius_mm", "active", "axis", "tip"):
            np.testing.assert_allclose(getattr(row.path, name), getattr(plan.path, name), atol=2e-6)
        assert row.path.bend_radius_mm == plan.path.bend_radius_mm
    assert stored.instrument == planned.instrument


def test_another_scan_than_the_planned_one_is_refused(files, tmp_path):
    stored = read_plan(files / "plan")
    other = tmp_path / "ct.nii.gz"
    other.write_bytes((files / "ct.nii.gz").read_bytes() + b" ")
    with pytest.raises(InputError, match="SHA-256"):
        case_of(stored, other, None)


def test_a_moved_scan_says_where_it_was_looked_for(files, tmp_path):
    document = json.loads((files / "plan" / "plan.json").read_text("utf-8"))
    document["scan"]["ct"] = "/nowhere/ct.nii.gz"
    (tmp_path / "plan.json").write_text(json.dumps(document), encoding="utf-8")
    done = command("ablate", tmp_path, "-o", tmp_path / "heat", "--json")
    assert done.returncode == 3
    error = json.loads(done.stdout)["error"]
    assert "/nowhere/ct.nii.gz" in error["what"]
    assert "--ct" in error["fix"]
    assert not (tmp_path / "heat").exists()


@pytest.mark.parametrize(
    ("content", "word"),
    [(None, "no plan.json"), ("{", "damaged"), ('{"schema": "other/9"}', "not a plan"),
     ('{"schema": "basivert.plan/1"}', "garbles")],
)  # fmt: skip
def test_a_folder_that_is_no_plan_is_refused(tmp_path, content, word):
    if content is not None:
        (tmp_path / "plan.json").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match=word):
        read_plan(tmp_path)


@pytest.mark.parametrize(
    "words", ["L4:upper", "L4:upper:x", "L4:upper:1:2", "L4:upper:1,l4:upper:2"]
)
def test_garbled_readings_are_refused(words):
    with pytest.raises(InputError, match="Modic"):
        modic_of(words)


def test_plans_are_chosen_by_worth_or_by_wish(files):
    stored = read_plan(files / "plan")
    rows = stored.plans["L4"]
    assert chosen(stored, None, None, None)["L4"].worth == max(
        row.worth for row in rows if row.rank == 1
    )
    assert chosen(stored, None, "left", None)["L4"].side == "left"
    with pytest.raises(InputError, match="L2"):
        chosen(stored, ("L2",), None, None)
    with pytest.raises(InputError, match="No plan fits"):
        chosen(stored, None, None, 99)


@pytest.mark.parametrize(
    ("more", "says"), [(("--modic", "L3:lower:1"), "L3"), (("--cover", "1.5"), "1.5")]
)
def test_wishes_that_cannot_count_are_refused_before_any_heat(files, tmp_path, more, says):
    done = command("ablate", files / "plan", "-o", tmp_path / "heat", "--json", *more)
    assert done.returncode == 3
    assert says in json.loads(done.stdout)["error"]["what"]
    assert "heat in" not in done.stderr


def test_the_plans_warnings_stay_with_the_heat(files):
    plan = json.loads((files / "plan" / "plan.json").read_text("utf-8"))
    page = (files / "heat" / "report.html").read_text("utf-8")
    told = [row["what"] for row in plan["warnings"]]
    assert told
    assert all(html.escape(words) in page for words in told)


class Reached(Exception):
    """Stops a command where a test wants to look."""


def test_the_seed_and_what_is_known_reach_the_burn(files, tmp_path, monkeypatch):
    told = {}

    def look(vertebra, case, plan, known, asked, tables):
        told.update(level=vertebra.level, known=known, asked=asked)
        raise Reached

    monkeypatch.setattr(heating, "setup", look)
    choice = Choice(
        levels=None, side="auto", rank=None, protocol="standard", samples=0, cover=None, seed=4711,
        age_years=61.0, modic="L4:upper:2", log=None, log_columns=None, ct=None, labels=None,
    )  # fmt: skip
    with pytest.raises(Reached):
        heating.ablate(files / "plan", tmp_path / "heat", choice, as_json=True)
    assert told["level"] == "L4"
    assert told["asked"].seed == 4711
    assert told["known"].age_years == 61.0
    assert told["known"].modic == {"upper": 2}


def test_a_log_that_is_too_short_is_told_before_the_plan_is_read(tmp_path):
    rows = "".join(f"{n},{40 + n}\n" for n in range(4))
    (tmp_path / "log.csv").write_text(f"time_s,temperature_degc\n{rows}", encoding="utf-8")
    done = command("ablate", tmp_path / "no plan", "-o", tmp_path / "heat", "--log",
                   tmp_path / "log.csv", "--json")  # fmt: skip
    error = json.loads(done.stdout)["error"]
    assert done.returncode == 3 and "4 samples" in error["what"] and error["fix"]
