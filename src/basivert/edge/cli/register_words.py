"""What frames told, in words for a terminal."""

from __future__ import annotations

from pathlib import Path as File

import numpy as np
from scipy.spatial.transform import Rotation

from basivert.ablation.patient.model import Heat
from basivert.anatomy.model import Vertebra
from basivert.arrays import Affine, Point
from basivert.fluoroscopy.triangulate import Seen
from basivert.geometry.rigid import moved
from basivert.planning.model import Path
from basivert.workflow.as_inserted import AsInserted
from basivert.workflow.curve_as_inserted import CurveAsInserted
from basivert.workflow.from_frames import Told

TWO_SIDED_95 = 1.96
VERDICTS = {
    "good": "GOOD: may be used",
    "doubtful": "DOUBTFUL: do not use it; take new frames",
    "failed": "FAILED: the bone was not found",
}


def motion(room_from_ct: Affine, about: Point) -> tuple[Point, Point]:
    """(3,) mm that the point `about` was moved, LPS, and (3,) degrees, the rotation vector."""
    turn = Rotation.from_matrix(room_from_ct[:3, :3]).as_rotvec(degrees=True)
    return moved(room_from_ct, about) - about, turn


def lines(told: Told, vertebra: Vertebra) -> list[str]:
    """Verdict, pose, level and tool."""
    found = told.found
    shift, turn = motion(found.room_from_ct, vertebra.lps_from_body[:3, 3])
    hub = moved(found.room_from_ct, vertebra.target.centre)
    views = ", ".join(f"{value:.2f}" for value in found.by_view)
    said = [
        f"{found.name}: {VERDICTS[found.trust.verdict]}",
        *(f"  because: {reason}" for reason in told.reasons),
        f"  shift  {_three(shift)} mm to the patient's left, back, head",
        f"  turn   {_three(turn)}° about these axes, {np.linalg.norm(turn):.1f}° in all",
        f"  hub    {_three(hub)} mm (LPS of the C-arm's isocentre); along the first view's beam "
        f"±{TWO_SIDED_95 * told.along_sd_mm:.1f} mm (95 %)",
        f"  fit    {found.trust.probability:.0%} sure by itself; evidence {found.evidence:.2f} "
        f"(views {views}), {found.margin:.0%} ahead of the next place; views "
        f"{told.angle_deg:.0f}° apart",
    ]
    if told.level is None:
        said.append("  level  not checked against its neighbours")
    else:
        fits = ", ".join(f"{name} {value:.2f}" for name, value in told.level.evidence.items())
        said.append(f"  level  {told.level.best} fits best ({fits})")
    if told.inserted is None or told.seen is None:
        return [*said, f"tool: {told.tool_words}"]
    return [*said, *_tool(told.inserted, told.seen)]


def _tool(inserted: AsInserted, seen: Seen) -> list[str]:
    walls = ", ".join(
        f"{name.replace('_', ' ')} {value:.1f}" for name, value in inserted.margins_mm.items()
    )
    return [
        f"tool: {inserted.verdict.upper()}",
        *(f"  {advice}" for advice in inserted.advice),
        f"  tip    {inserted.beyond_mm:+.1f} mm along the planned line, "
        f"{np.linalg.norm(inserted.beside_mm):.1f} mm beside it, {inserted.angle_deg:.1f}° off; "
        f"one SD {seen.sd_mm:.1f} mm, {_met(seen)}",
        f"  hub    {inserted.to_hub_mm:.1f} mm from the tip; reached with "
        f"{inserted.reach:.0%} if the plan is followed from here",
        *_curve(inserted.curve, inserted.path),
        f"  bone left (mm): {walls}",
    ]


def _met(seen: Seen) -> str:
    """How well the two views agree."""
    if seen.off_shadow_mm is not None:
        return f"its line lies {seen.off_shadow_mm:.2f} mm (RMS) off its shadows"
    return (
        ""
        if seen.missed_mm is None
        else (f"the two rays miss each other by {seen.missed_mm:.1f} mm")
    )


def _curve(curve: CurveAsInserted | None, path: Path) -> list[str]:
    """Turn and length of what looks out, beside the plan's."""
    if path.bend_radius_mm is None:
        return []
    if curve is None:
        return ["  curve  none can be told beyond the introducer; its turn is taken from the plan"]
    out = (
        f"{curve.deployed_mm:.0f} mm ± {TWO_SIDED_95 * curve.deployed_sd_mm:.0f} mm look out of "
        "the introducer"
    )
    if curve.unknown:
        return [f"  curve  roll unknown: {curve.unknown}; {out}"]
    turn = f"{abs(curve.off_plan_deg):.0f}° towards {curve.towards} of plan"
    return [
        f"  curve  roll {turn} (±{TWO_SIDED_95 * curve.roll_sd_deg:.0f}°), {out}; its tip "
        f"{curve.tip_off_mm:.1f} mm from the planned one"
    ]


def heat_lines(told: Told, burn: Heat | None, out: File | None) -> list[str]:
    """What the burn reaches from where the tool lies, or which command computes it."""
    if told.inserted is None or told.found.trust.verdict != "good":
        return []
    if burn is not None:
        return [f"  heat   {one.what}" for one in burn.findings if one.code == "as-inserted"]
    if out is None:
        return ["  heat   from here: again with -o DIR, then basivert ablate --pose; or --heat"]
    return [f"  heat   from here: basivert ablate PLAN_DIR -o DIR --pose {out / 'register.json'}"]


def _three(values: Point) -> str:
    return " ".join(f"{value:+.1f}" for value in values)
