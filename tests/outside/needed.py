"""What tests need from outside: said when missing, and a failure where it was promised."""

import base64
import hashlib
import io
import os
import shutil
import tarfile
import urllib.error
import urllib.request
from functools import cache

import pytest


def absent(what, hint):
    """Skip with the reason; with BASIVERT_REQUIRE_REAL=1 fail, so that nothing goes unseen."""
    words = f"{what} is missing: {hint}"
    if os.environ.get("BASIVERT_REQUIRE_REAL") == "1":
        pytest.fail(words)
    pytest.skip(words)


def program(*names, hint):
    """The path of the first program that is there."""
    for name in names:
        if found := shutil.which(name):
            return found
    absent(names[0], hint)


@cache
def npm_file(package, version, integrity, member):
    """One text file out of a package as npm publishes it; nothing of it is kept here."""
    registry = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")
    address = f"{registry}/{package}/-/{package}-{version}.tgz"
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            packed = answer.read()
    except (urllib.error.URLError, OSError) as cause:
        absent(f"{package} {version}", f"the npm registry was not reached ({cause})")
    assert base64.b64encode(hashlib.sha512(packed).digest()).decode() == integrity
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        return archive.extractfile(f"package/{member}").read().decode()
