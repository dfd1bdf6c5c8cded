"""How a probe may be moved by hand: along its own channel, and turned about its introducer."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.linalg import expm, logm
from scipy.spatial.transform import Rotation

from basivert.ablation.model import Probe
from basivert.ablation.treatment import withdrawn
from basivert.arrays import Matrix, Point, Points

# Length over which a direction or the bend at the tip is measured, and spacing of new points, mm.
CHORD_MM, STEP_MM = 3.0, 0.25
LEAST = 1e-9
# A centre line closer than this to its shaft's axis counts as straight, mm.
STRAIGHT_MM = 0.05


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Motion:
    """Rigid motion of the probe: x → pivot + turn (x − pivot) + shift, LPS mm."""

    pivot: Point
    turn: Matrix
    shift: Point

    def moved(self, points: Points) -> Points:
        """(n, 3) points that move with the probe."""
        return self.pivot + (points - self.pivot) @ self.turn.T + self.shift

    def back(self, points: Points) -> Points:
        """(n, 3) points of the patient as the unmoved probe sees them."""
        return self.pivot + (points - self.shift - self.pivot) @ self.turn

    def undone(self) -> Motion:
        """The motion that takes this one back."""
        return Motion(pivot=self.pivot + self.shift, turn=self.turn.T, shift=-self.shift)

    def then(self, after: Motion) -> Motion:
        """This one first, `after` next."""
        shift = after.moved(self.moved(self.pivot[None]))[0] - self.pivot
        return Motion(pivot=self.pivot, turn=after.turn @ self.turn, shift=shift)


def shift(offset: Point) -> Motion:
    """Everything by the same offset (3,), LPS mm."""
    return Motion(pivot=np.zeros(3), turn=np.eye(3), shift=offset)


def pushed(probe: Probe, distance_mm: float) -> Probe:
    """The probe deeper by a distance (negative: withdrawn) along its own course.

    Ahead of the channel it goes on with the bend that it has at its tip.
    Raises: InputError when its electrodes would leave the centre line.
    """
    if distance_mm <= LEAST:
        return withdrawn(probe, -distance_mm)
    step = _carried(probe.line, CHORD_MM, STEP_MM, 0.0)
    matrix = np.eye(4)
    matrix[:3, :3] = step.turn
    matrix[:3, 3] = step.moved(np.zeros((1, 3)))[0]
    way = np.real(logm(matrix)) / STEP_MM
    tip = np.append(probe.line[0], 1.0)
    count = int(np.ceil(distance_mm / STEP_MM))
    ahead = [(expm(s * way) @ tip)[:3] for s in np.linspace(distance_mm, 0.0, count + 1)[:-1]]
    return replace(probe, line=np.vstack([ahead, probe.line]))


def rolled(probe: Probe, motion: Motion) -> Probe:
    """The probe after a turn; its shaft stays where it is if the motion is about the shaft."""
    return replace(probe, line=motion.moved(probe.line))


def push_motion(probe: Probe, distance_mm: float) -> Motion:
    """The rigid motion that `pushed` gives the heating zone; exact on straight lines and arcs."""
    length = max(e.end_mm for e in probe.electrodes)
    if distance_mm > LEAST:
        return _carried(pushed(probe, distance_mm).line, length, distance_mm, 0.0)
    return _carried(probe.line, length, 0.0, -distance_mm)


def roll_motion(probe: Probe, entry: Point, roll_deg: float) -> Motion:
    """Turn about the introducer's axis, right-handed looking inwards from `entry`."""
    inwards = probe.line[-2] - probe.line[-1]
    axis = inwards / np.linalg.norm(inwards)
    turn = Rotation.from_rotvec(np.radians(roll_deg) * axis).as_matrix()
    return Motion(pivot=entry, turn=turn, shift=np.zeros(3))


def is_straight(probe: Probe) -> bool:
    """Whether turning the probe about its shaft changes nothing."""
    shaft = probe.line[-2] - probe.line[-1]
    off = np.cross(probe.line - probe.line[-1], shaft / np.linalg.norm(shaft))
    return bool(np.linalg.norm(off, axis=1).max() < STRAIGHT_MM)


def _carried(line: Points, length: float, start: float, end: float) -> Motion:
    """Motion of the stretch of `length` that begins at arc length `start` to that at `end`.

    Turns as little as possible, as a stretch of an arc does that slides along it.
    """
    depth = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])

    def stretch(first: float) -> tuple[Point, Point]:
        at = np.array([first, first + length / 2, first + length])
        low, middle, high = np.stack([np.interp(at, depth, line[:, n]) for n in range(3)], axis=1)
        return middle, (high - low) / np.linalg.norm(high - low)

    (here, one), (there, two) = stretch(start), stretch(end)
    cross = np.cross(one, two)
    sine = float(np.linalg.norm(cross))
    angle = np.arctan2(sine, float(one @ two))
    turn = Rotation.from_rotvec(angle / max(sine, LEAST) * cross).as_matrix()
    return Motion(pivot=here, turn=turn, shift=there - here)
