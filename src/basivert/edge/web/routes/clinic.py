"""The clinic's settings: whom patients call, its time zone, which rules and lists it goes by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.care.contact import dialable
from basivert.care.own_rules import subjects
from basivert.care.preparation.words import languages
from basivert.edge.store import accounts, own_rules
from basivert.edge.store.accounts import Clinic
from basivert.edge.store.work import Work
from basivert.edge.web import candidacies, preparations
from basivert.edge.web.own import problem_of, that_fit
from basivert.edge.web.pages import page
from basivert.edge.web.routes.patients import version
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/settings", include_in_schema=False)
Reader = Annotated[Visit, Depends(allowed("clinic.read", "rules.read"))]
Writer = Annotated[Visit, Depends(allowed("clinic.write", "account.read", "rules.read"))]
TOPIC_WORDS = {
    "bleeding": "blood thinners and pain killers", "glp1": "GLP-1 medicines",
    "supplements": "herbs and supplements", "metformin": "metformin",
}  # fmt: skip
NUMBERS = ("after_hours", "emergency")


@router.get("")
def show(request: Request, visit: Reader) -> Response:
    """What is set, which files of the clinic decide, and all that ever did."""
    roles = site_of(request).store.roles
    may = roles.allow(visit.who.role, "clinic.write")
    with site_of(request).store.reading(visit.who) as work:
        clinic, every = accounts.own_clinic(work), own_rules.every(work)
        mine = own_rules.standing(work)
        standing = {one.id for one in mine.values()}
        lead, may_rule = own_rules.lead(work), own_rules.may_write(work)
        shown: dict[str, Any] = {
            "rows": [(one, _state(work, one, standing), work.called(one.decided_by),
                      work.called(one.added_by), work.called(one.taken_back_by or ""),
                      problem_of(one) if one.id in standing else "") for one in every],
            "lead": work.called(lead) if lead else "",
            "physicians": _physicians(work) if may else [],
        }  # fmt: skip
    fit = that_fit(mine)
    return page(
        request, "settings.html.j2", clinic=clinic, may=may, may_rule=may_rule, zone=visit.zone,
        subjects=subjects(), titles=candidacies.own_titles(fit), topics=topics(),
        topic_words=TOPIC_WORDS, list_titles=preparations.list_titles(fit),
        rules=candidacies.chosen("", clinic), lists=_lists(clinic),
        in_use=preparations.in_use(clinic, mine), languages=languages(), **shown,
    )  # fmt: skip


@router.post("")
@keeps(show)
def change(request: Request, visit: Writer) -> Response:
    """Change what the clinic has set."""
    given = dict(fields(request))
    for name, words in (("name", "name"), ("phone", "phone number for patients")):
        if not given.get(name, "").strip():
            raise RecordError(f"The clinic's {words} is missing.", fix="Write it.")
    for name in ("phone", *NUMBERS):
        if (number := given.get(name, "").strip()) and not dialable(number):
            raise RecordError(f"{number!r} is no telephone number.", fix="Write it with digits.")
    with site_of(request).store.writing(visit.who) as work:
        before = accounts.own_clinic(work)
        accounts.change_clinic(
            work, version=version(given), name=given["name"].strip(),
            phone=given["phone"].strip(), time_zone=given.get("time_zone", "").strip(),
            settings={**before.settings, **_settings(work, given)},
        )  # fmt: skip
    return RedirectResponse("/settings", status_code=303)


def topics() -> dict[str, list[str]]:
    """Topic → its lists, where there is a choice."""
    lists = preparations.tables().lists
    several = Counter(one.topic for one in lists.values())
    return {
        topic: [name for name, one in lists.items() if one.topic == topic]
        for topic, number in several.items()
        if number > 1
    }


def _settings(work: Work, given: Mapping[str, str]) -> dict[str, Any]:
    rules = given.get("candidacy_rules", "")
    if rules not in candidacies.titles():
        raise RecordError(f"There is no rule set {rules!r}.", fix="Choose one of the list.")
    chosen = [given[f"list.{topic}"] for topic in topics() if given.get(f"list.{topic}")]
    for name in chosen:
        if name not in preparations.tables().lists:
            raise RecordError(f"There is no list {name!r}.", fix="Choose one of the list.")
    lead = given.get("lead", "")
    if lead and lead not in {str(one.id) for one in _physicians(work)}:
        raise RecordError("The lead is no physician of this clinic.", fix="Choose one of the list.")
    # An empty number is not set: patients then read general words.
    numbers = {name: given.get(name, "").strip() or None for name in NUMBERS}
    return {
        **numbers, "candidacy_rules": rules, "stop_lists": chosen,
        own_rules.LEAD: int(lead) if lead else None,
    }  # fmt: skip


def _physicians(work: Work) -> list[accounts.Account]:
    return [one for one in accounts.accounts(work) if one.role == "physician" and not one.disabled]


def _lists(clinic: Clinic) -> set[str]:
    given = clinic.settings.get("stop_lists")
    return set(given) if isinstance(given, list) else set(preparations.LISTS)


def _state(work: Work, one: own_rules.OwnRules, standing: set[int]) -> str:
    if one.taken_back_at is not None:
        return "taken back"
    if one.id in standing:
        return "in force"
    return "replaced" if one.from_on <= own_rules.today(work) else "to come"
