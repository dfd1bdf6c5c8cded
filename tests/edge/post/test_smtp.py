"""Mails on their way: encrypted, whole, and silent about what went wrong."""

import shutil
import ssl
import subprocess

import pytest

from basivert.edge.post.smtp import Letter, MailServer, mail_server, send
from basivert.errors import RecordError, ServiceError
from tests.edge.post.conftest import Inbox, controller
from tests.edge.store.real import free_port, need

LETTER = Letter(to="zzq@example.org", subject="Una página", body="Añade: https://x.example/l/1\n")


def test_a_mail_arrives_as_it_was_written(inbox):
    send(mail_server(inbox.address, sender="clinic@example.org"), LETTER)
    ((to, mail),) = inbox.mails
    assert to == ["zzq@example.org"]
    assert (mail["subject"], mail.get_content().splitlines()) == (
        "Una página",
        LETTER.body.splitlines(),
    )
    assert mail["auto-submitted"] == "auto-generated"
    assert mail["message-id"].endswith("@example.org>")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    need(shutil.which("openssl"), "openssl", "apt-get install openssl")
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder / "key.pem",
         "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context, ssl.create_default_context(cafile=folder / "cert.pem")


@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_encryption_is_used_and_the_certificate_checked(certificate, security):
    inside, trust = certificate
    box = Inbox()
    more = {"ssl_context": inside} if security == "tls" else {
        "tls_context": inside, "require_starttls": True}  # fmt: skip
    running = controller(box, **more)
    running.start()
    server = MailServer(host="127.0.0.1", port=running.port, security=security, sender="a@b.org")
    try:
        send(server, LETTER, trust=trust)
        with pytest.raises(ServiceError, match="SSLCertVerificationError"):
            send(server, LETTER)
    finally:
        running.stop()
    assert len(box.mails) == 1


def test_what_goes_wrong_is_told_without_the_address(inbox):
    server = mail_server(inbox.address, sender="clinic@example.org")
    inbox.refuse = 1
    with pytest.raises(ServiceError, match="SMTPDataError") as told:
        send(server, LETTER)
    assert "zzq" not in repr(told.value)
    assert told.value.__suppress_context__
    nobody = mail_server(f"smtp+plain://127.0.0.1:{free_port()}", sender="clinic@example.org")
    with pytest.raises(ServiceError, match="ConnectionRefusedError"):
        send(nobody, LETTER)


@pytest.mark.parametrize(
    "address",
    [
        "http://x",
        "smtp://",
        "smtp://nurse:secret@mail.example.org",
        "smtp+plain://mail.example.org",
    ],
)
def test_an_address_with_a_password_or_in_clear_is_refused(address):
    with pytest.raises(RecordError) as told:
        mail_server(address, sender="a@b.org")
    assert "secret" not in str(told.value)
    assert mail_server("smtps://n%40x@mail.example.org", sender="a@b.org").port == 465


def test_a_line_break_in_an_address_sends_nothing(inbox):
    server = mail_server(inbox.address, sender="clinic@example.org")
    with pytest.raises(RecordError):
        send(server, Letter(to="a@b.org\r\nBcc: c@d.org", subject="x", body="y"))
    assert inbox.mails == []
