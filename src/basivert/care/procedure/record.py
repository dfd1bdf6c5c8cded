"""What was done in the room. None and empty mean that nobody wrote it down, never "no"."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

Side = Literal["left", "right", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A device that was used. lot: its lot or serial number."""

    name: str
    lot: str | None
    maker: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BurnLog:
    """What a generator's log says of one burn; None where it does not record it.

    file: its name.  sha256: of its bytes, 64 hexadecimal digits.  duration_s: first to last sample.
    peak_degc, highest_w: largest samples.  impedance_*_ohm: range while power was given.
    warnings: what a reader must know of it.
    """

    file: str | None
    sha256: str
    duration_s: float
    peak_degc: float | None
    highest_w: float | None
    impedance_low_ohm: float | None
    impedance_high_ohm: float | None
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Burn:
    """One heating, as set and as measured; measured values are never filled in from the set ones.

    protocol: name and edition of the generator's protocol.
    log_sha256: of the generator's log, 64 hexadecimal digits.  log: what was read of it.
    """

    generator: str | None
    probe: str | None
    protocol: str | None
    set_point_degc: float | None
    hold_s: float | None
    measured_degc: float | None
    highest_w: float | None
    impedance_ohm: float | None
    log_sha256: str | None
    log: BurnLog | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """The tool as found in fluoroscopy against the plan: plain numbers.

    beyond_mm: tip deeper than planned, negative short of it.  beside_mm: off the planned line.
    angle_deg: between the two axes.  source: digest or name of the registration.
    """

    beyond_mm: float
    beside_mm: float
    angle_deg: float | None
    verdict: str | None
    source: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """One vertebra that was treated.

    depth_mm: from the skin along the instrument to its tip, as in the plan.
    """

    level: str
    side: Side | None
    depth_mm: float | None
    burns: tuple[Burn, ...]
    pose: Pose | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedBody:
    """What the plan asked for at one vertebra; None where the plan leaves it open."""

    level: str
    side: Side | None
    depth_mm: float | None
    set_point_degc: float | None
    hold_s: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanLink:
    """The approved plan, and the one that was on display.

    edition, sha256: of the approved plan.json.  shown_*: of the one in the room.
    """

    edition: str | None
    sha256: str | None
    shown_edition: str | None
    shown_sha256: str | None
    bodies: tuple[PlannedBody, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One of the six steps with its times. number: 1 to 6."""

    number: int
    begin: dt.datetime | None
    end: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Anaesthesia:
    """kind: as given, not as planned."""

    kind: Literal["general", "deep_sedation", "sedation", "local"]
    begin: dt.datetime | None
    end: dt.datetime | None
    asa_class: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure:
    """Incisions and how they were closed."""

    incisions: int | None
    length_mm: float | None
    closed_with: Literal["sutures", "glue", "strips"] | None
    sutures: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """X-ray of the whole procedure, in the units of a DICOM dose report.

    seconds: total fluoroscopy time.  dose_area_gym2: Gy·m².  dose_point_gy: at the reference point.
    """

    seconds: float | None
    dose_area_gym2: float | None
    dose_point_gy: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Antibiotic:
    """The antibiotic before the incision."""

    name: str
    dose: str | None
    at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something untoward. kind: of the table; grade: 1 to 5 after CTCAE, None where not graded."""

    kind: str
    what: str
    grade: int | None
    level: str | None
    at: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One procedure.

    case: pseudonym.  zone: the clinic's IANA time zone.  events: None where nobody said whether
        there were any; empty where somebody said none.
    """

    case: str
    zone: str
    team: tuple[str, ...]
    status: Literal["completed", "stopped"] | None
    bodies: tuple[Body, ...]
    instruments: tuple[Instrument, ...]
    anaesthesia: Anaesthesia | None
    steps: tuple[Step, ...]
    closure: Closure | None
    exposure: Exposure | None
    antibiotic: Antibiotic | None
    plan: PlanLink | None
    events: tuple[Event, ...] | None
