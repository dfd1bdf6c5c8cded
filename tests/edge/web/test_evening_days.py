"""In the evening the clinic's day is not UTC's: windows, days since, and the registry's own day."""

import datetime as dt

from basivert.edge.registry_of import registry_of
from basivert.edge.store import cases, records

# 21:00 on 2 March in Chicago.
EVENING = dt.datetime(2026, 3, 3, 3, tzinfo=dt.UTC)


def test_days_are_counted_from_the_clinics_day_of_the_procedure(browser, store, clinics, clock):
    north = clinics[0]
    with store.writing(north.physician) as work:
        cases.set_procedure(work, north.case, version=1, at=EVENING)
    clock.now = EVENING + dt.timedelta(hours=1)
    nurse, at = browser("nurse"), f"/cases/{north.case}/outcomes"
    # Six weeks after 2 March are 13 April, two weeks around it still count.
    shown = nurse.get(at).text
    assert "2026-03-30" in shown and "2026-04-27" in shown
    assert "2026-03-31" not in shown and "2026-04-28" not in shown
    given = {"kind": "epidural", "on": "2026-03-03"}
    assert nurse.post(f"{at}/follow-up", given, page=at).status_code == 303
    with store.reading(north.physician) as work:
        document = records.record(work, north.case, "follow_up").document
        found = registry_of(work)
    assert document["retreatments"] == [{"kind": "epidural", "day": 1}]
    # Day 0 of the registry is the procedure's, and it is still that day in the clinic.
    assert (found.as_of_day, found.patients[0].procedure_day) == (0, 0)
