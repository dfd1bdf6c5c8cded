"""All burns of a protocol in order, each from what the one before has left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from basivert.ablation.ablate import Ablation, ablate
from basivert.ablation.fields import Fields
from basivert.ablation.grid import Resolution
from basivert.ablation.model import (
    Balance,
    Course,
    Material,
    Physics,
    Probe,
    TissueMap,
    Watch,
    unwatched,
)
from basivert.ablation.protocol import Protocol
from basivert.errors import InputError

# A probe this little drawn back is where it was, mm.
SAME_MM = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Treatment:
    """What a whole treatment did.

    burns: each burn by itself; its course counts from its own start.  probes: of each burn.
    moments: state at the times asked for, the end last; times count from the treatment's start.
    course: the displays of all burns, one after the other, on the treatment's clock.
    balance: energy of all burns; moving the probe is not in it (see `treat`).
    """

    burns: tuple[Ablation, ...]
    probes: tuple[tuple[Probe, ...], ...]
    moments: tuple[Fields, ...]
    course: Course
    balance: Balance

    @property
    def final(self) -> Fields:
        """The state at the end."""
        return self.moments[-1]


def treat(
    probe: Probe | Sequence[Probe], tissue: TissueMap, materials: Sequence[Material],
    physics: Physics, protocol: Protocol, *, moments_s: tuple[float, ...] = (),
    resolution: Resolution, watch: Watch = unwatched,
) -> Treatment:  # fmt: skip
    """Run all burns of a protocol.

    Args:
        probe: where it lies before the first burn, LPS mm; several are drawn back together.
        tissue, materials, physics: as for `ablate`.
        protocol: burns with their set-points, rests and withdrawals.
        moments_s: times from the treatment's start to keep the state at, s.
        resolution: of the grid about the probe's first place; the outer boundary stays there.
        watch: told the share of all burns done; may raise `Cancelled`.

    Raises: InputError for a withdrawal beyond the probe or a time beyond the end; NumericsError as
        `ablate`.
    Assumes: drawing back takes no time; what the probe leaves behind is tissue at the metal's
        temperature, and metal arrives at the temperature of the tissue it replaces.
    """
    starts = np.concatenate([[0.0], np.cumsum([d.duration_s for d in protocol.drives])])
    if late := [t for t in moments_s if not 0 < t <= starts[-1]]:
        raise InputError(
            f"The state was asked for at {late[0]:g} s, but the treatment lasts {starts[-1]:g} s.",
            fix="Ask for times after the start, up to the end.",
        )
    burns: list[Ablation] = []
    first = tuple(probe) if isinstance(probe, Sequence) else (probe,)
    probes: list[tuple[Probe, ...]] = []
    drawn, left = 0.0, None
    for begun, drive in zip(starts[:-1], protocol.drives, strict=True):
        drawn += drive.burn.withdrawal_mm
        probes.append(tuple(withdrawn(p, drawn) for p in first))
        inside = tuple(float(t - begun) for t in moments_s if begun < t < begun + drive.duration_s)
        burns.append(
            ablate(
                probes[-1], tissue, materials, physics, drive, moments_s=inside,
                resolution=_kept(resolution, drawn), start=left,
                watch=_share(watch, float(begun), drive.duration_s, float(starts[-1])),
            )
        )  # fmt: skip
        left = burns[-1].moments[-1]
    return Treatment(
        burns=tuple(burns), probes=tuple(probes), moments=_moments(burns, starts[1:], moments_s),
        course=_joined(burns, starts[:-1]), balance=_summed(burns),
    )  # fmt: skip


def _share(watch: Watch, begun_s: float, length_s: float, whole_s: float) -> Watch:
    """Tells the share of the whole from that of one burn."""
    return lambda done: watch((begun_s + done * length_s) / whole_s)


def withdrawn(probe: Probe, distance_mm: float) -> Probe:
    """The probe drawn back along its own centre line.

    Raises: InputError when its electrodes would leave the centre line.
    """
    if abs(distance_mm) < SAME_MM:
        return probe
    steps = np.linalg.norm(np.diff(probe.line, axis=0), axis=1)
    depth = np.concatenate([[0.0], np.cumsum(steps)])
    room = depth[-1] - max(e.end_mm for e in probe.electrodes)
    if not 0.0 < distance_mm <= room:
        raise InputError(
            f"The probe cannot be drawn back by {distance_mm:g} mm: its centre line leaves "
            f"{max(room, 0.0):.1f} mm.",
            fix="Withdraw by 0 mm or more and stay on the centre line; another place is another "
            "plan.",
        )
    tip = np.array([np.interp(distance_mm, depth, probe.line[:, n]) for n in range(3)])
    behind = probe.line[depth > distance_mm + SAME_MM]
    return replace(probe, line=np.vstack([tip, behind]))


def _kept(resolution: Resolution, drawn_mm: float) -> Resolution:
    """The outer boundary stays in place while the tip moves back."""
    return replace(
        resolution, ahead_mm=resolution.ahead_mm + drawn_mm,
        behind_mm=resolution.behind_mm - drawn_mm,
    )  # fmt: skip


def _moments(
    burns: list[Ablation], ends: np.ndarray, wanted: tuple[float, ...]
) -> tuple[Fields, ...]:
    """What was asked for and the end, in order of time."""
    found = [f for burn in burns for f in burn.moments[:-1]]
    at_ends = [
        burn.moments[-1]
        for burn, end in zip(burns, ends, strict=True)
        if end == ends[-1] or any(abs(end - t) < SAME_MM for t in wanted)
    ]
    return tuple(sorted([*found, *at_ends], key=lambda f: f.time_s))


def _joined(burns: list[Ablation], starts: np.ndarray) -> Course:
    courses = [burn.course for burn in burns]
    return Course(
        time_s=np.concatenate([c.time_s + t for c, t in zip(courses, starts, strict=True)]),
        voltage_v=np.concatenate([c.voltage_v for c in courses]),
        power_w=np.concatenate([c.power_w for c in courses]),
        impedance_ohm=np.concatenate([c.impedance_ohm for c in courses]),
        sensor_degc=np.concatenate([c.sensor_degc for c in courses]),
        doing=np.concatenate([c.doing for c in courses]),
    )


def _summed(burns: list[Ablation]) -> Balance:
    balances = [burn.balance for burn in burns]
    return Balance(
        given_j=sum(b.given_j for b in balances), stored_j=sum(b.stored_j for b in balances),
        perfused_j=sum(b.perfused_j for b in balances),
        conducted_j=sum(b.conducted_j for b in balances),
    )  # fmt: skip
