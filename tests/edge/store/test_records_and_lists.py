"""Documents with versions and signatures, and checklists that two people tick."""

import pytest

from basivert.edge.store import records
from basivert.errors import ConflictError, ForbiddenError, NotFoundError, RecordError


def test_a_document_keeps_its_versions_and_tells_the_second_writer(store, team, opened):
    _, case = opened
    with store.writing(team.nurse) as work:
        assert records.record(work, case, "procedure") is None
        assert records.keep(work, case, "procedure", {"levels": ["L4"]}, version=None) == 1
    with pytest.raises(ConflictError), store.writing(team.physician) as work:
        records.keep(work, case, "procedure", {"levels": ["L5"]}, version=None)
    with store.writing(team.physician) as work:
        assert records.keep(work, case, "procedure", {"levels": ["L5"]}, version=1) == 2
    with pytest.raises(ConflictError) as told, store.writing(team.nurse) as work:
        records.keep(work, case, "procedure", {"levels": ["L3"]}, version=1)
    assert told.value.facts["changed_by"] == "Physician of north"
    with store.reading(team.nurse) as work:
        assert records.record(work, case, "procedure").document == {"levels": ["L5"]}
        kept = [
            (v.version, v.document["levels"]) for v in records.versions(work, case, "procedure")
        ]
    assert kept == [(1, ["L4"]), (2, ["L5"])]


def test_a_signed_document_stands_until_it_is_reopened(store, team, opened):
    _, case = opened
    with store.writing(team.nurse) as work:
        records.keep(work, case, "procedure", {"a": 1}, version=None)
    with pytest.raises(ForbiddenError), store.writing(team.nurse) as work:
        records.sign(work, case, "procedure", version=1)
    with store.writing(team.physician) as work:
        assert records.sign(work, case, "procedure", version=1) == 2
    with pytest.raises(RecordError, match="signed by Physician of north"):
        with store.writing(team.nurse) as work:
            records.keep(work, case, "procedure", {"a": 2}, version=2)
    with pytest.raises(ConflictError), store.writing(team.physician) as work:
        records.sign(work, case, "procedure", version=2)
    with store.writing(team.physician) as work:
        records.reopen(work, case, "procedure", version=2)
    with store.writing(team.nurse) as work:
        assert records.keep(work, case, "procedure", {"a": 2}, version=3) == 4
        assert records.record(work, case, "procedure").signed_by is None
        assert [v.document["a"] for v in records.versions(work, case, "procedure")] == [1, 1, 1, 2]


def test_only_what_was_seen_is_signed(store, team, opened):
    _, case = opened
    with store.writing(team.nurse) as work:
        records.keep(work, case, "procedure", {"a": 1}, version=None)
        records.keep(work, case, "procedure", {"a": 2}, version=1)
    with pytest.raises(ConflictError, match="Nurse of north"):
        with store.writing(team.physician) as work:
            records.sign(work, case, "procedure", version=1)
    with store.reading(team.nurse) as work:
        assert records.record(work, case, "procedure").signed_at is None


def test_a_checklist_is_laid_out_once_and_ticked_by_one(store, team, other, opened, clock):
    _, case = opened
    lines = [
        {"code": "driver", "wording": "A driver", "owner": "patient", "due_at": clock.now},
        {"code": "tests", "wording": "Tests"},
    ]
    with store.writing(team.nurse) as work:
        records.lay_out(work, case, "preparation", lines)
        first = records.checklist(work, case, "preparation")
        records.change_item(work, first[0].id, version=1, state="done", note="by bus")
        records.lay_out(work, case, "preparation", [*lines, {"code": "fast", "wording": "Fast"}])
    with store.reading(team.physician) as work:
        now = records.checklist(work, case, "preparation")
    assert [(i.code, i.state) for i in now] == [
        ("driver", "done"), ("tests", "open"), ("fast", "open"),
    ]  # fmt: skip
    assert (now[0].due_at, now[0].note) == (clock.now, "by bus")
    with pytest.raises(ConflictError), store.writing(team.physician) as work:
        records.change_item(work, first[0].id, version=1, state="open")
    with pytest.raises(NotFoundError), store.writing(other.nurse) as work:
        records.change_item(work, first[0].id, version=2, state="open")
    with pytest.raises(RecordError), store.writing(team.nurse) as work:
        records.change_item(work, first[0].id, version=2, state="perhaps")
