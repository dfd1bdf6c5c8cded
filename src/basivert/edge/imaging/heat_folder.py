"""The folder of a plan's heat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from basivert.ablation.patient.model import Heat
from basivert.edge.heat_codec import heat_document
from basivert.provenance import Provenance
from basivert.volume.model import Case

MARK = "heat.json"


def write_heats(folder: Path, case: Case, heats: Sequence[Heat], made_from: Provenance) -> None:
    """heat.json, report.html, and the exchange files of every burn."""
    document = json.dumps(heat_document(heats, made_from), indent=1, allow_nan=False)
    (folder / MARK).write_text(document, encoding="utf-8")
