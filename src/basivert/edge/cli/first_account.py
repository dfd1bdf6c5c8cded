"""The first start: a clinic that its patients can call, and its administrator."""

from __future__ import annotations

import getpass
import secrets
import sys
from dataclasses import dataclass

from basivert.care.contact import dialable
from basivert.edge.store import accounts
from basivert.edge.store.actor import operator
from basivert.edge.store.store import Store
from basivert.edge.web import passwords
from basivert.errors import InputError

_OPTIONS = "--clinic-name NAME --clinic-phone NUMBER --zone ZONE (such as America/Chicago)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Founding:
    """What the command line says of a clinic; "" where it does not."""

    name: str = ""
    phone: str = ""
    zone: str = ""


def first_account(store: Store, given: Founding) -> None:
    """Set up clinic and administrator where there is none yet; asks where somebody is there.

    Raises: InputError where a clinic would have no name, no number to call, or no time zone.
    """
    with store.reading(operator()) as work:
        if accounts.clinics(work):
            if given != Founding():
                sys.stderr.write("The clinic is there already: change it under Settings.\n")
            return
    asked = sys.stdin.isatty()
    clinic = _whole(_asked(given) if asked else given)
    user = (input("Your name to sign in: ").strip() if asked else "") or "admin"
    password = getpass.getpass("A password of 12 or more characters: ") if asked else ""
    made = password or secrets.token_urlsafe(12)
    kept = passwords.hashed(made)
    with store.writing(operator()) as work:
        number = accounts.found_clinic(
            work, name=clinic.name, time_zone=clinic.zone, phone=clinic.phone
        )
    with store.writing(operator(number)) as work:
        accounts.add_account(work, user=user, name=user, role="admin", password=kept)
    if not password:
        sys.stderr.write(
            f"First account: sign in as {user} with {made}\n"
            f"It is shown only now; lost, `basivert accounts reset {user}` gives another.\n"
        )


def _asked(given: Founding) -> Founding:
    return Founding(
        name=given.name or input("Name of the clinic: "),
        phone=given.phone or input("Its phone number, shown to patients: "),
        zone=given.zone or input("Its time zone (such as America/Chicago): "),
    )


def _whole(given: Founding) -> Founding:
    whole = Founding(name=given.name.strip(), phone=given.phone.strip(), zone=given.zone.strip())
    named = {"its name": whole.name, "its phone number": whole.phone, "its time zone": whole.zone}
    if missing := [name for name, value in named.items() if not value]:
        raise InputError(
            f"There is no clinic in this database yet, and {', '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} not said.",
            fix=f"Start once with {_OPTIONS}, or in a terminal, which asks.",
        )
    if not dialable(whole.phone):
        raise InputError(
            f"{whole.phone!r} is no telephone number.",
            fix="Patients call it: write it with digits.",
        )
    return whole
