"""kill -9 in the middle of writes: what was acknowledged is there, and the trail holds."""

import random
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import func, select

from basivert.edge.store.audit import verify
from basivert.edge.store.backup import backup, read_manifest, restore
from basivert.edge.store.engine import open_store
from basivert.edge.store.tables import AUDIT, CARE_CASE, PATIENT, PERSON

WRITER = Path(__file__).with_name("writer.py")
ROUNDS = 4


def started(url, team):
    call = [sys.executable, str(WRITER), url, str(team.clinic), str(team.nurse.account)]
    return subprocess.Popen(call, stdout=subprocess.PIPE, text=True)


def killed(process):
    """Kill it, and give every line that it had finished."""
    process.send_signal(signal.SIGKILL)
    lines = process.stdout.read().splitlines()
    process.wait()
    process.stdout.close()
    return [line.split() for line in lines if len(line.split()) == 2]


def kept(store):
    with store.engine.connect() as connection:
        query = select(CARE_CASE.c.patient, CARE_CASE.c.id).join(
            PERSON, PERSON.c.patient == CARE_CASE.c.patient
        )
        return {(patient, str(case)) for patient, case in connection.execute(query)}


def test_nothing_acknowledged_is_lost_and_nothing_is_half_there(url, store, team):
    chance, acknowledged = random.Random(20261102), []
    for _ in range(ROUNDS):
        process = started(url, team)
        acknowledged += [process.stdout.readline().split() for _ in range(chance.randint(1, 40))]
        acknowledged += killed(process)
    there = kept(store)
    assert {tuple(line) for line in acknowledged} <= there
    # At most the transaction in flight was kept without having been told.
    assert len(there) <= len(acknowledged) + ROUNDS
    with store.engine.connect() as connection:
        found = verify(connection)
        noted = connection.execute(
            select(func.count()).select_from(AUDIT).where(AUDIT.c.action == "case.opened")
        ).scalar()
        patients = connection.execute(select(func.count()).select_from(PATIENT)).scalar()
    assert found.problems == ()
    assert noted == patients == len(there)


def test_a_backup_between_writes_and_before_a_kill_is_whole(
    url, store, team, tmp_path, other_place
):
    process = started(url, team)
    before = [process.stdout.readline().split() for _ in range(5)]
    made = backup(url, tmp_path / "clinic.backup")
    assert process.poll() is None
    after = killed(process)
    assert made.problems == ()
    assert restore(tmp_path / "clinic.backup", other_place) == made
    copy = open_store(other_place)
    there = kept(copy)
    copy.close()
    assert {tuple(line) for line in before} <= there <= kept(store)
    assert {tuple(line) for line in after} <= kept(store)


def test_a_killed_backup_leaves_no_file_that_looks_whole(url, store, team, tmp_path):
    writer = started(url, team)
    for _ in range(20):
        writer.stdout.readline()
    out = tmp_path / "clinic.backup"
    code = "import sys; from basivert.edge.store.backup import *; print(1, flush=True); "
    code += "backup(sys.argv[1], Path(sys.argv[2]))"
    call = [sys.executable, "-c", code, url, str(out)]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    for _ in range(2):
        writer.stdout.readline()
    killed(process)
    killed(writer)
    assert not out.exists() or read_manifest(out).problems == ()
