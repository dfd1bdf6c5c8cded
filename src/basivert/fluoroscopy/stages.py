"""The stages of a procedure for one plan, before any picture is measured."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.fluoroscopy.checks import Scene
from basivert.fluoroscopy.model import ViewName

BOTH: tuple[ViewName, ...] = ("ap", "lateral")
ALL: tuple[ViewName, ...] = ("en_face", "ap", "lateral")
# A straight part that is pushed forward less than this is not worth a control of its own, mm.
LEAST_WAY_MM = 6.0
LEAST_AHEAD_MM = 1.0
MOST_STEPS = 13
"""No plan has more stages than this."""


TIP_WRONG = (
    "At the midline in AP but too shallow in lateral: heat too near to the canal. Deep enough but "
    "off the planned place in AP: the nerve may lie outside the lesion. Too far forward: pull back."
)
PAIR_WRONG = (
    "Too shallow in lateral: heat too near to the canal. Nearer to or further from the midline "
    "than stated: the tips come too close or stay too far apart for the heat to meet between them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step before its distances are known.

    depth_mm: of the foremost point, from bone entry; None where nothing is in.
    moved_mm: way since the step before that asks for repeated control.
    """

    key: str
    title: str
    instruction: str
    source: str
    depth_mm: float | None
    views: tuple[ViewName, ...]
    wrong: str
    moved_mm: float = 0.0


def stages(scene: Scene) -> list[Stage]:
    """All stages, first to last: marking, through the pedicle, to the target, heat, closing."""
    return [*_outside(scene), *_shaft(scene), *_beyond(scene), *_closing(scene)]


def _outside(scene: Scene) -> list[Stage]:
    """Before the bone: position, marking, incision, contact."""
    way = scene.way
    skin = way.depths.skin_to_bone_mm
    unseen = "The scan ends before the skin: mark by the views alone; depths count from the bone."
    marked = (
        unseen
        if skin is None
        else (
            "Lay a marker on the skin where the planned shaft enters, in the AP view, and check it "
            "en face: marker, entry and pedicle lie on each other."
        )
    )
    down = (
        (
            "Advance along the planned direction, as a dot en face, until bone is touched. The "
            "scan ends before the skin: depths count from the bone."
        )
        if skin is None
        else (
            f"Advance {skin:.0f} mm from the skin along the planned direction "
            "until bone is touched."
        )
    )
    return [
        Stage(key="position", title="Position and level", depth_mm=None, views=BOTH,
              instruction="Prone on pads, general anaesthesia before the start, C-arm with the "
              f"receptor above the back. Count the levels, then square {way.level}: AP and true "
              "lateral as below.", source="seed.step.0; tech.position, tech.view.ap [recall]",
              wrong="Wrong level: count again from the sacrum and note it. Double edges of an "
              "endplate: tilt. Spinous process off the middle: turn."),
        Stage(key="mark", title="Mark the skin", depth_mm=None, views=("ap", "en_face"),
              instruction=marked, source="tech.landmarks [read]",
              wrong="A marker medial of the pedicle in AP: the shaft would aim away from the "
              "body."),
        Stage(key="incision", title="Incision", depth_mm=None if skin is None else -skin, views=(),
              instruction="Small cut at the mark, long enough for the introducer of "
              f"{way.instrument.introducer_diameter_mm.value:.1f} mm. No picture is needed.",
              source="seed.step.1", wrong=""),
        Stage(key="bone", title="Touch the bone", depth_mm=0.0, views=ALL, instruction=down,
              source="tech.entry [read]: lateral and upper margin of the oval, aimed at the centre "
              "of the body", wrong="Slipping off to the side or into the canal between the "
              "laminae: do not push before the tip is fixed on bone."),
    ]  # fmt: skip


def _shaft(scene: Scene) -> list[Stage]:
    """The introducer through the pedicle to where it ends, in order of depth."""
    way = scene.way
    depths = way.depths
    beside = way.route == "extrapedicular"
    gate = "the body's side wall" if beside else "the pedicle's narrowest section"
    found = [
        Stage(key="isthmus", title=f"At {gate}", depth_mm=depths.isthmus_mm,
              views=ALL, moved_mm=depths.isthmus_mm,
              instruction=f"Advance the introducer to {depths.isthmus_mm:.1f} mm from bone, at "
              f"{gate}. The shaft stays a dot en face.",
              source="tech.view.oblique [recall], tech.medial_rule [read]",
              wrong="Medial of the oval's border in AP while behind the wall in lateral: medial "
              "breach. Below the oval: the nerve root lies there."),
        Stage(key="wall_shown", title="At the posterior wall as the lateral shows it",
              depth_mm=depths.wall_line_mm, views=BOTH,
              moved_mm=depths.wall_line_mm - depths.isthmus_mm,
              instruction=f"Advance {_what(scene, depths.wall_line_mm)}to "
              f"{depths.wall_line_mm:.1f} mm. The lateral view now shows "
              "the tip on the posterior wall of the midline. Look at AP before going on: the tip "
              "must still be lateral of the pedicle's medial border.",
              source="tech.medial_rule [read]; L5.wall [part]",
              wrong="Already medial of the border in AP: medial breach. Stop and pull back."),
        Stage(key="wall_true", title="At the wall that the path crosses",
              depth_mm=depths.true_wall_mm, views=BOTH,
              moved_mm=abs(depths.true_wall_mm - depths.wall_line_mm),
              instruction=f"Advance {_what(scene, depths.true_wall_mm)}to "
              f"{depths.true_wall_mm:.1f} mm: there the tip passes the posterior wall "
              "where this path crosses it. Only from here on is it in the body.",
              source="L5.wall [part]; tech.L5 [assumption]",
              wrong="Do not take the midline's line for this one: see the two lines in the "
              "lateral drawing."),
        Stage(key="introducer_stop", title="Introducer ends here", depth_mm=depths.curve_start_mm,
              views=BOTH, moved_mm=max(depths.curve_start_mm - depths.isthmus_mm, 0.0) / 2,
              instruction=f"Stop the straight introducer at {depths.curve_start_mm:.1f} mm. "
              f"{_after_stop(scene)}",
              source="tech.depth.introducer [recall]; tech.curve.start [part]",
              wrong="Too shallow: the curve would start in the pedicle and turn towards the "
              "canal. Too deep: the curve misses the midline in front of the target."),
    ]  # fmt: skip
    return sorted(found, key=lambda stage: stage.depth_mm or 0.0)


