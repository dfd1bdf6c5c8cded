"""A real mail server on the loopback, and a clinic with a patient after the procedure."""

import email
from email import policy

import pytest

from tests.edge.store.conftest import (
    clock,
    made_database,
    made_file,
    opened,
    other,
    server,
    store,
    team,
    url,
)
from tests.edge.store.real import free_port, need

__all__ = [
    "clock",
    "made_database",
    "made_file",
    "opened",
    "other",
    "server",
    "store",
    "team",
    "url",
]


class Inbox:
    """Keeps what came in; refuses as often as it is told to."""

    def __init__(self):
        self.mails = []
        self.refuse = 0

    async def handle_DATA(self, server, session, envelope):
        if self.refuse:
            self.refuse -= 1
            return "451 try again later"
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        self.mails.append((envelope.rcpt_tos, message))
        return "250 OK"


def controller(handler, **more):
    try:
        from aiosmtpd.controller import Controller
    except ImportError:
        need(None, "aiosmtpd", "pip install aiosmtpd")
    return Controller(handler, hostname="127.0.0.1", port=free_port(), **more)


@pytest.fixture
def inbox():
    box = Inbox()
    running = controller(box)
    running.start()
    box.address = f"smtp+plain://127.0.0.1:{running.port}"
    yield box
    running.stop()
