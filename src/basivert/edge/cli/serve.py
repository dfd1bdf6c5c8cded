"""`basivert serve`: the pages, on this machine unless told otherwise."""

from __future__ import annotations

import getpass
import logging
import secrets
import sys
from pathlib import Path

from basivert.edge.store import accounts
from basivert.edge.store.actor import operator
from basivert.edge.store.engine import default_url, open_store
from basivert.edge.store.store import Store
from basivert.edge.web import passwords
from basivert.edge.web.app import create_app
from basivert.edge.web.pages import htmx
from basivert.edge.web.settings import Settings, read_settings
from basivert.errors import InputError

NOTICE = "Research use only. Not a medical device."
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def serve(database: str | None, host: str, port: int, settings_file: Path | None) -> None:
    """Open the database, create the first account where there is none, and answer until stopped."""
    import uvicorn

    settings = read_settings(settings_file)
    _reachable(host, settings)
    url = database or default_url()
    _place(url)
    store = open_store(url)
    _first_account(store)
    app = create_app(store, settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    if not htmx():
        sys.stderr.write("htmx is not in this build: pages work, without updates in place.\n")
    sys.stderr.write(f"{NOTICE}\nOpen http://{host}:{port}/ (Ctrl-C ends)\n")
    # Its own access log would print addresses as they were asked for.
    uvicorn.run(app, host=host, port=port, access_log=False, log_level="warning",
                server_header=False, timeout_graceful_shutdown=5)  # fmt: skip
    store.close()


def _reachable(host: str, settings: Settings) -> None:
    if host not in LOOPBACK and not settings.https:
        raise InputError(
            f"{host} is reachable for others, and nothing says that the connection is encrypted.",
            fix="Put it behind TLS and set https = true, hosts and address in the settings file.",
        )


def _place(url: str) -> None:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)


def _first_account(store: Store) -> None:
    with store.reading(operator()) as work:
        if accounts.clinics(work):
            return
    asked = sys.stdin.isatty()
    clinic = (input("Name of the clinic: ") if asked else "") or "Our clinic"
    phone = (input("Its phone number, shown to patients: ") if asked else "") or "(not set)"
    zone = (input("Its time zone (such as America/Chicago): ") if asked else "") or "UTC"
    user = (input("Your name to sign in: ") if asked else "") or "admin"
    password = getpass.getpass("A password of 12 or more characters: ") if asked else ""
    password = password or secrets.token_urlsafe(12)
    kept = passwords.hashed(password)
    with store.writing(operator()) as work:
        number = accounts.found_clinic(work, name=clinic, time_zone=zone, phone=phone)
    with store.writing(operator(number)) as work:
        accounts.add_account(work, user=user, name=user, role="admin", password=kept)
    if not asked:
        sys.stderr.write(f"First account: sign in as {user} with {password}\n")
