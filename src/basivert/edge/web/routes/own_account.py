"""One's own account: who is signed in, and another password."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import RedirectResponse, Response

from basivert.edge.store import accounts, sessions
from basivert.edge.web import cookies, passwords, rates
from basivert.edge.web.pages import page
from basivert.edge.web.site import site_of
from basivert.edge.web.visit import Visit, allowed, fields, keeps
from basivert.errors import RecordError

router = APIRouter(prefix="/account", include_in_schema=False)
Staff = Annotated[Visit, Depends(allowed())]


@router.get("")
def show(request: Request, visit: Staff) -> Response:
    """Name, role, and the form for another password."""
    changed = request.query_params.get("password") == "changed"
    said = "The password is changed. Wherever else you were signed in, you are not any more."
    return page(
        request, "own_account.html.j2", account=_own(visit), said=said if changed else None
    )  # fmt: skip


@router.post("/password")
@keeps(show)
def change_password(request: Request, visit: Staff) -> Response:
    """Another password; every session of the account ends, and this browser gets a new one."""
    given, store, own = dict(fields(request)), site_of(request).store, _own(visit)
    # Counted with the tries of the sign-in: an open page is no way to guess faster.
    tried = rates.of_sign_in(request, own.user)
    rates.check(store, *tried)
    with store.reading(visit.who) as work:
        found = accounts.password_of(work, own.user)
    if not passwords.fits(found[1] if found else None, given.get("old_password", "")):
        raise RecordError("The old password is not right.", fix="Nothing was changed.")
    rates.forgive(store, tried[0])
    kept = passwords.hashed(_new(given))
    with store.writing(visit.who) as work:
        accounts.set_password(work, own.id, version=own.version, password=kept)
        sessions.end_sessions_of(work, own.id)
        secret = sessions.open_session(work, accounts.account(work, own.id))
    answer = RedirectResponse("/account?password=changed", status_code=303)
    cookies.give(request, answer, cookies.STAFF, secret)
    return answer


def _new(given: dict[str, str]) -> str:
    new = given.get("password", "")
    if new != given.get("password_again", ""):
        raise RecordError("The new password was not typed twice alike.", fix="Type it again.")
    if new == given.get("old_password", ""):
        raise RecordError("The new password is the old one.", fix="Choose another.")
    return new


def _own(visit: Visit) -> accounts.Account:
    assert visit.session is not None  # `allowed` lets in staff alone
    return visit.session.account
