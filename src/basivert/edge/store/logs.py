"""Logs of generators, kept as they were sent beside the procedure's record."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from basivert.edge.store import cases
from basivert.edge.store.tables import GENERATOR_LOG
from basivert.edge.store.work import Work, asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """A log. digest: SHA-256 of its file.  columns: the file that names its columns.

    document: what was read of it.
    """

    id: int
    case: int
    digest: str
    content: str
    columns: str
    document: Mapping[str, Any]
    added_by: str
    added_at: dt.datetime


def add_log(
    work: Work, case: int, content: bytes, columns: str, document: Mapping[str, Any]
) -> str:
    """Keep a log of one burn; gives its digest. One that is kept already stays, read anew."""
    work.needs("procedure.write")
    cases.held(work, case)
    digest = hashlib.sha256(content).hexdigest()
    same = (GENERATOR_LOG.c.case == case) & (GENERATOR_LOG.c.digest == digest)
    work.run(GENERATOR_LOG.delete().where(same))
    number = work.add(
        GENERATOR_LOG, case=case, digest=digest, content=content.decode("utf-8-sig"),
        columns=columns, document=dict(document), added_by=work.actor.reference, added_at=work.now,
    )  # fmt: skip
    work.note("log.added", f"case:{case}", log=number, sha256=digest)
    return digest


def logs(work: Work, case: int) -> list[Log]:
    """The logs of a case, the oldest first; noted as read."""
    work.needs("case.read")
    cases.held(work, case)
    work.saw(case, "logs")
    query = asked(Log, GENERATOR_LOG).where(GENERATOR_LOG.c.case == case)
    return work.all(Log, query.order_by(GENERATOR_LOG.c.id))