def _what(scene: Scene, depth_mm: float) -> str:
    """Names what moves where the introducer has already stopped."""
    return "what left the introducer " if depth_mm > scene.way.depths.curve_start_mm else ""


def _after_stop(scene: Scene) -> str:
    path = scene.way.path
    if path.bend_radius_mm is None:
        return f"The straight probe goes on {path.deployment_mm:.0f} mm beyond it."
    return (
        f"Turn the curve so that its plane stands {path.roll_deg:.0f}° from medial (+ is cranial); "
        f"{path.deployment_mm:.0f} mm of it will leave the introducer."
    )


def _beyond(scene: Scene) -> list[Stage]:
    """What leaves the introducer, to the target."""
    way = scene.way
    start, tip = way.depths.curve_start_mm, way.depths.tip_mm
    half = 0.5 * (start + tip)
    bent = way.path.bend_radius_mm is not None
    what = "curved stylet" if bent else "probe"
    control = (
        "Small steps: lateral for depth and height, AP for the way to the midline, always both."
    )
    found: list[Stage] = []
    if tip - start > LEAST_WAY_MM:
        found.append(Stage(
            key="halfway", title=f"{what.capitalize()} half way", depth_mm=half, views=BOTH,
            moved_mm=half - start, instruction=f"Advance the {what} to {half:.1f} mm. {control}",
            source="tech.curve.control [recall]",
            wrong="Ahead in lateral but not nearer to the midline in AP: the curve has "
            "straightened or points the wrong way. Nearer to the midline but not ahead: it turns "
            "too early.",
        ))  # fmt: skip
    found.append(Stage(
        key="tip", title="Tip at the target", depth_mm=tip, views=BOTH,
        moved_mm=tip - (half if found else start),
        instruction=f"Advance to {tip:.1f} mm. Accept when AP and lateral both agree with the "
        f"distances below. {_centred(scene)}", source="tech.target.check [recall]",
        wrong=PAIR_WRONG if way.paired else TIP_WRONG,
    ))  # fmt: skip
    return found


def _centred(scene: Scene) -> str:
    """Why the tip itself is not where the nerve is expected."""
    path = scene.way.path
    if scene.way.paired:
        return (
            "Heat arises between the two probes: each tip stands on its own side of the midline, "
            "as far as stated."
        )
    ahead = float(np.linalg.norm(path.active.mean(axis=0) - path.tip))
    if ahead < LEAST_AHEAD_MM:
        return "The heating zone lies at the tip."
    return (
        f"The middle of the heating zone lies {ahead:.1f} mm behind the tip: that middle, not the "
        "tip, is planned onto the hub, so the tip may stand beyond the midline."
    )


def _closing(scene: Scene) -> list[Stage]:
    """Probe, heat, and out again."""
    way = scene.way
    tip = way.depths.tip_mm
    pair = (
        " Do the same through the other side first: its own sheet has its distances; heat only "
        "with both probes in place."
        if way.paired
        else ""
    )
    return [
        Stage(key="probe", title="Probe through the channel", depth_mm=tip, views=BOTH,
              instruction="Exchange the stylet for the probe without moving the introducer; both "
              f"views once more: the electrodes lie where the tip stood.{pair}",
              source="seed.step.3, seed.step.4",
              wrong="The probe stops short of the channel's end: do not heat there; widen the "
              "channel with the straight stylet."),
        Stage(key="heat", title="Heat", depth_mm=tip, views=(),
              instruction="Heat by the protocol. No picture while heating unless the probe may "
              "have moved.", source="seed.step.5; protocol.default [recall]", wrong=""),
        Stage(key="close", title="Out and closed", depth_mm=None, views=("ap",),
              instruction="Take out the probe, then the introducer, one AP picture: nothing is "
              "left behind. Close with sutures.", source="seed.step.6; last picture ours",
              wrong="Metal in the picture after everything is out."),
    ]  # fmt: skip
