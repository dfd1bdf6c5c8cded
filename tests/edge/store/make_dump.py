"""Writes `edition-NNNN.sql` once, when an edition is released: `python -m … FOLDER`."""

import datetime as dt
import sqlite3
import sys
from pathlib import Path

from basivert.edge.store import accounts, cases, own_rules, people, reports, sessions
from basivert.edge.store.engine import HEAD, open_store
from tests.edge.store.conftest import Clock, Team
from tests.edge.store.test_dossier import fill


def main(folder: Path) -> None:
    store = open_store(str(folder / "made.db"), photos=folder / "photos", clock=Clock())
    team = Team(store, "north")
    with store.writing(team.nurse) as work:
        patient = people.add_patient(work, name="Made-up Ångström", birth_date=dt.date(1961, 5, 4))
        case = cases.open_case(work, patient)
        sessions.open_session(work, accounts.account(work, team.nurse.account))
    fill(store, team, patient, case)
    with store.writing(team.physician) as work:
        reports.keep_report(work, "outcomes", {"patients": 1}, seq=reports.position(work))
    with store.writing(team.admin) as work:
        seen, lead = accounts.own_clinic(work).version, {"lead_physician": team.physician.account}
        accounts.change_clinic(work, version=seen, settings=lead)
        own_rules.add(
            work, about="checklist", edition="Made-up 1", from_on=own_rules.today(work),
            written='edition = "Made-up 1"\nask_days_before_stop = 9\n',
        )  # fmt: skip
    store.close()
    with sqlite3.connect(folder / "made.db") as connection:
        text = "\n".join(connection.iterdump())
    file = Path(__file__).with_name(f"edition-{HEAD}.sql")
    file.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
