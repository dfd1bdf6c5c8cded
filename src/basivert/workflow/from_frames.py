"""From frames to what they tell: where the bone stands, how sure that is, where the tool is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from basivert.anatomy.model import Vertebra
from basivert.arrays import Affine
from basivert.constants.load import builtin
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm
from basivert.fluoroscopy.curve import Curve
from basivert.fluoroscopy.detect import Shadow, shadow
from basivert.fluoroscopy.frame import Frame, without_metal
from basivert.fluoroscopy.hypotheses import turned_over
from basivert.fluoroscopy.level import LevelCheck
from basivert.fluoroscopy.register import Bone, Registered, bone
from basivert.fluoroscopy.shaft_end import shaft_line
from basivert.fluoroscopy.triangulate import Seen, tool
from basivert.geometry.rigid import moved, turned, unit
from basivert.instruments.model import Instrument
from basivert.planning.model import Path
from basivert.volume.model import Case
from basivert.workflow.angle_doubt import Angles, leans_bright
from basivert.workflow.as_inserted import AsInserted, as_inserted, with_its_curve
from basivert.workflow.curve_from_frames import curve_seen, kit_of
from basivert.workflow.progress import Progress, part
from basivert.workflow.standing import furthest, standing


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wanted:
    """What is looked for.

    start: 4×4 room_from_ct, right within about 10 mm and 10°.
    angles: how far those of the frames are known.
    neighbours: levels whose bones are tried at the place found, and whose edges are taken out of
        the frames; empty: neither.
    seed: of the turns that are tried.
    """

    vertebra: Vertebra
    path: Path
    instrument: Instrument
    start: Affine
    angles: Angles
    neighbours: tuple[str, ...]
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Told:
    """What the frames tell.

    found: its verdict already holds the reasons below.
    frames: as they were used, bone bright.  inverted: which of them had to be turned over.
    bone: the points that `found` moves.
    angle_deg: largest angle between two of the views; 0 for a single one.
    along_sd_mm: one SD of the bone's place along the first view's beam.
    reasons: why the verdict is not good, one sentence each.
    shadows: the tool in each frame, None where there is none.
    tool_words: why there is no tool in space, or "".
    """

    found: Registered
    bone: Bone
    frames: tuple[Frame, ...]
    inverted: tuple[bool, ...]
    angle_deg: float
    along_sd_mm: float
    level: LevelCheck | None
    reasons: tuple[str, ...]
    shadows: tuple[Shadow | None, ...]
    seen: Seen | None
    inserted: AsInserted | None
    tool_words: str


def told(
    case: Case, frames: Sequence[Frame], known: Sequence[bool], wanted: Wanted, table: Table,
    say: Progress,
) -> Told:  # fmt: skip
    """Register one vertebra in its frames, and find the tool.

    Args:
        case: scan and labels of the plan.
        frames: the pictures, what is drawn over them not seen.
        known: for each, whether it is certain that its bone is bright.
        table: `registration`.

    Raises: LabelError where the level is not labelled.
    """
    rng = np.random.default_rng(wanted.seed)
    own = bone(case.ct, case.labels, wanted.vertebra.level, table)
    say(0.1, "bright or dark bone")
    lean = [
        1.0 if sure else leans_bright(own, one, wanted.start, wanted.angles, table, rng)
        for one, sure in zip(frames, known, strict=True)
    ]
    inverted = tuple(value < 0.0 for value in lean)
    shown = tuple(
        replace(one, picture=-one.picture) if over else one
        for one, over in zip(frames, inverted, strict=True)
    )
    hidden = tuple(_without_metal(one, table) for one in shown)
    others = [bone(case.ct, case.labels, name, table) for name in wanted.neighbours]
    here = standing(own, others, hidden, wanted.start, wanted.angles, table, rng,
                    part(say, 0.3, 0.9))  # fmt: skip
    shown = tuple(turned_over(one) if here.mirrored else one for one in shown)
    found, used = here.found, here.frames
    say(0.9, "looking for the tool")
    shadows = tuple(
        _shadow(one, used_as.carm, found, wanted.vertebra, table)
        for one, used_as in zip(shown, used, strict=True)
    )
    # The frames as they are shown, with the angles that were used.
    lit = [replace(one, carm=as_used.carm) for one, as_used in zip(shown, used, strict=True)]
    seen, looks_out, words = _seen(lit, shadows, found, wanted, table)
    inserted = None if seen is None else _inserted(seen, looks_out, found, wanted, table)
    say(1.0, "done")
    return Told(
        found=found, bone=own, frames=used, inverted=inverted, angle_deg=here.angle_deg,
        along_sd_mm=along_sd_mm(own, found, used, here.angle_deg, table), level=here.level,
        reasons=here.reasons, shadows=shadows, seen=seen, inserted=inserted, tool_words=words,
    )  # fmt: skip


def along_sd_mm(
    bone: Bone, found: Registered, frames: Sequence[Frame], angle_deg: float, table: Table
) -> float:
    """One SD of the bone's place along the first view's beam, mm.

    A second view measures it; a single one, or several alike, only by how large the bone appears.
    """
    if angle_deg >= table["views.least_angle"].value:
        return table["views.pointing"].value / float(np.sin(np.radians(angle_deg)))
    carm = frames[0].carm
    across, down, toward = carm.axes
    there = turned(found.room_from_ct, bone.fine.points)
    half = 0.5 * max(float(np.ptp(there @ one)) for one in (across, down))
    middle = moved(found.room_from_ct, bone.fine.centre)
    return table["views.size"].value * float((middle - carm.source) @ toward) / half


def _without_metal(frame: Frame, table: Table) -> Frame:
    seen = without_metal(frame.picture, frame.carm, table).seen
    return replace(frame, seen=seen & frame.seen)


def _shadow(
    frame: Frame, carm: CArm, found: Registered, vertebra: Vertebra, table: Table
) -> Shadow | None:
    hub = moved(found.room_from_ct, vertebra.target.centre)
    return shadow(replace(frame, carm=carm), carm.pixel(hub[None])[0], table)


def _seen(
    frames: Sequence[Frame], shadows: Sequence[Shadow | None], found: Registered, wanted: Wanted,
    table: Table,
) -> tuple[Seen | None, Curve | None, str]:  # fmt: skip
    """The tool in space from the two views furthest apart that show one, and its curve."""
    showing = [
        (frame, shadow) for frame, shadow in zip(frames, shadows, strict=True) if shadow is not None
    ]
    if len(showing) < 2:
        words = f"A tool was found in {len(showing)} of {len(frames)} frames; two are needed."
        return None, None, words
    pair = [showing[n] for n in furthest([frame.carm for frame, _ in showing])]
    both, lines = [one[0] for one in pair], [one[1] for one in pair]
    expected = unit(turned(found.room_from_ct, wanted.path.axis))
    try:
        if wanted.path.bend_radius_mm is not None:
            kit = kit_of(wanted.instrument, wanted.path.bend_radius_mm, builtin("errors_model"))
            curved = curve_seen(both, lines, expected, kit, table)
            if curved is not None:
                return *curved, ""
        radius = wanted.instrument.introducer_diameter_mm.value / 2
        shafts = [
            shaft_line(frame, one.line, radius, table)
            for frame, one in zip(both, lines, strict=True)
        ]
        return tool([one.carm for one in both], shafts, expected, table), None, ""
    except InputError as cause:
        return None, None, f"{cause.what} {cause.fix}"


def _inserted(
    seen: Seen, looks_out: Curve | None, found: Registered, wanted: Wanted, table: Table
) -> AsInserted:  # fmt: skip
    straight = as_inserted(wanted.vertebra, wanted.path, wanted.instrument, seen, found, table)
    if looks_out is None:
        return straight
    return with_its_curve(
        wanted.vertebra, wanted.path, wanted.instrument, straight, looks_out, found, table,
        builtin("adjustment"),
    )  # fmt: skip
