"""Who asks, and whether they may: every route names the deeds that it needs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from basivert.edge.store import accounts, links, own, sessions
from basivert.edge.store.accounts import Clinic
from basivert.edge.store.actor import VISITOR, Actor
from basivert.edge.web import csrf
from basivert.edge.web.checkins import day_now
from basivert.edge.web.cookies import PATIENT, STAFF, cookie_of
from basivert.edge.web.site import Site, site_of
from basivert.errors import BasivertError, ForbiddenError, StoreError

T = TypeVar("T", bound=Callable[..., Any])
MENU = (
    ("Today", "/", "case.read"),
    ("Patients", "/patients", "person.read"),
    ("Alerts", "/alerts", "alert.read"),
    ("Registry", "/registry", "registry.read"),
    ("Settings", "/settings", "rules.read"),
    ("Accounts", "/accounts", "account.read"),
    ("Trail", "/trail", "audit.read"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is named at the top of the page."""

    name: str
    role: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """Somebody who may see this page.

    who: acts in the store.  menu: pages that they may open.  csrf: for every form of the page.
    actor: None for a patient, whose name is on no page.  own: of a patient alone.
    """

    who: Actor
    actor: Person | None
    clinic: Clinic
    csrf: str
    menu: tuple[tuple[str, str], ...]
    session: sessions.Session | None
    language: str = "en"
    home: str = "/"
    own: own.Own | None = None

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.clinic.time_zone)


class SignInFirst(BasivertError):
    """Nobody is signed in, or the session has ended."""

    code = "sign-in"
    exit_code = 8
    http_status = 401


class LinkFirst(SignInFirst):
    """A patient without a link, or whose link has ended."""


def allowed(*deeds: str) -> Callable[[Request], AsyncGenerator[Visit]]:
    """A dependency that lets in who may do all of `deeds`; a form must be one of ours."""
    visit = _let_in(_staff, deeds)
    visit.__dict__["deeds"] = deeds
    return visit


def invited(*deeds: str) -> Callable[[Request], AsyncGenerator[Visit]]:
    """A dependency that lets in a patient who came by a link and may do all of `deeds`."""
    visit = _let_in(_patient, deeds)
    visit.__dict__["deeds"] = deeds
    visit.__dict__["patient"] = True
    return visit


def _let_in(
    who: Callable[[Request], Visit], deeds: tuple[str, ...]
) -> Callable[[Request], AsyncGenerator[Visit]]:
    async def visit(request: Request) -> AsyncGenerator[Visit]:
        try:
            found = await run_in_threadpool(who, request)
        except (SignInFirst, StoreError):
            await _read_form(request)
            raise
        request.state.visit = found
        roles = site_of(request).store.roles
        if not all(roles.allow(found.who.role, deed) for deed in deeds):
            await run_in_threadpool(_refuse, site_of(request), found, deeds)
        if request.method not in csrf.SAFE:
            await check_form(request, found.csrf)
        try:
            yield found
        finally:
            await request.close()

    return visit


class OldForm(ForbiddenError):
    """A form of one of our own pages, with the token of a session that has ended."""


async def check_form(request: Request, wanted: str) -> None:
    """Read the form once, keep its plain fields for the route, and check its token.

    Raises: ForbiddenError; OldForm where the browser says that the form is from our own page.
    """
    form = await _read_form(request)
    given = request.headers.get(csrf.HEADER) or (str(form.get(csrf.FIELD)) if form else None)
    origins = site_of(request).settings.origins | {str(request.base_url).rstrip("/")}
    try:
        csrf.check(given, wanted, request.headers, origins)
    except ForbiddenError as problem:
        if given and own_page(request):
            raise OldForm(problem.what, fix=problem.fix) from problem
        raise


def own_page(request: Request) -> bool:
    """Whether the browser says that a form comes from one of our own pages."""
    origins = site_of(request).settings.origins | {str(request.base_url).rstrip("/")}
    site = request.headers.get("sec-fetch-site", "same-origin")
    return request.headers.get("origin") in origins and site == "same-origin"


def token_of(request: Request) -> str:
    """The token for forms of whoever sends the cookie; "" without one."""
    secret = cookie_of(request, STAFF) or cookie_of(request, PATIENT)
    return csrf.token(secret) if secret else ""


async def _read_form(request: Request) -> Any:
    kind = request.headers.get("content-type", "")
    request.state.form = await request.form() if "form" in kind else None
    return request.state.form


def keeps(show: Callable[..., Any]) -> Callable[[T], T]:
    """Marks a form's route: after a slip `show(request, visit, …)` comes again, as it was typed."""

    def marked(route: T) -> T:
        route.__dict__["form_of"] = show
        return route

    return marked


def fields(request: Request) -> Sequence[tuple[str, str]]:
    """Names and values of the form, without its token and files."""
    form = request.state.form
    if form is None:
        return []
    return [(k, v) for k, v in form.multi_items() if isinstance(v, str) and k != csrf.FIELD]


def own_day(request: Request, visit: Visit) -> int | None:
    """Days since the patient's own procedure; None before it, or where none is set."""
    at = visit.own.procedure_at if visit.own else None
    return day_now(at, site_of(request).store.clock(), visit.zone)


def known_visit(request: Request) -> Visit | None:
    """Who asks for an address that no route has, a patient below their own pages; else None."""
    who = _patient if request.url.path.startswith("/my/") else _staff
    try:
        return who(request)
    except (SignInFirst, StoreError):
        return None


def _staff(request: Request) -> Visit:
    site = site_of(request)
    secret = cookie_of(request, STAFF)
    session = _session(site, secret) if secret else None
    if session is None or secret is None:
        raise SignInFirst("Sign in first.", fix="Your session may have ended.")
    account = session.account
    with site.store.reading(account.actor) as work:
        clinic = accounts.own_clinic(work)
    roles = site.store.roles
    return Visit(
        who=account.actor, actor=Person(name=account.name, role=account.role), clinic=clinic,
        csrf=csrf.token(secret), session=session,
        menu=tuple((name, at) for name, at, deed in MENU if roles.allow(account.role, deed)),
    )  # fmt: skip


def _patient(request: Request) -> Visit:
    site = site_of(request)
    secret = cookie_of(request, PATIENT)
    if secret is None:
        raise LinkFirst("Open the link in the clinic's message again.")
    with site.store.reading(VISITOR) as work:
        found = links.patient_session(work, secret, idle=site.idle, longest=site.longest)
    if found is None:
        raise LinkFirst("Open the link in the clinic's message again.")
    with site.store.writing(found.actor) as work:
        if found.stale:
            sessions.seen(work, found.id)
        mine, clinic = own.own(work), accounts.own_clinic(work)
    return Visit(
        who=found.actor, actor=None, clinic=clinic, csrf=csrf.token(secret), menu=(),
        session=None, language=mine.language, home="/my", own=mine,
    )  # fmt: skip


def _session(site: Site, secret: str) -> sessions.Session | None:
    with site.store.reading(VISITOR) as work:
        found = sessions.session_of(work, secret, idle=site.idle, longest=site.longest)
    if found is not None and found.stale:
        with site.store.writing(found.account.actor) as work:
            sessions.seen(work, found.id)
    return found


def _refuse(site: Site, found: Visit, deeds: Sequence[str]) -> None:
    with site.store.reading(found.who) as work:
        for deed in deeds:
            work.needs(deed)
    raise ForbiddenError("You may not do that.")
