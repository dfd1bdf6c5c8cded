"""Words for failure: one tree of errors, and findings that do not stop the work.

BasivertError                exit 1, HTTP 500   our bug unless a subclass says otherwise
├ InputError (ValueError)    exit 3, HTTP 422   the input cannot be used
│ ├ VolumeError  ├ LabelError  ├ InstrumentError  └ RecordError
│ │                                                 └ NotFoundError, HTTP 404
├ NumericsError              exit 5, HTTP 500   a numerical self-check failed
├ ServiceError               exit 6, HTTP 503   something outside is missing or down
│ ├ MissingExtra  └ StoreError
├ ConflictError              exit 7, HTTP 409   changed by someone else in the meantime
├ ForbiddenError             exit 8, HTTP 403   not allowed to this person
└ Cancelled                  exit 130           stopped by the user

A clinical "no" is never an exception: it is a value (`Refusal`, `NotVisible`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal


class BasivertError(Exception):
    """Root of all errors that basivert raises on purpose.

    Attributes:
        what: what was wrong, with the offending value.
        fix: what the user can do about it.
        facts: the numbers behind the message, for programs.
    """

    code: ClassVar[str] = "internal"
    exit_code: ClassVar[int] = 1
    http_status: ClassVar[int] = 500

    def __init__(self, what: str, *, fix: str = "", **facts: object) -> None:
        """Keep the sentence, its cure and its numbers apart."""
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix
        self.facts = facts


class InputError(BasivertError, ValueError):
    """The input cannot be used as it is."""

    code = "input"
    exit_code = 3
    http_status = 422


class VolumeError(InputError):
    """An image volume cannot be used."""

    code = "volume"


class LabelError(InputError):
    """A label map, or its naming, cannot be used."""

    code = "labels"


class InstrumentError(InputError):
    """An instrument file cannot be used."""

    code = "instrument"


class RecordError(InputError):
    """What was entered about a person cannot be used."""

    code = "record"


class NotFoundError(RecordError):
    """There is no such record, or not for this person."""

    code = "not-found"
    http_status = 404


class NumericsError(BasivertError):
    """A computation failed its own check."""

    code = "numerics"
    exit_code = 5


class ServiceError(BasivertError):
    """Something outside this program is missing or down."""

    code = "service"
    exit_code = 6
    http_status = 503


class MissingExtra(ServiceError):
    """An optional part of basivert is not installed."""

    code = "missing-extra"


class StoreError(ServiceError):
    """The database is missing, down, of another edition, or not as it was left."""

    code = "store"


class ConflictError(BasivertError):
    """Someone else changed the same thing in the meantime."""

    code = "conflict"
    exit_code = 7
    http_status = 409


class ForbiddenError(BasivertError):
    """This person may not do that."""

    code = "forbidden"
    exit_code = 8
    http_status = 403


class Cancelled(BasivertError):
    """The user stopped the work."""

    code = "cancelled"
    exit_code = 130


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something the reader of a result must know, recorded instead of guessed away.

    code: stable word for programs, such as `thick-slices`.
    severity: `info` explains, `caution` lowers trust, `stop` means the result must not be used.
    what: one sentence with the value found and the value expected.
    level: vertebral level it concerns, or "" for the whole scan.
    source: where the threshold or rule comes from; "" where it is plain geometry.
    """

    code: str
    severity: Literal["info", "caution", "stop"]
    what: str
    level: str = ""
    source: str = ""
