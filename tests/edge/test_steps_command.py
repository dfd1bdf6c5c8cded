"""`basivert steps` as a user meets it: from a plan's folder, scan checked, JSON by its schema."""

import json
import shutil
from importlib import resources

import jsonschema
import pytest

from basivert.constants.load import builtin
from basivert.edge.cli.steps import carm_table
from basivert.edge.imaging.phantom_files import write_volume
from basivert.edge.imaging.plan_folder import write_plan
from basivert.edge.imaging.stored_plan import digest, read_plan, scan_of
from basivert.errors import InputError
from basivert.fluoroscopy.machine import machine
from basivert.fluoroscopy.model import way_of
from tests.edge.test_command_line import command


@pytest.fixture(scope="module")
def folder(tmp_path_factory, case, planned):
    """The session's plan, stored as if it had been made from files."""
    place = tmp_path_factory.mktemp("steps")
    ct, labels = place / "ct.nii.gz", place / "labels_phantom.nii.gz"
    write_volume(ct, case.ct)
    write_volume(labels, case.labels.volume)
    (place / "plan").mkdir()
    write_plan(place / "plan", case, planned, scan_of(ct, labels, None))
    file = place / "plan" / "plan.json"
    document = json.loads(file.read_text("utf-8"))
    document["inputs"] = {path.name: digest(path) for path in (ct, labels)}
    file.write_text(json.dumps(document), encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def document(folder):
    done = command("steps", folder / "plan", "--side", "left", "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_document_fits_its_published_schema(document):
    schema = json.loads((resources.files("basivert.edge") / "steps.schema.json").read_text("utf-8"))
    checker = jsonschema.Draft202012Validator(schema)
    checker.check_schema(schema)
    checker.validate(document)
    broken = json.loads(json.dumps(document))
    del broken["sheets"][0]["steps"][0]["views"]
    assert not checker.is_valid(broken)


def test_the_plan_comes_back_as_the_c_arm_sees_it(folder, planned):
    for way, plan in zip(read_plan(folder / "plan").ways["L4"], planned.levels[0].plans,
                         strict=True):  # fmt: skip
        own = way_of(plan)
        assert (way.level, way.side, way.rank, way.route) == (
            own.level, own.side, own.rank, own.route,
        )  # fmt: skip
        assert way.depths == own.depths
        assert way.instrument == own.instrument


def test_text_names_views_depths_and_the_wall(folder, document):
    done = command("steps", folder / "plan", "--side", "left")
    assert done.returncode == 0, done.stderr
    (sheet,) = document["sheets"]
    assert done.stdout.startswith("Research use only")
    assert sheet["posterior_wall"]["words"] in done.stdout
    for step in sheet["steps"]:
        assert step["title"] in done.stdout
    assert f"{sheet['views'][0]['primary_deg']:+.0f}" in done.stdout


def test_another_scan_is_refused(folder, tmp_path):
    other = tmp_path / "ct.nii.gz"
    shutil.copy(folder / "ct.nii.gz", other)
    other.write_bytes(other.read_bytes() + b"\0")
    done = command("steps", folder / "plan", "--ct", other, "--json")
    assert done.returncode == 3
    assert "SHA-256" in done.stderr


def test_own_machine_changes_what_is_reached(folder, tmp_path):
    file = tmp_path / "clinic.toml"
    shipped = resources.files("basivert.constants") / "data" / "carms" / "mobile.toml"
    text = shipped.read_text("utf-8")
    text = text.replace("value = 100.0", "value = 20.0").replace("low = 90.0", "low = 10.0")
    file.write_text(text, encoding="utf-8")
    assert machine(carm_table(file)).most_primary_deg == 20.0
    assert machine(builtin("carms/mobile")).most_primary_deg == 100.0
    done = command("steps", folder / "plan", "--side", "left", "--carm", file)
    assert "NOT REACHED" in done.stdout
    assert "the machine reaches 20°" in done.stdout
    file.write_text("edition = ", encoding="utf-8")
    with pytest.raises(InputError, match="not TOML"):
        carm_table(file)
