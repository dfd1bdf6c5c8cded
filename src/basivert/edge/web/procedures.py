"""A case's procedure as it stands: the record, with the approved plan as the store has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from basivert.edge.store import cases, outcomes, records
from basivert.edge.store.outcomes import PlanLink, approved
from basivert.edge.store.work import Work
from basivert.edge.web.own_procedure import Lists
from basivert.edge.web.visit import Visit
from basivert.errors import RecordError

KIND = "procedure"
SHOWN = ("shown_edition", "shown_sha256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What is kept of a case's procedure.

    document: what `basivert record` reads.  approved: links of the plan approved last.
    lists: the clinic's of today; of the signature where it is signed.
    """

    lists: Lists
    case: cases.CareCase
    record: records.Record | None
    document: dict[str, Any]
    approved: tuple[PlanLink, ...]

    @property
    def signed(self) -> bool:
        """Whether it stands until a physician reopens it."""
        return self.record is not None and self.record.signed_at is not None

    @property
    def plan(self) -> tuple[PlanLink, ...]:
        """Links of the plan that the record goes by; a signed one keeps its own."""
        if not self.signed:
            return self.approved
        digest = (self.document.get("plan") or {}).get("sha256")
        return tuple(one for one in self.approved if one.digest == digest)


def stored(work: Work, visit: Visit, case: int) -> Stored:
    """The record as kept; one that is not signed follows the plan approved last."""
    one, record = cases.case(work, case), records.record(work, case, KIND)
    found = approved(outcomes.plans(work, case))
    kept = dict(record.document) if record else {}
    whole = {**kept, "case": one.patient, "zone": kept.get("zone", visit.clinic.time_zone)}
    if record is None or record.signed_at is None:
        whole = with_plan(whole, found)
    lists = Lists(work, record.signed_at if record else None)
    return Stored(lists=lists, case=one, record=record, document=whole, approved=found)


def with_plan(document: Mapping[str, Any], links: Sequence[PlanLink]) -> dict[str, Any]:
    """The document with the approved plan as stored, never as typed.

    Side and depth come from the plan; set-point and hold, which it does not have, as entered.
    Values at levels that it does not have were planned before it, and are no longer.
    """
    plan = dict(document.get("plan") or {})
    typed = {one["level"]: one for one in plan.get("bodies") or ()}
    made: dict[str, Any] = {name: plan[name] for name in SHOWN if plan.get(name)}
    if links:
        made |= {"edition": links[0].document.get("schema"), "sha256": links[0].digest}
    bodies = [_body(one, typed.get(one.level, {})) for one in links] or list(typed.values())
    rest = {name: value for name, value in document.items() if name != "plan"}
    return {**rest, "plan": {**made, "bodies": bodies}} if made or bodies else rest


def check_levels(document: Mapping[str, Any], links: Sequence[PlanLink]) -> None:
    """Raises RecordError for planned values at a level that the approved plan does not have."""
    known = {one.level for one in links}
    for one in (document.get("plan") or {}).get("bodies") or ():
        if links and one["level"] not in known:
            raise RecordError(
                f"{one['level']} has planned values, but is not in the approved plan.",
                fix="Empty them, or let a physician approve the plan of this level.",
            )


def check_signed(found: Stored) -> None:
    """Raises RecordError where the record was kept with another plan than the approved one."""
    if with_plan(found.document, found.approved) != found.document:
        raise RecordError(
            "The approved plan is another one than when this record was kept.",
            fix="Look at planned against done, keep a part of the record again, then sign.",
        )


def _body(link: PlanLink, typed: Mapping[str, Any]) -> dict[str, Any]:
    rest = {k: v for k, v in typed.items() if k not in ("level", "side", "depth_mm")}
    depth = link.document.get("depth_mm", typed.get("depth_mm"))
    found = {"level": link.level, "side": link.side, "depth_mm": depth, **rest}
    return {name: value for name, value in found.items() if value is not None}
