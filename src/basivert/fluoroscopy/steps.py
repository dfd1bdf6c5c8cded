"""The procedure in its order, with what each picture must show for this plan.

Order: seed.step.0 to seed.step.6 of the facts; views and limits: tech.* there.
"""

from __future__ import annotations

from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.fluoroscopy import checks
from basivert.fluoroscopy.checks import Scene
from basivert.fluoroscopy.dose import pictures
from basivert.fluoroscopy.landmarks import point_at
from basivert.fluoroscopy.model import Check, Step
from basivert.fluoroscopy.stages import BOTH, Stage, stages


def steps(scene: Scene, table: Table) -> tuple[Step, ...]:
    """All steps of one plan, first to last.

    Args:
        scene: vertebra, way, landmarks and views.
        table: rows of `fluoroscopy_dose`.
    """
    found = enumerate(stages(scene), start=1)
    return tuple(_step(scene, stage, number, table) for number, stage in found)


def _step(scene: Scene, stage: Stage, number: int, table: Table) -> Step:
    depth, skin = stage.depth_mm, scene.way.depths.skin_to_bone_mm
    tip = None if depth is None else point_at(scene.way, depth)
    repeats = 1 + int(stage.moved_mm // table["pictures.advance_step"].value)
    return Step(
        number=number, key=stage.key, title=stage.title, instruction=stage.instruction,
        source=stage.source, from_bone_mm=depth,
        from_skin_mm=None if depth is None or skin is None else skin + depth, tip=tip,
        views=stage.views, checks=_checks(scene, stage, tip), wrong=stage.wrong,
        pictures=pictures(len(stage.views), repeats, table),
    )  # fmt: skip


def _checks(scene: Scene, stage: Stage, tip: Point | None) -> tuple[Check, ...]:
    """What to read at one stage: each distance where it decides something."""
    key, depth, path = stage.key, stage.depth_mm, scene.way.path
    found: list[Check | None] = []
    if key == "position":
        found.append(checks.pedicles(scene))
    if key == "mark" and path.entry_skin is not None:
        found.append(checks.skin(scene, path.entry_skin))
    if tip is None or depth is None or key in ("incision", "heat"):
        return tuple(check for check in found if check is not None)
    inside = key in ("introducer_stop", "halfway", "tip", "probe")
    if "en_face" in stage.views:
        found.append(checks.rim(scene, tip))
    if key not in ("halfway", "tip", "probe"):
        found.append(checks.medial_border(scene, tip, depth))
    if inside:
        found.append(checks.midline(scene, tip, depth))
    found.append(checks.wall(scene, tip, depth, true=False))
    if key in ("wall_shown", "wall_true", "introducer_stop"):
        found.append(checks.wall(scene, tip, depth, true=True))
    if inside and key != "probe":
        found.append(checks.upper_endplate(scene, tip, depth, "lateral"))
    if key == "probe" and not scene.way.paired:
        found += [checks.hub(scene, tip, depth, view) for view in BOTH]
    return tuple(check for check in found if check is not None)
