"""One person's data: given out whole, deleted whole, the trail kept."""

import datetime as dt
import json

import pytest
from sqlalchemy import func, select, text

from basivert.care.facts import Fact
from basivert.edge.store import (
    cases,
    dossier,
    facts,
    jobs,
    links,
    logs,
    outcomes,
    people,
    photos,
    records,
    recovery,
)
from basivert.edge.store.actor import patient as patient_actor
from basivert.edge.store.audit import verify
from basivert.edge.store.tables import AUDIT, METADATA
from basivert.errors import ForbiddenError, NotFoundError
from tests.edge.store.conftest import MARK
from tests.edge.store.test_recovery import JPEG

# A clinic's own tables; its reports hold no single person.
STAYS = {"clinic", "account", "audit", "session", "attempt", "report", "own_rules"}


def fill(store, team, patient, case):
    """Something in every table that belongs to a person."""
    note = f"{MARK} said"
    with store.writing(team.physician) as work:
        facts.enter(work, case, {"nrs": Fact(name="nrs", value=7, origin=note)}, version=1)
        facts.keep_verdict(work, case, answer="unknown", edition="x", document={"n": note})
        records.keep(work, case, "procedure", {"n": note}, version=None)
        records.lay_out(work, case, "preparation", [{"code": "a", "wording": note}])
        plan = outcomes.link_plan(work, case, digest="ab", level="L4", side="left", coverage=None,
                                  margins_mm={}, document={})  # fmt: skip
        outcomes.enter_outcome(work, case, instrument="odi", visit="6w", on=None, score=1.0)
        outcomes.add_event(work, case, kind="bleeding", grade=1, on=None, plan=plan, note=note)
        links.add_link(work, patient, purpose="checkin", lasts=dt.timedelta(days=1))
        logs.add_log(work, case, b"Time,T\n0,37\n", "[column]", {"n": note})
        jobs.schedule(work, "checkin", key=f"c{case}", due_at=work.now, case=case)
    with store.writing(patient_actor(team.clinic, patient)) as work:
        checkin = recovery.add_checkin(work, case, day=1, answers={"n": note}, answer="call_now",
                                       edition="x", document={})  # fmt: skip
        photos.add_photo(work, case, JPEG, checkin=checkin)
        alert = recovery.open_alert(work, case, kind="warning_sign", severity="call_now",
                                    document={}, checkin=checkin)  # fmt: skip
    with store.writing(team.nurse) as work:
        recovery.close_alert(work, alert, version=1, note=note)


def counts(store):
    with store.engine.connect() as connection:
        return {
            table.name: connection.execute(select(func.count()).select_from(table)).scalar()
            for table in METADATA.sorted_tables
        }


def test_a_dossier_holds_every_row_and_no_secret(store, team, opened):
    fill(store, team, *opened)
    with store.reading(team.physician) as work:
        found = json.loads(json.dumps(dossier.dossier(work, opened[0])))
        files = dossier.photo_files(work, opened[0])
    held = {name: len(rows) for name, rows in found.items() if isinstance(rows, list)}
    there = counts(store)
    assert {name: n for name, n in held.items() if name != "audit"} == {
        name: n for name, n in there.items() if name not in STAYS
    }
    assert found["person"][0]["name"].startswith(MARK)
    assert held["audit"] > 10
    assert "digest" not in found["patient_link"][0]
    assert list(files.values()) == [JPEG]


def test_a_deleted_person_leaves_a_pseudonym_in_a_trail_that_holds(store, team, opened, tmp_path):
    with store.writing(team.nurse) as work:
        second = people.add_patient(work, name="Stays", birth_date=dt.date(1970, 1, 1))
        case = cases.open_case(work, second)
    fill(store, team, second, case)
    before = counts(store)
    fill(store, team, *opened)
    with store.writing(team.admin) as work:
        gone = dossier.delete_person(work, opened[0])
    assert gone["fact"] == gone["photo"] == gone["care_case"] == 1
    after = counts(store)
    fell = {"patient", "person", "care_case"}
    assert {n: c for n, c in after.items() if n not in STAYS} == {
        n: c - (n in fell) for n, c in before.items() if n not in STAYS
    }
    assert len([p for p in store.photos.rglob("*") if p.is_file()]) == 1
    with store.engine.connect() as connection:
        assert verify(connection).problems == ()
        told = connection.execute(
            select(AUDIT.c.action).where(AUDIT.c.object == f"patient:{opened[0]}")
        ).scalars().all()  # fmt: skip
    assert told[0] == "person.added"
    assert told[-1] == "person.deleted"
    with pytest.raises(NotFoundError), store.reading(team.nurse) as work:
        people.person(work, opened[0])


def test_the_name_is_gone_from_the_file_itself(store, team, opened, tmp_path):
    fill(store, team, *opened)
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect() as connection:
            tables = [t for t in METADATA.sorted_tables]
            with store.writing(team.admin) as work:
                dossier.delete_person(work, opened[0])
            for table in tables:
                rows = connection.execute(text(f'select t::text from "{table.name}" t'))
                assert not any(MARK.lower() in row.lower() for (row,) in rows)
        return
    files = [tmp_path / "clinic.db", tmp_path / "clinic.db-wal"]

    def mark_is_there():
        return any(MARK.encode() in file.read_bytes() for file in files if file.exists())

    assert mark_is_there()
    with store.writing(team.admin) as work:
        dossier.delete_person(work, opened[0])
    assert not mark_is_there()


def test_who_may_export_and_delete(store, team, other, opened):
    for actor, call, error in (
        (team.nurse, dossier.dossier, ForbiddenError),
        (team.registry, dossier.dossier, ForbiddenError),
        (team.physician, dossier.delete_person, ForbiddenError),
        (other.admin, dossier.dossier, NotFoundError),
        (other.admin, dossier.delete_person, NotFoundError),
    ):
        with pytest.raises(error), store.writing(actor) as work:
            call(work, opened[0])
