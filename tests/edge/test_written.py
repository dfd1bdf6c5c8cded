"""`-o DIR` of `prepare` and `outcomes report`: a whole result in the older one's place, or none."""

import json

import pytest

from basivert.edge.cli import outcomes, prepare
from basivert.errors import InputError
from tests.care.outcomes.simulated import clinic

PROCEDURE = {"procedure": {"start": "2026-12-21T10:00", "zone": "America/Chicago"}}


def prepared(file, out):
    prepare.prepared(
        file, out, medicines=None, lists="asra_2018", own_checklist=None, language="en",
        as_json=False,
    )  # fmt: skip


def reported(file, out):
    outcomes.reported(file, out, as_of_day=None, rules=None, as_json=False)


COMMANDS = {
    "prepare": (prepared, PROCEDURE, "checklist.json", (prepare, "calendar_file")),
    "outcomes report": (reported, clinic(12, 5), "report.json",
                        ("basivert.edge.documents.registry_page", "rendered")),
}  # fmt: skip


@pytest.fixture(params=list(COMMANDS))
def command(request, tmp_path):
    run, record, mark, step = COMMANDS[request.param]
    file = tmp_path / "record.json"
    file.write_text(json.dumps(record), encoding="utf-8")
    return lambda out: run(file, out), mark, step


def files(folder):
    return {one.name: one.read_bytes() for one in folder.iterdir()}


def test_an_older_result_is_replaced_and_that_is_said(command, tmp_path, capsys):
    run, mark, _ = command
    out = tmp_path / "out"
    run(out)
    assert "replaced" not in capsys.readouterr().out and (out / mark).exists()
    (out / "left over").write_text("x")
    run(out)
    assert f"folder: {out} (the older result was replaced)" in capsys.readouterr().out
    assert "left over" not in files(out)
    assert {one.name for one in tmp_path.iterdir()} == {"record.json", "out"}


def test_a_failure_half_way_leaves_the_older_result_whole(command, tmp_path, monkeypatch):
    run, _, (module, name) = command
    out = tmp_path / "out"
    run(out)
    before = files(out)

    def full(*given):
        raise OSError(28, "No space left on device")

    where = f"{module}.{name}" if isinstance(module, str) else f"{module.__name__}.{name}"
    monkeypatch.setattr(where, full)
    for place in (out, tmp_path / "new"):
        with pytest.raises(OSError, match="No space"):
            run(place)
    assert files(out) == before
    assert {one.name for one in tmp_path.iterdir()} == {"record.json", "out"}


def test_what_is_no_result_of_ours_is_left_alone(command, tmp_path, monkeypatch):
    run, mark, _ = command
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.txt").write_text("x")
    for out in (mine, mine / "thesis.txt"):
        with pytest.raises(InputError, match=f"holds no {mark}"):
            run(out)
    assert files(mine) == {"thesis.txt": b"x"}


@pytest.mark.parametrize("name", [".", ".."])
def test_a_folder_without_a_name_is_refused(command, tmp_path, monkeypatch, name):
    from pathlib import Path

    run, _, _ = command
    (tmp_path / "empty" / "inner").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "empty" / "inner")
    with pytest.raises(InputError, match="no name of a folder"):
        run(Path(name))
    assert list((tmp_path / "empty" / "inner").iterdir()) == []
