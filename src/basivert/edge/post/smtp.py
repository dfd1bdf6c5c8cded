"""One mail to a mail server, encrypted unless it is on this machine."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import Literal
from urllib.parse import unquote, urlsplit

from basivert.errors import RecordError, ServiceError

_WAIT_S = 20.0
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_SECURITY: dict[str, Literal["none", "starttls", "tls"]] = {
    "smtp": "starttls", "smtps": "tls", "smtp+plain": "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mails are handed in.

    security: `starttls` and `tls` check the server's certificate; `none` is for this machine.
    """

    host: str
    port: int
    security: Literal["none", "starttls", "tls"]
    sender: str
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail."""

    to: str
    subject: str
    body: str


def mail_server(address: str, *, sender: str, password: str = "") -> MailServer:
    """A server from its address.

    Args:
        address: `smtp://USER@HOST:PORT` (STARTTLS), `smtps://…` (TLS), `smtp+plain://127.0.0.1:…`.
        password: from a file or the environment, never from the address.

    Raises: RecordError for another address, or mail in clear to another machine.
    """
    parts = urlsplit(address)
    security = _SECURITY.get(parts.scheme)
    if security is None or not parts.hostname or parts.password:
        raise RecordError(
            "The mail server's address cannot be used.",
            fix="Write smtp://USER@HOST:PORT or smtps://…, without the password.",
        )
    if security == "none" and parts.hostname not in _LOOPBACK:
        raise RecordError("Mail to another machine must be encrypted.", fix="Use smtp or smtps.")
    port = parts.port or (465 if security == "tls" else 587)
    return MailServer(
        host=parts.hostname, port=port, security=security, sender=sender, password=password,
        user=unquote(parts.username or ""),
    )  # fmt: skip


def send(server: MailServer, letter: Letter, *, trust: ssl.SSLContext | None = None) -> None:
    """Hand in one mail.

    Args:
        trust: certificates that are believed; default the system's.

    Raises: ServiceError naming the kind of failure; the server's words are not repeated, they may
        hold the address.
    """
    try:
        _handed_in(server, _message(server, letter), trust)
    except (OSError, smtplib.SMTPException) as cause:
        problem = ServiceError(
            f"The mail server did not take a mail ({type(cause).__name__}).",
            fix="Look at its address, certificate, user and password.", kind=type(cause).__name__,
        )  # fmt: skip
    else:
        return
    raise problem from None


def _handed_in(
    server: MailServer, message: EmailMessage, given: ssl.SSLContext | None
) -> None:  # fmt: skip
    trust = None if server.security == "none" else given or ssl.create_default_context()
    if server.security == "tls":
        open_ = smtplib.SMTP_SSL(server.host, server.port, timeout=_WAIT_S, context=trust)
    else:
        open_ = smtplib.SMTP(server.host, server.port, timeout=_WAIT_S)
    with open_ as connection:
        if server.security == "starttls":
            connection.starttls(context=trust)
        if server.user:
            connection.login(server.user, server.password)
        connection.send_message(message)


def _message(server: MailServer, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    try:
        message["From"], message["To"] = server.sender, letter.to
        message["Subject"] = letter.subject
    except ValueError as cause:
        raise RecordError("A mail's address holds a line break or is none.") from cause
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = make_msgid(domain=server.sender.rpartition("@")[2] or "localhost")
    # Answers of machines to machines are of no use to anyone.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message
