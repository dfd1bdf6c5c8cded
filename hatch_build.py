"""Fetches htmx from its npm package when the wheel is built; no third-party script is kept here."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

VERSION = "2.0.10"
# As npm publishes it for this version.
INTEGRITY = (
    "sha512-kdeJe7ZVwaS6QMz/ebBIVtZdpwen6L0OQ5GOhPV9MKBb196TCZeZu4yA7ZIQsaLKv7EpXz+So7KSXNuHXhj7Cw"
    "=="
)
FILES = {"package/dist/htmx.min.js": f"htmx-{VERSION}.min.js", "package/LICENSE": "htmx-LICENSE"}
FOLDER = Path("src/basivert/edge/web/static/vendor")


class FetchHtmx(BuildHookInterface):
    """Pages work without it, only without updates in place, so that a failure stops no build."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetch once, check the published digest, unpack two files."""
        folder = Path(self.root) / FOLDER
        if all((folder / name).is_file() for name in FILES.values()):
            return
        registry = os.environ.get("npm_config_registry", "https://registry.npmjs.org").rstrip("/")
        address = f"{registry}/htmx.org/-/htmx.org-{VERSION}.tgz"
        try:
            with urllib.request.urlopen(address, timeout=30) as answer:
                packed = answer.read()
        except (urllib.error.URLError, OSError) as cause:
            self.app.display_warning(
                f"htmx was not fetched ({cause}); pages will not update in place."
            )
            return
        if base64.b64encode(hashlib.sha512(packed).digest()).decode() != INTEGRITY[7:]:
            raise RuntimeError(f"{address} is not the file that npm published for {VERSION}.")
        folder.mkdir(parents=True, exist_ok=True)
        with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
            for member, name in FILES.items():
                content = archive.extractfile(member)
                if content is not None:
                    (folder / name).write_bytes(content.read())
