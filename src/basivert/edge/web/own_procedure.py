"""The safety checklist and the limits of deviation by which a clinic's record is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from basivert.care.own_rules import DEVIATION, SAFETY
from basivert.care.procedure.checklist import Checklist, shipped
from basivert.care.procedure.completed import Completed, completed
from basivert.constants.load import builtin
from basivert.constants.model import Table
from basivert.edge.store import own_rules
from basivert.edge.store.work import Work
from basivert.edge.web.own import fitting


class Lists:
    """What `basivert record --checklist FILE --limits FILE` gets: the files of one moment."""

    def __init__(self, work: Work, at: dt.datetime | None = None) -> None:
        """Read them. at: when the record was signed or kept; None for now.

        Raises: RecordError where a file does not fit this version.
        """
        mine = own_rules.standing(work, at)
        safety, limits = mine.get(SAFETY), mine.get(DEVIATION)
        self.checklist: Checklist = shipped() if safety is None else fitting(safety)
        self.limits: Table = (
            builtin("care/procedure/deviation") if limits is None else fitting(limits)
        )

    def completed(self, document: Mapping[str, Any]) -> Completed:
        """What follows from a record; answers to items that are on the list no more are left."""
        return completed(self.known(document), self.checklist, self.limits)

    def known(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """The record with answers to this list's items alone."""
        answers = document.get("checklist")
        if not isinstance(answers, Mapping):
            return dict(document)
        items = {name: {one.name for one in rows} for name, rows in self.checklist.phases.items()}
        kept: dict[str, Any] = {}
        for phase, given in answers.items():  # pyright: ignore[reportUnknownVariableType]
            both = isinstance(given, Mapping) and phase in items
            kept[phase] = (
                {  # pyright: ignore[reportUnknownArgumentType]
                    k: v
                    for k, v in given.items()
                    if k in items[phase]  # pyright: ignore
                }
                if both
                else given
            )
        return {**document, "checklist": kept}
