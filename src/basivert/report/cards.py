"""Tables of one vertebra: room, reach, depths, anatomy, target, refusals."""

from __future__ import annotations

import numpy as np

from basivert.anatomy.model import Foramen, Vertebra
from basivert.constants.model import Table
from basivert.estimate import Estimate
from basivert.planning.model import LevelPlan, Margin, Plan
from basivert.report.model import Card, Grade, Row
from basivert.report.sources import in_words

WALL_NAMES = {
    "pedicle_medial": "Pedicle, medial wall",
    "pedicle_lateral": "Pedicle, lateral wall",
    "pedicle_cranial": "Pedicle, cranial wall",
    "pedicle_caudal": "Pedicle, caudal wall",
    "posterior_wall": "Posterior wall of the body",
    "upper_endplate": "Upper endplate",
    "lower_endplate": "Lower endplate",
    "anterior_wall": "Anterior wall",
    "canal": "Vertebral canal",
    "aorta": "Aorta",
    "vena_cava": "Vena cava",
}

GATE_NAMES = {
    "transpedicular": "Isthmus of the pedicle",
    "S1": "Isthmus of the sacral pedicle",
    "extrapedicular": "Body's side wall",
}


def said(estimate: Estimate, digits: int = 1) -> str:
    """Like `3.2 mm (2.8 to 3.6)`."""
    return (
        f"{estimate.value:.{digits}f} {estimate.unit} "
        f"({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
    )


def percent(estimate: Estimate) -> str:
    """Like `7.1 % (5.9 to 8.3)`."""
    return f"{100 * estimate.value:.1f} % ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def margin_grade(margin: Margin, thresholds: Table) -> Grade:
    """How a margin stands against the thresholds."""
    if margin.value_mm.value < thresholds["margin.least"].value:
        return "stop"
    return "go" if margin.value_mm.value >= thresholds["margin.go"].value else "caution"


def margin_card(plan: Plan, thresholds: Table) -> Card:
    """Room to every wall, tightest first."""
    rows = tuple(
        Row(name=WALL_NAMES[margin.wall], value=said(margin.value_mm),
            note=f"at depth {margin.at_depth_mm:.0f} mm", grade=margin_grade(margin, thresholds))
        for margin in sorted(plan.margins, key=lambda margin: margin.value_mm.value)
    )  # fmt: skip
    return Card(title=f"{plan.side.capitalize()}: room beside the instrument", rows=rows,
                note="From the instrument's surface to the wall; 95 % interval. "
                f"{plan.margins[0].value_mm.basis.capitalize()}.")  # fmt: skip


def safety_card(plan: Plan, thresholds: Table) -> Card:
    """Reach, breach and both readings of the distance to the canal."""
    robust, canal = plan.robustness, plan.canal
    limit = thresholds["canal.contraindicated"].value
    distances = (
        ("Aim point to posterior wall", canal.aim_to_wall_mm),
        ("Aim point to canal", canal.aim_to_canal_mm),
        (f"Edge of a {canal.lesion_radius_mm:.0f} mm lesion to wall", canal.edge_to_wall_mm),
        (f"Edge of a {canal.lesion_radius_mm:.0f} mm lesion to canal", canal.edge_to_canal_mm),
    )
    rows = [
        Row(name="Hub within the assumed lesion", value=percent(robust.p_reach),
            note=f"{100 * plan.reach:.0f} % when placed exactly"),
        Row(name="Any wall breached", value=percent(robust.p_breach)),
        Row(name="Breach of 2 mm or more", value=percent(robust.p_unsafe)),
        Row(name="Gertzbein–Robbins A / B / C / D / E", value=" / ".join(
            f"{100 * share:.1f}" for share in robust.grade.values()) + " %"),
    ]  # fmt: skip
    rows += [
        Row(name=name, value=said(value), note=f"10 mm rule: {_rule(value, limit)}")
        for name, value in distances
    ]
    return Card(
        title=f"{plan.side.capitalize()}: reach, breach, canal", rows=tuple(rows),
        note=f"{robust.draws} draws, seed {robust.seed}. The device's rule “less than 10 mm from "
        "the canal” does not say from where; both readings are shown. The "
        "lesion's size is an assumption until the heat is computed.",
    )  # fmt: skip


def _rule(value: Estimate, limit: float) -> str:
    if value.low >= limit:
        return "kept"
    return "not kept" if value.high < limit else "open"


VIEWS_NOTE = (
    "C-arm angles: receptor above the back of the prone patient, against the axes of the scan. The "
    "endplates are not parallel: each has an AP of its own in which it is a line. The check from "
    "behind stands half way between them (at S1: on the upper endplate) and is the AP of the step "
    "sheet."
)


