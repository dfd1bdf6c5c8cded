"""Who acts: a person of a clinic, a patient with a link, or the scheduler."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and for which clinic; nothing of another clinic is ever given to an actor.

    account: number of the account; None for a patient and for the scheduler.
    role: as in the table of roles (`care/roles.toml`).
    clinic: None only where no clinic exists yet, or for the machine's own operator.
    patient: pseudonym, for a patient alone.
    """

    role: str
    clinic: int | None
    account: int | None = None
    patient: str | None = None

    @property
    def reference(self) -> str:
        """How rows and the audit trail name the actor: `account:3`, `patient:…`, `system`."""
        if self.account is not None:
            return f"account:{self.account}"
        return f"patient:{self.patient}" if self.patient else self.role


def system(clinic: int) -> Actor:
    """The scheduler, working for one clinic."""
    return Actor(role=SYSTEM, clinic=clinic)


def patient(clinic: int, pseudonym: str) -> Actor:
    """A patient who came in by a link."""
    return Actor(role="patient", clinic=clinic, patient=pseudonym)


def operator(clinic: int | None = None) -> Actor:
    """Whoever runs the command line on the machine itself: sets up, backs up, verifies."""
    return Actor(role=OPERATOR, clinic=clinic)


OPERATOR, SYSTEM = "operator", "system"
# Nobody signed in yet.
VISITOR = Actor(role="visitor", clinic=None)
