"""Health records as FHIR R4: what `basivert fhir` says and writes."""

from __future__ import annotations

import collections
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from basivert.constants.load import document as constants
from basivert.edge.cli.commands import NOTICE
from basivert.edge.fhir.case import case
from basivert.edge.fhir.claims import asked
from basivert.edge.fhir.facts_document import facts_document
from basivert.edge.fhir.medicine_list import Listed, listed
from basivert.edge.fhir.read import read as imported
from basivert.edge.fhir.records import Imported
from basivert.edge.fhir.write import FHIR_VERSION, bundle
from basivert.edge.record_file import read_record
from basivert.edge.whole_file import whole_file
from basivert.errors import RecordError

# A whole population's export is another tool's work.
LARGEST_BYTES = 500_000_000


def read(
    file: Path, out: Path | None, *, medicines: Path | None, patient: str | None, as_json: bool
) -> None:
    """Facts of one patient from a FHIR file, to a file or standard output."""
    today = dt.datetime.now().astimezone().date()
    with _saving(out) as save_facts, _saving(medicines) as save_medicines:
        found = imported(_text(file), file.name, today=today, patient=patient)
        facts = facts_document(found.facts)
        save_facts(facts)
        # A record without any is no answer "none": nobody was asked.
        save_medicines(
            {"medicines": [one.document() for one in listed(found.medicines)[0]] or None}
        )
    if as_json:
        sys.stdout.write(json.dumps(document(found), ensure_ascii=False) + "\n")
    else:
        _tell(found, facts, out, today)


def write(file: Path, out: Path, *, seed: str | None, as_json: bool) -> None:
    """A case's transaction, to a file."""
    with whole_file(out) as work:
        made = bundle(case(read_record(file)), now=dt.datetime.now().astimezone(), seed=seed)
        write_json(work, made)
    tell_bundle(made, out, as_json=as_json)


def tell_bundle(made: dict[str, Any], out: Path, *, as_json: bool) -> None:
    """Tell what is in a bundle that was written."""
    kinds = collections.Counter(one["resource"]["resourceType"] for one in made["entry"])
    if as_json:
        told = {"research_use_only": True, "file": str(out.resolve()), "resources": kinds,
                "fhirVersion": FHIR_VERSION}  # fmt: skip
        sys.stdout.write(json.dumps(told) + "\n")
        return
    for kind, number in kinds.items():
        sys.stdout.write(f"{number:4} {kind}\n")
    sys.stdout.write(f"{out}: FHIR {FHIR_VERSION}, transaction. {NOTICE}\n")


@contextmanager
def _saving(out: Path | None) -> Generator[Callable[[dict[str, Any]], None]]:
    """What writes a document to a file; to none where none was asked for."""
    if out is None:
        yield lambda _: None
        return
    with whole_file(out) as work:
        yield lambda document: write_json(work, document)


def write_json(place: Path, document: dict[str, Any]) -> None:
    """A document as text."""
    text = json.dumps(document, indent=1, ensure_ascii=False)
    place.write_text(f"{text}\n", encoding="utf-8")


def document(found: Imported) -> dict[str, Any]:
    """What was read, for programs; the resources themselves stay in their file."""
    plain = json.loads(
        json.dumps(
            {
                name: [dataclasses.asdict(one) for one in getattr(found, name)]
                for name in ("medicines", "observations", "procedures", "responses", "unmapped",
                             "rejected")
            },
            default=str,
        )
    )  # fmt: skip
    return {
        "research_use_only": True, "facts": facts_document(found.facts),
        "missing": asked(found.facts, found.unmapped), "entries": _counts(found),
        "deceased": bool(found.patient and found.patient.deceased),
        "codes_edition": found.edition, **plain,
    }  # fmt: skip


def _counts(found: Imported) -> dict[str, int]:
    fates = collections.Counter(one.fate for one in found.kept)
    return {
        "mapped": fates["mapped"], "kept_as_is": fates["as_is"], "rejected": len(found.rejected),
    }  # fmt: skip


def medicine_lines(
    taken: Sequence[Listed], ended: Sequence[Listed], today: dt.date
) -> Iterator[str]:
    """Each medicine with its day; an old record is a question, never dropped."""
    limit = int(constants("care/preparation/checklist")["ask_still_taken_after_days"])
    old = [one for one in taken if one.on and (today - one.on).days > limit]
    now = [one for one in taken if one not in old]
    for some, words in (
        (now, "may be taken now"), (old, f"to ask: still taken? Recorded over {limit} days ago"),
    ):  # fmt: skip
        if some:
            yield f"{len(some)} {'medicine' if len(some) == 1 else 'medicines'} {words}"
            yield from (f"  {one.text}, {one.on or 'no day'}" for one in some)
    if ended:
        yield f"{len(ended)} {'medicine has' if len(ended) == 1 else 'medicines have'} ended"


def _tell(found: Imported, facts: dict[str, Any], out: Path | None, today: dt.date) -> None:
    lines = ["The patient is recorded as deceased."] * bool(
        found.patient and found.patient.deceased
    )
    lines += [f"{name} {fact['value']} ({_from(fact)})" for name, fact in facts.items()]
    if out is not None:
        lines.append(f"facts written to {out}")
    for name in asked(found.facts, found.unmapped):
        lines.append(f"ask about {name}")
        lines += [
            f"  {one.reference} {one.path}: {one.why}" for one in found.unmapped if one.asks == name
        ]
    taken, ended = listed(found.medicines)
    if taken or ended:
        lines += medicine_lines(taken, ended, today)
    counts = _counts(found)
    lines.append(", ".join(f"{number} {name}" for name, number in counts.items()))
    lines += [f"  {number} × {what}" for what, number in _unmapped(found).most_common()]
    lines += [f"  {one.place} {one.path} {one.why}" for one in found.rejected]
    lines.append(f"Codes {found.edition}. {NOTICE}")
    sys.stdout.write("\n".join(lines) + "\n")


def _unmapped(found: Imported) -> collections.Counter[str]:
    return collections.Counter(f"{one.path}: {one.why}" for one in found.unmapped if not one.asks)


def _from(fact: dict[str, Any]) -> str:
    return ", ".join(str(fact[name]) for name in ("origin", "on") if name in fact)


def _text(file: Path) -> str:
    try:
        if str(file) == "-":
            raw = sys.stdin.buffer.read()
        elif file.stat().st_size > LARGEST_BYTES:
            raise RecordError(f"{file.name} is larger than {LARGEST_BYTES // 1_000_000} MB.")
        else:
            raw = file.read_bytes()
        return raw.decode("utf-8-sig")
    except OSError as cause:
        raise RecordError(f"{file} cannot be read: {cause.strerror}.") from cause
    except UnicodeDecodeError as cause:
        raise RecordError(f"{file.name} is not text in UTF-8.", fix="Save it as UTF-8.") from cause
