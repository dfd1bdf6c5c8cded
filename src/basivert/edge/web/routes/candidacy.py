"""Is this person a candidate: facts of a case, the answer with its derivation, verdicts kept."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.edge.store import cases, facts, people
from basivert.edge.store.work import Work
from basivert.edge.web import candidacies
from basivert.edge.web.forms import Entered
from basivert.edge.web.own import own, that_fit
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps

router = APIRouter(prefix="/cases/{case}/candidacy", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("case.read", "person.read"))]
Writer = Annotated[Visit, Depends(allowed("case.read", "person.read", "case.write"))]
Decider = Annotated[Visit, Depends(allowed("case.read", "person.read", "verdict.write"))]


@router.get("")
def show(request: Request, visit: Reader, case: int, rules: str = "") -> Response:
    """What is known, what follows from it, and who decided what before."""
    return _page(request, visit, case, candidacies.chosen(rules, visit.clinic))


@router.post("")
@keeps(show)
def enter(request: Request, visit: Writer, case: int) -> Response:
    """Keep the facts; a slip shows the form again with all that was entered."""
    form = fields(request)
    given, rules = candidacies.read(form), candidacies.chosen(_rules(form), visit.clinic)
    if given.wrong:
        return _page(request, visit, case, rules, given=given, seen=version(dict(form)), status=422)
    with site_of(request).store.writing(visit.who) as work:
        candidacies.enter(work, case, given.found, version=version(dict(form)), zone=visit.zone)
    return _back(case, rules)


@router.post("/preview")
def preview(request: Request, visit: Reader, case: int) -> Response:
    """The answer to a form as it stands; nothing of it is stored."""
    form = fields(request)
    given, rules = candidacies.read(form), candidacies.chosen(_rules(form), visit.clinic)
    if not request.headers.get("HX-Request"):
        seen, status = version(dict(form)), 422 if given.wrong else 200
        return _page(request, visit, case, rules, given=given, seen=seen, status=status)
    with site_of(request).store.reading(visit.who) as work:
        one, mine = cases.case(work, case), own(work)
        before = candidacies.known_of(work, case, visit.zone)
    made = candidacies.answer(candidacies.merged(given.found, before), rules, mine)
    return page(
        request, "candidacy_verdict.html.j2", case=one, made=made, given=given, stored=False,
        kinds=candidacies.known().kinds, rules=rules, may_decide=False, worded=candidacies.worded,
    )  # fmt: skip


@router.post("/verdict")
@keeps(show)
def decide(request: Request, visit: Decider, case: int) -> Response:
    """Keep what the rules say of the stored facts, in a physician's name."""
    form = fields(request)
    rules = candidacies.chosen(_rules(form), visit.clinic)
    with site_of(request).store.writing(visit.who) as work:
        candidacies.keep(work, case, rules, version=version(dict(form)), zone=visit.zone)
    return _back(case, rules)


@router.get("/history/{name}")
def history(request: Request, visit: Reader, case: int, name: str) -> Response:
    """Every answer to one question, the oldest first."""
    with site_of(request).store.reading(visit.who) as work:
        one = cases.case(work, case)
        if name not in candidacies.known().kinds:
            work.missing("such fact")
        found = candidacies.lines(work, facts.history(work, case, name))
    kind = candidacies.known()[name]
    return page(request, "fact_history.html.j2", case=one, kind=kind, found=found, zone=visit.zone)


def _page(
    request: Request, visit: Visit, case: int, rules: str, *, given: Entered | None = None,
    seen: int | None = None, status: int = 200,
) -> Response:  # fmt: skip
    """The whole page: of the stored facts, or of a form that was not kept.

    Args:
        seen: version that the form was made from; it stays the form's, so that a change by
            somebody else in between is still told.
    """
    with site_of(request).store.reading(visit.who) as work:
        shown = _stored(work, case)
        before, mine = candidacies.known_of(work, case, visit.zone), own(work)
        counted = candidacies.AGE not in facts.facts(work, case)
    stored = given is None
    if given is None:
        given = Entered(document=candidacies.values(before), found=before, wrong={})
    made = candidacies.answer(candidacies.merged(given.found, before), rules, mine)
    main, rest = candidacies.groups()
    may = site_of(request).store.roles.allow(visit.who.role, "verdict.write")
    return page(
        request, "candidacy.html.j2", status=status, **shown, made=made, given=given, main=main,
        rest=rest, kinds=candidacies.known().kinds, worded=candidacies.worded,
        born=before.get(candidacies.AGE) if counted else None, rules=rules,
        titles=candidacies.own_titles(that_fit(mine)), stored=stored,
        may_decide=may and stored, zone=visit.zone,
        version=shown["case"].version if seen is None else seen,
    )  # fmt: skip


def _stored(work: Work, case: int) -> dict[str, Any]:
    one = cases.case(work, case)
    kept = facts.verdicts(work, case)
    return {
        "case": one,
        "who": people.person(work, one.patient),
        "answers": candidacies.lines(work, facts.answers(work, case)),
        "verdicts": [(each, work.called(each.decided_by)) for each in kept],
    }


def _rules(form: Any) -> str:
    return dict(form).get("rules", "")


def _back(case: int, rules: str) -> Response:
    return RedirectResponse(f"/cases/{case}/candidacy?rules={rules}", status_code=303)
