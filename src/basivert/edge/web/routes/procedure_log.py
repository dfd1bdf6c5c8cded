"""A log of the generator: read as `basivert ablate --log` reads it, kept, summarised."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from basivert.edge.store import cases, logs, records
from basivert.edge.store.work import Work
from basivert.edge.web import rates
from basivert.edge.web.procedure_logs import burns_of, put, with_logs
from basivert.edge.web.procedures import KIND, stored
from basivert.edge.web.routes.procedure import back, show
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import InputError, RecordError

router = APIRouter(prefix="/cases/{case}/procedure/log", include_in_schema=False)
Writer = Annotated[
    Visit, Depends(allowed("case.read", "person.read", "outcome.read", "procedure.write"))
]
LARGEST_BYTES = 2_000_000
LONGEST_NAME = 200


@router.post("")
@keeps(show)
def add(request: Request, visit: Writer, case: int) -> Response:
    """Keep a log with what was read of it, in the record's burn too where one was said.

    One that cannot be read is not kept.
    """
    given = dict(fields(request))
    store = site_of(request).store
    with store.reading(visit.who) as work:
        cases.case(work, case)
    rates.check(store, f"upload:{visit.who.reference}")
    content, columns = _sent(request, "log"), _sent(request, "columns")
    if not content:
        raise RecordError("No log was chosen.", fix="Choose it, then send.")
    found = {**summary(content, columns), "file": _name(request)}
    with store.writing(visit.who) as work:
        digest = logs.add_log(work, case, content, columns.decode("utf-8-sig"), found)
        _into_record(work, visit, case, digest, given)
    return back(case)


def _into_record(
    work: Work, visit: Visit, case: int, digest: str, given: Mapping[str, str]
) -> None:  # fmt: skip
    """Keep the summary in the burn that was said, or that names the digest already.

    A signed record stands: a burn said then is refused, one that names the log keeps what it has.
    """
    there, level = stored(work, visit, case), given.get("level", "")
    if not level and (there.signed or not burns_of(there.document, digest)):
        return
    document = there.document
    if level:
        document = put(document, level, given.get("burn", "").strip() or "1", digest)
    kept = with_logs(document, logs.logs(work, case))
    there.lists.completed(kept)
    version = there.record.version if there.record else None
    records.keep(work, case, KIND, kept, version=version)


def summary(content: bytes, columns: bytes) -> dict[str, Any]:
    """Duration, highest temperature and power, impedance, and what the log does not hold.

    Args:
        content: the log.
        columns: the file of its columns; empty where the header's names carry their units.

    Raises: RecordError for a wrong log.
    """
    # Numerical packages, which most pages never need.
    from basivert.ablation.log import QUANTITIES
    from basivert.edge.documents.generator_log import read_generator_log

    with tempfile.TemporaryDirectory() as folder:
        csv, toml = Path(folder) / "log.csv", Path(folder) / "columns.toml"
        csv.write_bytes(content)
        toml.write_bytes(columns)
        try:
            log = read_generator_log(csv, toml if columns else None)
        except InputError as problem:
            raise RecordError(problem.what, fix=problem.fix) from problem
    degc, watts, ohm = log.temperature_degc, log.power_w, log.impedance_ohm
    if ohm is not None and watts is not None:
        # A generator that gives no power measures no impedance.
        ohm = ohm[watts > 0]
    measured = ohm is not None and ohm.size > 0
    return {
        "samples": len(log.time_s), "duration_s": float(log.time_s[-1]),
        "peak_degc": None if degc is None else float(degc.max()),
        "highest_w": None if watts is None else float(watts.max()),
        "impedance_ohm": [float(ohm.min()), float(ohm.max())] if measured and ohm is not None
        else None,
        "warnings": [
            f"The log holds no {name}." for name in QUANTITIES if log.recorded(name) is None
        ],
    }  # fmt: skip


def _name(request: Request) -> str | None:
    """The file's name as the browser sent it, without a folder or what cannot be shown."""
    file = request.state.form.get("log") if request.state.form else None
    sent = (file.filename or "") if isinstance(file, UploadFile) else ""
    last = "".join(c for c in sent.replace("\\", "/").rpartition("/")[2] if c.isprintable())
    return last.strip()[-LONGEST_NAME:] or None


def _sent(request: Request, name: str) -> bytes:
    file = request.state.form.get(name) if request.state.form else None
    content = file.file.read() if isinstance(file, UploadFile) else b""
    if len(content) > LARGEST_BYTES:
        raise RecordError(
            f"The file has {len(content) / 1e6:.1f} MB.", fix="Give one burn, 2 MB at most."
        )
    return content
