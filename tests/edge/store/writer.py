"""A process that adds patients until it is killed, and says each one only after it was kept."""

import sys

from basivert.edge.store import cases, people
from basivert.edge.store.actor import Actor
from basivert.edge.store.engine import open_store


def main(url, clinic, account):
    store = open_store(url)
    nurse = Actor(role="nurse", clinic=int(clinic), account=int(account))
    while True:
        with store.writing(nurse) as work:
            patient = people.add_patient(work, name="Written")
            case = cases.open_case(work, patient)
        sys.stdout.write(f"{patient} {case}\n")
        sys.stdout.flush()


main(*sys.argv[1:])
