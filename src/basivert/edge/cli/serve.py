"""`basivert serve`: the pages, on this machine unless told otherwise."""

from __future__ import annotations

import logging
import os
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path

from basivert.edge.cli.first_account import Founding, first_account
from basivert.edge.computing import rounds as computing
from basivert.edge.post.letters import Pages
from basivert.edge.post.rounds import Rounds
from basivert.edge.post.smtp import mail_server, send
from basivert.edge.store.engine import address, default_url, open_store, shown
from basivert.edge.store.store import Store
from basivert.edge.web.app import create_app
from basivert.edge.web.pages import htmx
from basivert.edge.web.settings import Settings, reached, read_settings
from basivert.errors import InputError

NOTICE = "Research use only. Not a medical device."
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def serve(
    database: str | None, host: str, port: int, settings_file: Path | None, founding: Founding
) -> None:
    """Open the database, create the first account where there is none, and answer until stopped."""
    import uvicorn

    settings = read_settings(settings_file)
    _reachable(host, settings)
    settings = reached(settings, host, port)
    url = database or default_url()
    _place(url)
    store = open_store(url)
    first_account(store, founding)
    app = create_app(store, settings)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    if not htmx():
        sys.stderr.write("htmx is not in this build: pages work, without updates in place.\n")
    sys.stderr.write(started(url, host, port, settings))
    with _post(store, settings), _computing(store):
        # Its own access log would print addresses as they were asked for.
        uvicorn.run(app, host=host, port=port, access_log=False, log_level="warning",
                    server_header=False, timeout_graceful_shutdown=5)  # fmt: skip
    store.close()


def started(url: str, host: str, port: int, settings: Settings) -> str:
    """What is said at the start: where to open it, where the data lies, what links carry."""
    here = f"[{host}]" if ":" in host else host
    return (
        f"{NOTICE}\n"
        f"Database: {shown(address(url))}\n"
        f"Patients' links begin with {settings.address}/p/\n"
        f"Open http://{here}:{port}/ (Ctrl-C ends)\n"
    )


@contextmanager
def _post(store: Store, settings: Settings) -> Generator[None]:
    """Reminders and notices go out while the pages are served."""
    if not settings.smtp:
        sys.stderr.write("No mail server is set (smtp): alerts stand on their page only.\n")
        yield
        return
    password = os.environ.get("BASIVERT_SMTP_PASSWORD", "")
    server = mail_server(settings.smtp, sender=settings.mail_from, password=password)
    at = settings.address
    pages = Pages(patient=lambda secret: f"{at}/p/{secret}", staff=f"{at}/alerts")
    rounds = Rounds(store=store, name="serve", send=partial(send, server), pages=pages)
    with _beside(rounds.until):
        yield


def _computing(store: Store) -> AbstractContextManager[None]:
    """Registry reports are computed while the pages are served, in a process of their own."""
    return _beside(computing.Rounds(store=store, name=computing.worker_name()).until)


@contextmanager
def _beside(until: Callable[[threading.Event], None]) -> Generator[None]:
    ended = threading.Event()
    thread = threading.Thread(target=until, args=(ended,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(timeout=10)


def _reachable(host: str, settings: Settings) -> None:
    if host not in LOOPBACK and not settings.https:
        raise InputError(
            f"{host} is reachable for others, and nothing says that the connection is encrypted.",
            fix="Put it behind TLS and set https = true, hosts and address in the settings file.",
        )


def _place(url: str) -> None:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
