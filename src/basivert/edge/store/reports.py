"""Computed reports of a clinic, kept until somebody computes them anew."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, select

from basivert.edge.store import audit
from basivert.edge.store.tables import AUDIT, REPORT
from basivert.edge.store.work import Work, asked

# Deeds after which a registry's report is no longer of today.
CHANGES = (
    "outcome.entered", "event.added", "event.changed", "facts.entered", "plan.linked",
    "plan.treated", "plan.heated", "plan.withdrawn", "case.changed", "record.kept",
    "person.deleted",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report as it was computed. seq: of the trail at that moment."""

    document: Mapping[str, Any]
    seq: int
    made_at: dt.datetime
    made_by: str


def report(work: Work, kind: str) -> Report | None:
    """The kept report of a kind; None where none was computed."""
    work.needs("registry.read")
    query = asked(Report, REPORT).where(REPORT.c.clinic == work.clinic, REPORT.c.kind == kind)
    found = work.all(Report, query)
    work.note("report.read", f"clinic:{work.clinic}", kind=kind)
    return found[0] if found else None


def made_at(work: Work, kind: str) -> dt.datetime | None:
    """When the kept report of a kind was computed; None where none was."""
    work.needs("registry.read")
    query = select(REPORT.c.made_at).where(REPORT.c.clinic == work.clinic, REPORT.c.kind == kind)
    return work.connection.execute(query).scalar()


def keep_report(work: Work, kind: str, document: Mapping[str, Any], *, seq: int) -> None:
    """Keep a report in place of the one before.

    Args:
        seq: of the trail when its rows were read (`position`): what came later is not in it.
    """
    work.needs("registry.read")
    old = (REPORT.c.clinic == work.clinic) & (REPORT.c.kind == kind)
    work.run(delete(REPORT).where(old))
    work.add(
        REPORT, clinic=work.clinic, kind=kind, document=dict(document), seq=seq,
        made_at=work.now, made_by=work.actor.reference,
    )  # fmt: skip
    work.note("report.kept", f"clinic:{work.clinic}", kind=kind)


def position(work: Work) -> int:
    """The newest row of the trail, for `keep_report`."""
    return audit.head(work.connection).seq


def changes_since(work: Work, seq: int) -> int:
    """How many deeds that bear on the registry came after a row of the trail."""
    work.needs("registry.read")
    query = select(func.count()).select_from(AUDIT).where(
        AUDIT.c.clinic == work.clinic, AUDIT.c.seq > seq, AUDIT.c.action.in_(CHANGES)
    )  # fmt: skip
    return int(work.connection.execute(query).scalar() or 0)
