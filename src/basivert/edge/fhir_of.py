"""A stored case as it is written to FHIR: by pseudonym, without names and free text."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from basivert.care.outcomes.rules import OutcomeRules
from basivert.care.procedure.reading import reading
from basivert.care.procedure.record import Body, Record
from basivert.constants.load import document
from basivert.edge.fhir import case as out
from basivert.edge.fhir.facts_document import facts_document
from basivert.edge.fhir.read import builtin_codes
from basivert.edge.store import accounts, cases, facts, outcomes, records, recovery
from basivert.edge.store.own_outcomes import own_outcome_rules
from basivert.edge.store.work import Work

# What a stored medicine says of itself → FHIR's own word; what nobody said stays unknown.
STATUS = ("active", "completed", "intended", "stopped", "on-hold", "unknown", "not-taken")
_STAGE = {"open": "requested", "done": "completed", "not_applicable": "cancelled"}
_SEVERITY = {1: "mild", 2: "moderate"}


def case_of(work: Work, case: int) -> out.Case:
    """Everything of a case that FHIR has a place for; noted in the trail.

    What a person wrote freely (notes, what an event was) may name somebody, so the kind of an
    event stands in its place; wordings of checklists and names of medicines go as they are.
    """
    work.needs("person.export")
    one = cases.case(work, case)
    kept = records.record(work, case, "procedure")
    done = None if kept is None else _read(kept.document)
    rules = own_outcome_rules(work)
    known = builtin_codes()[1]
    held = {name: fact for name, fact in facts.facts(work, case).items() if name in known.kinds}
    made = out.Case(
        pseudonym=one.patient, recorded_by=accounts.own_clinic(work).name,
        facts=facts_document(held), medicines=tuple(medicines(work, case)),
        scores=tuple(_scores(outcomes.outcomes(work, case))),
        operation=None if done is None else operation(done, one.procedure_at),
        tasks=tuple(_task(item) for item in records.checklists(work, case)),
        verdict=_verdict(facts.verdicts(work, case)),
        events=tuple(_event(event, rules) for event in outcomes.events(work, case)),
        check_ins=tuple(_check_in(each) for each in recovery.checkins(work, case)),
        plans=tuple(_plan(plan) for plan in outcomes.plans(work, case)
                    if not plan.withdrawn),
    )  # fmt: skip
    work.note("case.exported", f"case:{case}", form="FHIR")
    return made


def medicines(work: Work, case: int) -> Iterator[out.Drug]:
    """The medicines of a case: what the patient says is taken, or a record with its status."""
    kept = records.record(work, case, "preparation")
    listed = () if kept is None else kept.document.get("medicines") or ()
    for one in listed:
        row = {"text": one} if isinstance(one, str) else one
        status = row.get("status", "unknown" if row.get("origin") else "active")
        since = row.get("on")
        yield out.Drug(
            name=row["text"], status=status if status in STATUS else "unknown",
            rxnorm=row.get("rxnorm"), since=dt.date.fromisoformat(since) if since else None,
        )  # fmt: skip


def operation(done: Record, planned: dt.datetime | None) -> out.Operation | None:
    """The procedure as recorded; None where not even its time is known.

    Args:
        done: the record.
        planned: when it was to begin, where the record has no times.
    """
    steps = [at for step in done.steps for at in (step.begin, step.end) if at]
    asleep = done.anaesthesia
    begins = [*steps, *([asleep.begin] if asleep and asleep.begin else [])]
    start = min(begins, key=_moment) if begins else planned
    if start is None:
        return None
    ends = [*steps, *([asleep.end] if asleep and asleep.end else [])]
    kinds, shot = document("care/procedure/record")["kind"], done.exposure
    return out.Operation(
        start=start, end=max(ends, key=_moment) if len(ends) > 1 else None,
        bodies=tuple(
            out.Body(level=one.level, side=one.side, notes=tuple(_logs(one))) for one in done.bodies
        ),
        status=done.status or "unknown", instruments=tuple(_instruments(done)),
        fluoroscopy_s=shot.seconds if shot else None,
        dose_area_gym2=shot.dose_area_gym2 if shot else None,
        dose_point_gy=shot.dose_point_gy if shot else None,
        complications=tuple(kinds[one.kind] for one in done.events or ()),
    )  # fmt: skip


def _logs(body: Body) -> Iterator[str]:
    """What the generator's log says of each burn; a file's name may name somebody."""
    for number, log in ((n, one.log) for n, one in enumerate(body.burns, 1) if one.log):
        low, high = log.impedance_low_ohm, log.impedance_high_ohm
        ohm = None if low is None or high is None else f"impedance {low:.6g} to {high:.6g} Ω"
        degc = None if log.peak_degc is None else f"highest temperature {log.peak_degc:.6g} °C"
        watts = None if log.highest_w is None else f"highest power {log.highest_w:.6g} W"
        told = [f"{log.duration_s:.6g} s", degc, watts, ohm, f"SHA-256 {log.sha256}"]
        words = " ".join(log.warnings)
        yield f"Burn {number}, generator's log: {', '.join(filter(None, told))}. {words}".strip()


def _read(kept: Mapping[str, Any]) -> Record:
    return reading(kept, document("care/procedure/record")["kind"]).record


def _moment(at: dt.datetime) -> dt.datetime:
    return at.astimezone(dt.UTC)


def _instruments(done: Record) -> Iterator[out.Instrument]:
    """Each instrument once; one of which there were several is told apart by a number."""
    seen: Counter[str] = Counter()
    for one in dict.fromkeys(done.instruments):
        seen[one.name] += 1
        name = one.name if seen[one.name] == 1 else f"{one.name} {seen[one.name]}"
        yield out.Instrument(name=name, lot=one.lot, maker=one.maker)


def _scores(rows: Iterable[outcomes.Outcome]) -> Iterator[out.Score]:
    for row in rows:
        if row.score is not None:
            yield out.Score(
                instrument=row.instrument, value=row.score, on=row.on, visit=row.visit
            )  # fmt: skip


def _task(item: records.Item) -> out.Item:
    stage: Any = _STAGE[item.state]
    return out.Item(what=item.wording, owner=item.owner, due=item.due_at, status=stage)


def _verdict(kept: list[facts.Verdict]) -> out.Verdict | None:
    if not kept:
        return None
    newest = kept[0]
    answer: Any = newest.answer
    return out.Verdict(
        answer=answer, reasons=tuple(newest.document.get("reasons", ())),
        missing=tuple(newest.document.get("missing", ())), rules_edition=newest.edition,
        decided_at=newest.decided_at,
    )  # fmt: skip


def _event(one: outcomes.Event, rules: OutcomeRules) -> out.Event:
    table = rules["events"]
    severity: Any = _SEVERITY.get(one.grade, "severe")
    return out.Event(
        what=table["kind"].get(one.kind, one.kind), on=one.on, level=one.level, severity=severity,
        serious=one.grade >= table["serious_from"],
    )  # fmt: skip


def _check_in(one: recovery.CheckIn) -> out.CheckIn:
    said = {name: value for name, value in one.answers.items() if name != "day"}
    shown = said.get("temperature")
    if isinstance(shown, Mapping):
        said = {**said, "temperature": shown.get("value"), "unit": shown.get("unit")}
    given = {name: value for name, value in said.items() if value is not None}
    return out.CheckIn(
        day=one.day, at=one.entered_at, answers=given, answer=one.answer, edition=one.edition
    )  # fmt: skip


def _plan(one: outcomes.PlanLink) -> out.Plan:
    return out.Plan(
        digest=one.digest, level=one.level, side=one.side, margins_mm=one.margins_mm,
        coverage_planned=one.coverage_planned, coverage_treated=one.coverage_treated,
    )  # fmt: skip
