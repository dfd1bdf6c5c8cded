"""The folder of a plan's heat."""

from __future__ import annotations

import json
from pathlib import Path

from basivert.edge.documents.html import rendered
from basivert.edge.heat_codec import heat_document
from basivert.edge.imaging import heat_files
from basivert.provenance import Provenance
from basivert.report.heat.document import Heats, heat_report
from basivert.volume.model import Case

MARK = "heat.json"


def write_heats(folder: Path, case: Case, heats: Heats, made_from: Provenance) -> None:
    """heat.json, report.html, and the exchange files of every burn."""
    page = rendered(heat_report(case, heats, made_from))
    (folder / "report.html").write_text(page, encoding="utf-8")
    write_numbers(folder, heats, made_from)


def write_numbers(folder: Path, heats: Heats, made_from: Provenance) -> None:
    """heat.json and the exchange files of every burn, without a report of their own."""
    document = json.dumps(heat_document(heats.burns, made_from), indent=1, allow_nan=False)
    (folder / MARK).write_text(document, encoding="utf-8")
    fields = folder / "fields"
    fields.mkdir()
    for heat in heats.burns:
        heat_files.write(fields, heat)
