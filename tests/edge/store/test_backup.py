"""Backup and restore: whole, proved, and only into an empty place."""

import dataclasses
import hashlib
import json
import zipfile
from pathlib import Path
from tempfile import gettempdir

import pytest
from sqlalchemy import text

from basivert.edge.store import people, photos
from basivert.edge.store.backup import backup, read_manifest, restore
from basivert.edge.store.engine import open_store
from basivert.errors import InputError, StoreError
from tests.edge.store.conftest import MARK
from tests.edge.store.test_recovery import JPEG


@pytest.fixture
def filled(store, team, opened):
    with store.writing(team.nurse) as work:
        photos.add_photo(work, opened[1], JPEG)
        people.add_patient(work, name="Second")
    return store


@pytest.fixture
def made(filled, url, tmp_path):
    file = tmp_path / "clinic.backup"
    return file, backup(url, file, photos=filled.photos)


def test_a_backup_comes_back_with_rows_photographs_and_trail(
    made, filled, team, opened, tmp_path, other_place
):
    file, manifest = made
    assert (manifest.rows["person"], manifest.rows["photo"], manifest.problems) == (2, 1, ())
    assert len(manifest.files) == 2
    assert file.stat().st_mode & 0o077 == 0
    assert read_manifest(file) == manifest
    assert restore(file, other_place, photos=tmp_path / "restored") == manifest
    copy = open_store(other_place, photos=tmp_path / "restored")
    with copy.reading(team.nurse) as work:
        assert people.person(work, opened[0]).name.startswith(MARK)
        (photo,) = photos.photos(work, opened[1])
        assert photos.photo(work, photo.id)[1] == JPEG
    # The trail goes on in the copy, and is still guarded there.
    assert copy.engine.dialect.name == filled.engine.dialect.name
    with pytest.raises(Exception, match="append-only"), copy.engine.begin() as connection:
        connection.execute(text("update audit set actor = 'x'"))
    copy.close()


def test_only_an_empty_place_and_a_new_file_are_written(made, filled, url, tmp_path):
    with pytest.raises(StoreError, match="not empty"):
        restore(made[0], url, photos=tmp_path / "restored")
    with pytest.raises(InputError, match="there already"):
        backup(url, made[0])
    with pytest.raises(StoreError, match="photographs already"):
        restore(made[0], f"sqlite:///{tmp_path / 'n.db'}" if "sqlite" in url else url,
                photos=filled.photos)  # fmt: skip


def test_an_empty_database_makes_no_backup(empty_url, tmp_path):
    with pytest.raises(StoreError, match="holds nothing"):
        backup(empty_url, tmp_path / "clinic.backup")
    assert list(tmp_path.glob("*backup*")) == []


def changed(file, out, edit):
    """A copy of a backup with its members edited: name, content → content or None."""
    with zipfile.ZipFile(file) as source, zipfile.ZipFile(out, "w") as copy:
        for name in source.namelist():
            content = edit(name, source.read(name))
            if content is not None:
                copy.writestr(name, content)
    return out


@pytest.mark.parametrize(
    "edit",
    [
        lambda name, content: content[:-1] + b"x" if name == "database" else content,
        lambda name, content: None if name.startswith("photos/") else content,
        lambda name, content: None if name == "manifest.json" else content,
        lambda name, content: content.replace(b'"photos/', b'"../photos/'),
        lambda name, content: content.replace(b'"edition": "0', b'"edition": "9'),
    ],
)
def test_a_changed_backup_is_refused_and_leaves_nothing(made, tmp_path, other_place, edit):
    broken = changed(made[0], tmp_path / "broken.backup", edit)
    with pytest.raises((InputError, StoreError)):
        restore(broken, other_place, photos=tmp_path / "restored")
    assert not (tmp_path / "restored").exists()
    restore(made[0], other_place, photos=tmp_path / "restored")


@pytest.mark.parametrize("way", ["../", "photos/../../", "/"])
def test_a_backup_writes_nothing_outside_of_its_place(made, tmp_path, other_place, way):
    name = str(tmp_path / "planted") if way == "/" else f"{way}planted"
    planted = hashlib.sha256(b"x").hexdigest()

    def edit(member, content):
        if member != "manifest.json":
            return content
        read = json.loads(content)
        return json.dumps({**read, "files": {name: planted, **read["files"]}}).encode()

    broken = changed(made[0], tmp_path / "broken.backup", edit)
    with zipfile.ZipFile(broken, "a") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(InputError, match="outside"):
        restore(broken, other_place, photos=tmp_path / "restored")
    found = [*tmp_path.rglob("planted"), *Path(gettempdir()).glob("planted")]
    assert found == [] and not (tmp_path / "restored").exists()


def test_a_row_that_vanished_from_the_copy_is_found(made, tmp_path, other_place):
    manifest = read_manifest(made[0])
    more = dataclasses.replace(manifest, rows={**manifest.rows, "person": 3})

    def edit(name, content):
        return content.replace(b'"person": 2', b'"person": 3') if "manifest" in name else content

    broken = changed(made[0], tmp_path / "broken.backup", edit)
    assert read_manifest(broken) == more
    with pytest.raises(StoreError, match="person"):
        restore(broken, other_place, photos=tmp_path / "restored")


def test_a_backup_of_one_kind_of_database_is_not_for_the_other(made, url, tmp_path):
    server = "postgresql://nobody@127.0.0.1:1/none"
    elsewhere = server if "sqlite" in url else f"sqlite:///{tmp_path / 'n.db'}"
    with pytest.raises(InputError, match="The backup is of"):
        restore(made[0], elsewhere, photos=tmp_path / "restored")
    assert not (tmp_path / "n.db").exists()
