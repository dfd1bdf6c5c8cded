"""`basivert record`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from basivert.care.procedure.checklist import extended, shipped
from basivert.care.procedure.completed import completed
from basivert.care.procedure.note import plain
from basivert.constants.load import builtin, override
from basivert.edge.care_codec.procedure import procedure_document
from basivert.edge.cli.written import folder_of
from basivert.edge.documents.note_file import note_html
from basivert.edge.record_file import read_record
from basivert.edge.toml_file import read_toml

MARK = "note.json"


def recorded(
    file: Path, out: Path | None, *, checklist: Path | None, limits: Path | None, as_json: bool
) -> None:
    """Note of one procedure on standard output, and the files of `out`."""
    known = None if checklist is None else extended(shipped(), read_toml(checklist))
    own = builtin("care/procedure/deviation")
    if limits is not None:
        own = override(own, read_toml(limits))
    made = completed(read_record(file), known, own)
    document, text = procedure_document(made), plain(made.note)
    said: list[str] = []
    if out is not None:
        with folder_of(out, MARK, said) as folder:
            told = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
            (folder / MARK).write_text(told, encoding="utf-8")
            (folder / "note.txt").write_text(text, encoding="utf-8")
            (folder / "note.html").write_text(note_html(made.note), encoding="utf-8")
    if as_json:
        sys.stdout.write(json.dumps(document, allow_nan=False, ensure_ascii=False) + "\n")
        return
    sys.stdout.write(text)
    sys.stdout.writelines(f"{one.severity}: {one.what}\n" for one in made.findings)
    sys.stdout.writelines(f"{line}\n" for line in said)
