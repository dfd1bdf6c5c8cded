"""A file is there whole or not at all; a place that cannot be written is told before the work."""

import pytest

from basivert.edge.cli import commands, fhir, fluoro, outcomes, register
from basivert.edge.whole_file import whole_file
from basivert.errors import InputError
from tests.edge.test_fluoro import choice


def test_missing_folders_are_made_and_the_file_is_there_at_the_end(tmp_path) -> None:
    out = tmp_path / "a" / "b" / "x.json"
    with whole_file(out) as work:
        work.write_text("all")
        assert not out.exists()
    assert out.read_text() == "all"
    assert [one.name for one in out.parent.iterdir()] == ["x.json"]


def test_what_fails_leaves_the_old_file_and_no_new_folder(tmp_path) -> None:
    old = tmp_path / "x.json"
    old.write_text("old")
    for out in (old, tmp_path / "a" / "b" / "y.json"):
        with pytest.raises(KeyboardInterrupt), whole_file(out) as work:
            work.write_text("half")
            raise KeyboardInterrupt
    assert old.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["x.json"]


def test_a_folder_and_a_file_in_the_way_are_refused(tmp_path) -> None:
    (tmp_path / "file").write_text("mine")
    for out in (tmp_path, tmp_path / "file" / "x.json"):
        with pytest.raises(InputError, match=r"is a folder|cannot be written"), whole_file(out):
            pytest.fail("the work was begun")
    assert (tmp_path / "file").read_text() == "mine"


def test_each_command_refuses_its_place_before_anything_is_read(tmp_path) -> None:
    """The inputs named do not exist either: only the place may be complained of."""
    (tmp_path / "file").write_text("mine")
    out, no = tmp_path / "file" / "x.png", tmp_path / "no input"
    wanted = register.Choice(
        level=None, side="auto", rank=None, carm=None, start_mm=None, level_check=True,
        angles="exact", heat=False, ct=None, labels=None, seed=1,
    )  # fmt: skip
    for begun in (
        lambda: fluoro.fluoro(no, out, choice(), as_json=False),
        lambda: commands.anatomy(no, no, None, levels=None, out=out, as_json=False),
        lambda: fhir.read(no, out, medicines=None, patient=None, as_json=False),
        lambda: fhir.read(no, None, medicines=out, patient=None, as_json=False),
        lambda: fhir.write(no, out, seed=None, as_json=False),
        lambda: outcomes.reported(no, out, as_of_day=None, rules=None, as_json=False),
        lambda: register.register(no, [no], out, wanted, as_json=False),
        lambda: register.register(no, [no], tmp_path, wanted, as_json=False),
    ):
        with pytest.raises(InputError, match=r"cannot be written|not a result"):
            begun()
