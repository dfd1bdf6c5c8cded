"""`basivert backup`, `restore`, `audit verify`, `db upgrade`, `person`: as a user calls them."""

import json
import sys

import pytest
from sqlalchemy import text

from basivert.edge.cli import main
from basivert.edge.store import photos
from basivert.edge.store.engine import HEAD
from tests.edge.store.conftest import MARK
from tests.edge.store.test_audit import OPEN
from tests.edge.store.test_recovery import JPEG


@pytest.fixture
def call(capsys, monkeypatch):
    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["basivert", *map(str, arguments), "--json"])
        with pytest.raises(SystemExit) as ended:
            main.run()
        out = capsys.readouterr()
        return ended.value.code, json.loads(out.out), out.err

    return run


@pytest.fixture
def filled(store, team, opened):
    with store.writing(team.nurse) as work:
        photos.add_photo(work, opened[1], JPEG)
    return opened[0]


def test_backup_restore_and_verify_hang_together(call, filled, store, url, tmp_path, other_place):
    file, place = tmp_path / "clinic.backup", store.photos
    code, made, _ = call("backup", "-o", file, "--db", url, "--photos", place)
    assert (code, made["missing"], made["problems"]) == (0, [], [])
    code, back, _ = call("restore", file, "--db", other_place, "--photos", tmp_path / "restored")
    assert (code, back["rows"], back["head"]) == (0, made["rows"], made["head"])
    code, proof, _ = call("audit", "verify", "--db", other_place, "--head", made["head"])
    assert (code, proof["holds"], proof["head"]) == (0, True, made["head"])


def test_tampering_ends_with_a_code_and_the_row(call, filled, store, url):
    with store.engine.begin() as connection:
        for statement in [*OPEN[store.engine.dialect.name], "delete from audit where seq = 2"]:
            connection.execute(text(statement))
    code, said, _ = call("audit", "verify", "--db", url)
    assert code == 6
    assert "Rows 2 to 2 are missing" in said["error"]["what"]
    code, said, _ = call("audit", "verify", "--db", url, "--head", "7:xyz")
    assert (code, said["error"]["code"]) == (3, "input")


def test_a_person_is_given_out_and_deleted_only_when_named_twice(
    call, filled, store, url, tmp_path
):
    where = ("--db", url, "--photos", store.photos)
    code, told, _ = call("person", "export", filled, "-o", tmp_path / "out", *where)
    document = json.loads((tmp_path / "out" / "person.json").read_text("utf-8"))
    assert (code, told["photos"], document["research_use_only"]) == (0, 1, True)
    assert document["person"][0]["name"].startswith(MARK)
    assert (tmp_path / "out" / document["photo"][0]["file"]).read_bytes() == JPEG
    code, _, _ = call("person", "delete", filled, "--confirm", "other", *where)
    assert code == 3
    code, told, _ = call("person", "delete", filled, "--confirm", filled, *where)
    assert (code, told["rows"]["photo"]) == (0, 1)
    code, said, _ = call("person", "export", filled, "-o", tmp_path / "again", *where)
    assert (code, said["error"]["code"]) == (3, "not-found")
    assert not (tmp_path / "again").exists()


def test_an_upgrade_of_the_newest_edition_does_nothing(call, filled, url):
    code, told, _ = call("db", "upgrade", "--db", url)
    assert (code, told["from"], told["to"], told["backup"]) == (0, HEAD, HEAD, None)


def test_a_slip_in_the_address_sets_up_nothing(call, tmp_path, monkeypatch):
    monkeypatch.setenv("BASIVERT_DB", str(tmp_path / "slip.db"))
    for command in (("audit", "verify"), ("backup", "-o", tmp_path / "b"), ("db", "upgrade")):
        code, said, _ = call(*command)
        assert (code, said["error"]["code"]) == (6, "store")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [None, b"", b"notes", b"PK\x03\x04 half a file"])
def test_a_wrong_file_is_no_backup_and_says_which_to_give(call, tmp_path, content):
    file, place = tmp_path / "notes.txt", tmp_path / "new" / "clinic.db"
    if content is not None:
        file.write_bytes(content)
    code, said, _ = call("restore", file, "--db", place)
    assert (code, said["error"]["code"]) == (3, "input")
    assert said["error"]["what"] == "notes.txt is no backup of basivert, or damaged."
    assert said["error"]["fix"] == "Give a whole file that basivert backup wrote."
    assert not place.parent.exists()
