"""The program as a user meets it: exit codes, JSON errors, cancelling, nothing half written."""

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from importlib import resources

import numpy as np
import pytest

from basivert.anatomy import find
from basivert.edge.cli import commands, progress
from basivert.edge.codec import plan_document
from basivert.edge.imaging.phantom_files import write_volume
from basivert.errors import NumericsError
from basivert.instruments.load import builtin_instrument
from basivert.volume.model import Volume
from basivert.workflow.plan_case import plan_case

START = [sys.executable, "-c", "from basivert.edge.cli.main import run; run()"]


def command(*words):
    return subprocess.run([*START, *map(str, words)], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def files(tmp_path_factory, case):
    folder = tmp_path_factory.mktemp("scan")
    write_volume(folder / "ct.nii.gz", case.ct)
    write_volume(folder / "labels_phantom.nii.gz", case.labels.volume)
    return folder


def planned_with(files, tmp_path, *more):
    return command("plan", files / "ct.nii.gz", "--labels", files / "labels_phantom.nii.gz",
                   "-o", tmp_path / "out", *more)  # fmt: skip


@pytest.mark.parametrize(
    ("more", "code", "word", "says"),
    [
        (("--side", "upper"), 3, "input", "upper"),
        (("--instrument", "spoon"), 3, "instrument", "curved_bipolar"),
        (("--instrument", "nowhere.toml"), 3, "instrument", "nowhere.toml"),
        (("--levels", "L1"), 3, "labels", "L4"),
        (("--levels", ""), 3, "input", "names no level"),
        (("--levels", " , "), 3, "input", "--levels L3,L4"),
        (("--no-such-option",), 2, "usage", "no-such-option"),
    ],
)
def test_a_mistake_is_one_json_object_with_its_code(files, tmp_path, more, code, word, says):
    done = planned_with(files, tmp_path, "--json", *more)
    assert done.returncode == code
    error = json.loads(done.stdout)["error"]
    assert error["code"] == word
    assert error["exit_code"] == code
    assert says in error["what"] + error["fix"]
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_missing_files_are_named(tmp_path):
    done = command("plan", tmp_path / "no.nii.gz", "--labels", tmp_path / "none.nii.gz",
                   "-o", tmp_path / "out")  # fmt: skip
    assert done.returncode == 3
    assert "no.nii.gz" in done.stderr and "none.nii.gz" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(os.name == "nt", reason="signals of this kind are POSIX")
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_being_stopped_leaves_no_folder_and_is_said(files, tmp_path, kind):
    words = ["plan", files / "ct.nii.gz", "--labels", files / "labels_phantom.nii.gz",
             "-o", tmp_path / "out"]  # fmt: skip
    # A shell's background job starts with the signal ignored; a terminal's does not.
    listening = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
    start = [*START[:-1], listening + START[-1]]
    with subprocess.Popen([*start, *map(str, words)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True) as running:  # fmt: skip
        deadline = time.monotonic() + 60.0
        while not list(tmp_path.iterdir()) and time.monotonic() < deadline:
            time.sleep(0.02)
        assert running.poll() is None, "it should still be at work when it is stopped"
        running.send_signal(kind)
        _, said = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Cancelled" in said
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_told(files, tmp_path):
    (tmp_path / "file").write_text("mine")
    done = command("plan", files / "ct.nii.gz", "--labels", files / "labels_phantom.nii.gz",
                   "-o", tmp_path / "file" / "out")  # fmt: skip
    assert done.returncode == 3
    assert "file" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "file").read_text() == "mine"


def test_a_full_disk_is_told_and_leaves_nothing(files, tmp_path):
    code = (
        "import errno, pathlib\n"
        "from basivert.edge.imaging import slicer\n"
        "def full(*_):\n"
        "    raise OSError(errno.ENOSPC, 'No space left on device')\n"
        "slicer.write = full\n"
        "from basivert.edge.cli.main import run\n"
        "run()"
    )
    words = ["plan", files / "ct.nii.gz", "--labels", files / "labels_phantom.nii.gz",
             "-o", tmp_path / "out", "--json"]  # fmt: skip
    done = subprocess.run([sys.executable, "-c", code, *map(str, words)], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 6
    assert "No space left" in json.loads(done.stdout)["error"]["what"]
    assert not list(tmp_path.iterdir())


def test_no_path_at_all_ends_with_its_own_code(files, tmp_path):
    folder = resources.files("basivert.constants") / "data" / "instruments"
    shipped = (folder / "curved_bipolar.toml").read_text(encoding="utf-8")
    wide = shipped.replace("value = 4.19", "value = 45.0")
    (tmp_path / "wide.toml").write_text(wide, encoding="utf-8")
    done = planned_with(files, tmp_path, "--instrument", tmp_path / "wide.toml", "--json")
    assert done.returncode == 4, done.stderr
    (vertebra,) = json.loads(done.stdout)["vertebrae"]
    assert vertebra["status"] == "no_path"
    assert "45.00 mm" in vertebra["reason"]
    assert (tmp_path / "out" / "report.html").is_file()


def test_one_vertebra_that_fails_its_check_does_not_stop_the_others(monkeypatch, case):
    """Two levels in one scan: the check of the second is made to fail."""
    codes = case.labels.volume.values.copy()
    low = np.argwhere(codes > 0).min(axis=0)
    codes[tuple(slice(a, a + 22) for a in np.maximum(low - 30, 0))] = 5
    labels = dataclasses.replace(
        case.labels, code_of={"L4": 4, "L5": 5},
        volume=Volume(values=codes, lps_from_index=case.ct.lps_from_index, unit="label"),
    )  # fmt: skip
    usual = find.find_vertebra

    def checked(given, level, tables):
        if level == "L5":
            raise NumericsError("The plane did not settle.", fix="Look at the label.")
        return usual(given, level, tables)

    monkeypatch.setattr(find, "find_vertebra", checked)
    made = plan_case(dataclasses.replace(case, labels=labels), builtin_instrument("curved_bipolar"),
                     seed=5, inputs={}, versions={})  # fmt: skip
    rows = {v["level"]: v for v in plan_document(made)["vertebrae"]}
    assert rows["L4"]["status"] == "planned"
    assert rows["L5"]["status"] == "failed"
    assert "did not settle" in rows["L5"]["reason"]


def test_nothing_to_do_is_help_alone_and_a_mistake_names_its_own_help():
    bare = command()
    assert bare.returncode == 2 and "fluoro" in bare.stdout + bare.stderr
    assert "basivert: " not in bare.stderr
    lacking = command("plan")
    assert lacking.returncode == 2 and "basivert plan --help" in lacking.stderr
    nested = command("outcomes", "score", "--json")
    assert "basivert outcomes score --help" in json.loads(nested.stdout)["error"]["fix"]
    assert json.loads(command("--json").stdout)["error"]["code"] == "usage"


SMALL = """[patient]
seed = 3
levels = ["L4"]
scoliosis_deg = 0.0
pedicle_scale = 1.0
foramen = "single"
sclerosis_hu = 0.0
cancellous_hu = 150.0
transitional = false
[scanner]
spacing_mm = [2.0, 2.0, 2.5]
blur_mm = 0.8
noise_hu = 10.0
turn_deg = 0.0
"""


def test_a_virtual_patient_tells_how_far_it_is_and_cancelling_leaves_nothing(tmp_path, monkeypatch):
    (tmp_path / "spec.toml").write_text(SMALL, encoding="utf-8")
    said = []

    def stopped(self, done, what):
        said.append((done, what))
        if "true surface" in what:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(progress.Shown, "__call__", stopped)
        with pytest.raises(KeyboardInterrupt):
            commands.phantom(tmp_path / "spec.toml", tmp_path / "out", as_json=False)
    assert [what for _, what in said] == [
        "drawing L4", "writing CT and labels", "true surface of L4",
    ]  # fmt: skip
    assert [done for done, _ in said] == sorted(done for done, _ in said)
    assert [one.name for one in tmp_path.iterdir()] == ["spec.toml"]
