"""`basivert accounts reset`: a new password where the old one is lost."""

from __future__ import annotations

import secrets

from basivert.edge.cli.clinic import opened, tell
from basivert.edge.store import accounts, sessions
from basivert.edge.store.actor import VISITOR, operator
from basivert.edge.web import passwords
from basivert.errors import RecordError


def reset(url: str | None, user: str, *, as_json: bool) -> None:
    """Replace the password of who signs in as `user`. Raises RecordError for no such name."""
    with opened(url, None) as store:
        with store.reading(VISITOR) as work:
            found = accounts.password_of(work, user)
        if found is None:
            raise RecordError(f"Nobody signs in as {user!r}.", fix="Look under Accounts.")
        one, password = found[0], secrets.token_urlsafe(12)
        kept = passwords.hashed(password)
        with store.writing(operator(one.clinic)) as work:
            accounts.set_password(work, one.id, version=one.version, password=kept)
            sessions.end_sessions_of(work, one.id)
    words = f"Sign in as {one.user} with {password}\nIt is shown only now."
    if one.disabled:
        words += "\nThe account is closed: an administrator opens it under Accounts."
    tell({"user": one.user, "password": password, "closed": one.disabled}, as_json, words)
