"""Who asks, and whether they may: every route names the deeds that it needs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from basivert.edge.store import accounts, sessions
from basivert.edge.store.accounts import Clinic
from basivert.edge.store.actor import VISITOR, Actor
from basivert.edge.web import csrf
from basivert.edge.web.cookies import STAFF, cookie_of
from basivert.edge.web.site import Site, site_of
from basivert.errors import BasivertError, ForbiddenError

MENU = (
    ("Today", "/", "case.read"),
    ("Patients", "/patients", "person.read"),
    ("Alerts", "/alerts", "alert.read"),
    ("Registry", "/registry", "registry.read"),
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
    """

    who: Actor
    actor: Person
    clinic: Clinic
    csrf: str
    menu: tuple[tuple[str, str], ...]
    session: sessions.Session | None
    language: str = "en"
    home: str = "/"

    @property
    def zone(self) -> ZoneInfo:
        """The clinic's time zone."""
        return ZoneInfo(self.clinic.time_zone)


class SignInFirst(BasivertError):
    """Nobody is signed in, or the session has ended."""

    code = "sign-in"
    exit_code = 8
    http_status = 401


def allowed(*deeds: str) -> Callable[[Request], Awaitable[Visit]]:
    """A dependency that lets in who may do all of `deeds`; a form must be one of ours."""

    async def visit(request: Request) -> Visit:
        found = await run_in_threadpool(_staff, request)
        request.state.visit = found
        roles = site_of(request).store.roles
        if not all(roles.allow(found.who.role, deed) for deed in deeds):
            await run_in_threadpool(_refuse, site_of(request), found, deeds)
        if request.method not in csrf.SAFE:
            await check_form(request, found.csrf)
        return found

    visit.__dict__["deeds"] = deeds
    return visit


async def check_form(request: Request, wanted: str) -> None:
    """Read the form once, keep its plain fields for the route, and check its token."""
    form = await request.form() if "form" in request.headers.get("content-type", "") else None
    request.state.form = form
    given = request.headers.get(csrf.HEADER) or (str(form.get(csrf.FIELD)) if form else None)
    origins = site_of(request).settings.origins | {str(request.base_url).rstrip("/")}
    csrf.check(given, wanted, request.headers, origins)


def fields(request: Request) -> Sequence[tuple[str, str]]:
    """Names and values of the form, without its token and files."""
    form = request.state.form
    if form is None:
        return []
    return [(k, v) for k, v in form.multi_items() if isinstance(v, str) and k != csrf.FIELD]


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


def _session(site: Site, secret: str) -> sessions.Session | None:
    with site.store.reading(VISITOR) as work:
        found = sessions.session_of(work, secret, idle=site.idle, longest=site.longest)
    if found is not None and found.stale:
        with site.store.writing(found.account.actor) as work:
            sessions.seen(work, found)
    return found


def _refuse(site: Site, found: Visit, deeds: Sequence[str]) -> None:
    with site.store.reading(found.who) as work:
        for deed in deeds:
            work.needs(deed)
    raise ForbiddenError("You may not do that.")
