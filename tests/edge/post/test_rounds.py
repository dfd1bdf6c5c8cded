"""The worker beside the pages goes through all clinics, and a dead mail server stops nobody."""

import datetime as dt
from functools import partial
from threading import Event

from basivert.edge.post.rounds import Rounds
from basivert.edge.post.smtp import mail_server, send
from basivert.errors import ServiceError

from .test_reminders import PAGES, after, turn

__all__ = ["after", "turn"]


def rounds(store, deliver):
    return Rounds(store=store, name="serve", send=deliver, pages=PAGES)


def test_what_is_due_goes_out_in_every_clinic(store, other, after, clock, inbox):
    deliver = partial(send, mail_server(inbox.address, sender="no-reply@example.org"))
    assert rounds(store, deliver).once() == 0
    clock.move(days=2)
    assert rounds(store, deliver).once() > 0
    assert rounds(store, deliver).once() == 0


def test_a_dead_mail_server_leaves_the_jobs_for_later(store, team, after, clock, inbox):
    def dead(letter):
        raise ServiceError("down")

    clock.move(days=2)
    assert rounds(store, dead).once() > 0
    clock.move(days=1)
    deliver = partial(send, mail_server(inbox.address, sender="no-reply@example.org"))
    assert rounds(store, deliver).once() > 0


def test_a_start_removes_files_that_no_row_names(store, clock):
    left = store.photos / "ab" / "ab12"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"left by a crash")
    ended = Event()
    ended.set()
    clock.now = dt.datetime.now(dt.UTC)
    rounds(store, None).until(ended)
    assert left.exists()
    clock.move(days=2)
    rounds(store, None).until(ended)
    assert not left.exists()