def depth_card(plan: Plan) -> Card:
    """Depths along the shaft, what is deployed, and the C-arm angles."""
    depths = plan.depths
    skin = (
        "outside the scan" if depths.skin_to_bone_mm is None else f"{depths.skin_to_bone_mm:.0f} mm"
    )
    rows = (
        Row(name="Skin to bone", value=skin),
        Row(name=GATE_NAMES[plan.route], value=f"{depths.isthmus_mm:.1f} mm",
            note="from bone entry"),
        Row(name="Posterior wall as the lateral view shows it",
            value=f"{depths.wall_line_mm:.1f} mm", note="the midline's wall"),
        Row(name="Posterior wall where the path crosses", value=f"{depths.true_wall_mm:.1f} mm",
            note=f"lateral view is off by {depths.wall_line_mm - depths.true_wall_mm:+.1f} mm"),
        Row(name="Introducer ends", value=f"{depths.curve_start_mm:.1f} mm"),
        Row(name="Tip", value=f"{depths.tip_mm:.1f} mm"),
        *_curve_rows(plan),
        Row(name="Bone along the path", value=said(plan.path_hu, 0), note=" · ".join(
            f"{part} {hu.value:.0f}" for part, hu in plan.path_hu_by_part.items())),
        *(Row(name=f"C-arm: {view.name}",
              value=f"{round(view.primary_deg):+d}° / {round(view.secondary_deg):+d}°",
              note="left + / cranial +" if view.reachable else "beyond usual mechanical limits",
              grade="" if view.reachable else "caution") for view in plan.views),
    )  # fmt: skip
    return Card(title=f"{plan.side.capitalize()}: depths and views", rows=rows, note=VIEWS_NOTE)


def _curve_rows(plan: Plan) -> list[Row]:
    """What leaves the introducer: bent or straight, and of a pair how far apart the tips come."""
    path = plan.path
    rows = [Row(name="Deployed", value=f"{path.deployment_mm:.1f} mm")]
    if path.bend_radius_mm is not None:
        rows.append(Row(name="Bend", value=f"radius {path.bend_radius_mm:.0f} mm, roll "
                        f"{path.roll_deg:.0f}°", note="roll: 0 medial, + cranial"))  # fmt: skip
    if plan.partner is not None:
        gap = float(np.linalg.norm(path.tip - plan.partner.tip))
        rows.append(Row(name="Tip to the other tip", value=f"{gap:.1f} mm",
                        note=in_words(plan.instrument.tip_gap_mm[0].source)))  # fmt: skip
    return rows


def anatomy_card(vertebra: Vertebra) -> Card:
    """Sizes and inclinations of the vertebra."""
    size = vertebra.size
    rows = [
        Row(name="Body height front / middle / back", value=" / ".join(
            f"{e.value:.1f}" for e in (size.height_anterior_mm, size.height_middle_mm,
                                       size.height_posterior_mm)) + " mm"),
        Row(name="Body width top / middle / bottom", value=" / ".join(
            f"{e.value:.1f}" for e in (size.width_upper_mm, size.width_middle_mm,
                                       size.width_lower_mm)) + " mm"),
        Row(name="Body depth top / middle / bottom", value=" / ".join(
            f"{e.value:.1f}" for e in (size.depth_upper_mm, size.depth_middle_mm,
                                       size.depth_lower_mm)) + " mm"),
        Row(name="Upper endplate, tilt to cranial",
            value=said(vertebra.upper_endplate.sagittal_deg)),
        Row(name="Lower endplate, tilt to cranial",
            value=said(vertebra.lower_endplate.sagittal_deg)),
        Row(name="Posterior wall, convex +", value=said(vertebra.posterior_wall.bulge_mm),
            note="midline against 8 mm aside"),
        Row(name="Canal width × depth", value=f"{vertebra.canal.width_mm.value:.1f} × "
            f"{vertebra.canal.depth_mm.value:.1f} mm"),
    ]  # fmt: skip
    for side, pedicle in vertebra.pedicles.items():
        rows.append(Row(
            name=f"{side.capitalize()} pedicle, isthmus",
            value=f"{pedicle.width_mm.value:.1f} × {pedicle.height_mm.value:.1f} mm",
            note=f"turned {pedicle.transverse_deg.value:.0f}° ± "
            f"{pedicle.transverse_deg.sd:.0f}° to the midline",
        ))  # fmt: skip
    rows.append(Row(name="Cancellous bone of the body", value=said(vertebra.density.body_hu, 0),
                    note=vertebra.density.meaning))  # fmt: skip
    return Card(title="Anatomy", rows=tuple(rows),
                note=f"Surface placed by the CT at {100 * vertebra.surface.refined_fraction:.0f} % "
                f"of its points, SD {vertebra.surface.sd_mm:.2f} mm.")  # fmt: skip


def target_card(vertebra: Vertebra) -> Card:
    """Foramen, hub and the published windows."""
    found, target = vertebra.foramen, vertebra.target
    seen = (
        f"visible, contrast {found.contrast_to_noise:.1f} × noise, "
        f"{len(found.openings)} opening{'s' if len(found.openings) > 1 else ''}"
        if isinstance(found, Foramen)
        else f"not visible (contrast {found.contrast_to_noise:.1f} × noise)"
    )
    rows = [
        Row(name="Basivertebral foramen", value=seen),
        Row(name="Hub of the nerve, SD", value=" × ".join(f"{sd:.1f}" for sd in target.sd_mm)
            + " mm", note="left–right × front–back × up–down"),
        Row(name="Basis", value=target.basis),
    ]  # fmt: skip
    rows += [
        Row(name=f"Window {window.name}", value="LPS " + ", ".join(
            f"{c:.1f}" for c in window.middle) + " mm", note=in_words(window.source))
        for window in target.windows
    ]  # fmt: skip
    return Card(title="Target", rows=tuple(rows),
                note="The hub is inferred, never seen: published windows disagree, so each is "
                "shown and the density holds all of them.")  # fmt: skip


def refusal_card(level: LevelPlan) -> tuple[Card, ...]:
    """Why a side has no path; nothing where each has one."""
    if not level.refusals:
        return ()
    rows = tuple(Row(name=r.side.capitalize(), value=r.reason, grade="stop")
                 for r in level.refusals)  # fmt: skip
    return (Card(title="No path", rows=rows),)
