"""`basivert prepare`: loaded only when it runs."""

from __future__ import annotations

import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from basivert.care.facts import close
from basivert.care.preparation import checklist
from basivert.care.preparation.prepare import (
    Preparation,
    Tables,
    chosen_lists,
    prepare,
    shipped_tables,
)
from basivert.care.preparation.request import request
from basivert.care.preparation.sheet import Sheet, sheet
from basivert.care.preparation.stop_lists import overridden
from basivert.care.preparation.words import Words, words
from basivert.edge.care_codec.preparation import preparation_document
from basivert.edge.cli.written import folder_of
from basivert.edge.documents.calendar_file import calendar_file
from basivert.edge.documents.sheet_file import sheet_html, sheet_pdf
from basivert.edge.record_file import read_record
from basivert.edge.toml_file import read_toml
from basivert.errors import InputError, MissingExtra, RecordError

MARK = "checklist.json"


def prepared(
    file: Path, out: Path | None, *, medicines: Path | None, lists: str,
    own_checklist: Path | None, language: str, as_json: bool,
) -> None:  # fmt: skip
    """Prepare one procedure: text or JSON on standard output, and the files of `out`."""
    say, now = words(language), dt.datetime.now(dt.UTC)
    tables, names = _lists(lists, own_checklist)
    wanted = request(_record(file, medicines), tables.facts, origin="entered")
    made = prepare(wanted, tables, chosen_lists(names, tables.lists), now)
    document = preparation_document(made)
    said: list[str] = []
    if out is not None:
        with folder_of(out, MARK, said) as folder:
            _write(folder, made, document, say, now)
    if as_json:
        sys.stdout.write(json.dumps(document, allow_nan=False, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write("\n".join([*lines(made, say), *said]) + "\n")


def _record(file: Path, medicines: Path | None) -> dict[str, Any]:
    """What was entered, with the medicines of a health record behind its own."""
    record = read_record(file)
    if medicines is None:
        return record
    more = read_record(medicines)
    if set(more) != {"medicines"} or not isinstance(more["medicines"], (list, type(None))):
        raise RecordError(
            f"{medicines.name} is no list of medicines.",
            fix="Make it with: basivert fhir read FILE --medicines MEDICINES.json",
        )
    own = record.get("medicines")
    if more["medicines"] and (own is None or isinstance(own, list)):
        record["medicines"] = [*(own or ()), *more["medicines"]]
    return record


def lines(made: Preparation, say: Words) -> list[str]:
    """The preparation for a terminal."""
    begin = made.request.begin
    return [
        say.notice, f"start: {begin.at.isoformat()} ({begin.zone})",
        f"lists in use: {', '.join(made.chosen.values())}",
        *(f"{one.severity}: {one.what}" for one in made.findings),
        *(f"{'open' if one.open else 'done':4} {'OVERDUE ' if one.overdue else ''}"
          f"{one.due:%Y-%m-%d %H:%M} {one.owner}: {one.wording} [{one.name}; {one.source}; "
          f"{one.confidence}]" for one in made.items),
        *(f"left out: {one.wording} ({', '.join(one.facts)})" for one in made.left_out),
    ]  # fmt: skip


def _write(
    folder: Path, made: Preparation, document: dict[str, Any], say: Words, now: dt.datetime
) -> None:
    page = sheet(made, say)
    text = json.dumps(document, indent=1, allow_nan=False, ensure_ascii=False)
    (folder / MARK).write_text(text, encoding="utf-8")
    (folder / "sheet.html").write_text(sheet_html(page), encoding="utf-8")
    (folder / "calendar.ics").write_bytes(calendar_file(made, say, now))
    _write_pdf(folder, page)


def _write_pdf(folder: Path, page: Sheet) -> None:
    """The PDF where typst is installed; else the rest is written and the lack is told."""
    try:
        (folder / "sheet.pdf").write_bytes(sheet_pdf(page))
    except MissingExtra as lack:
        sys.stderr.write(f"no sheet.pdf: {lack}\n")


def _lists(given: str, own_checklist: Path | None) -> tuple[Tables, tuple[str, ...]]:
    """The tables with a clinic's own rows put in, and the names of the lists in use."""
    tables = shipped_tables()
    lists, names = dict(tables.lists), []
    for one in (part.strip() for part in given.split(",")):
        if one.endswith(".toml"):
            own = read_toml(Path(one))
            base = own.pop("based_on", None)
            if base not in lists:
                raise InputError(f"{one} is based on {base!r}.", fix=close(str(base), lists))
            lists[base] = overridden(lists[base], own, tables.known, tables.facts)
            names.append(base)
        else:
            names.append(one)
    items = tables.checklist
    if own_checklist is not None:
        items = checklist.overridden(items, read_toml(own_checklist), tables.known, tables.facts)
    made = Tables(known=tables.known, facts=tables.facts, lists=lists, checklist=items)
    return made, tuple(names)
