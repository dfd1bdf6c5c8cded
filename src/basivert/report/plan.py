"""The plan as a document: warnings first, then what to see, then the numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import numpy as np
from skimage.measure import marching_cubes

from basivert.anatomy.model import Foramen, Partial, Vertebra
from basivert.constants.model import Table
from basivert.errors import Finding
from basivert.estimate import Estimate
from basivert.geometry.rigid import moved
from basivert.planning.model import CasePlan, LevelPlan, Margin, Plan
from basivert.report.model import Card, Report, Row, Scene, Section
from basivert.report.pictures import plan_pictures
from basivert.volume.model import Case

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
SCENE_STEP = 3
SEVERITY = {"stop": 0, "caution": 1, "info": 2}


def plan_report(case: Case, case_plan: CasePlan, thresholds: Table) -> Report:
    """The document of one case."""
    return Report(
        title=f"Plan for {case.ct_name}",
        warnings=_warnings(case_plan.findings),
        sections=tuple(_section(case, level, thresholds) for level in case_plan.levels),
        assumptions=tuple(
            Row(name=name, value="assumed", note="no public value was found")
            for name in case_plan.instrument.assumptions
        ),
        provenance=(
            Row(name="Instrument", value=case_plan.instrument.title,
                note=case_plan.instrument.source),
            Row(name="Labels", value=case.labels_name, note=case.labels.convention),
            *(Row(name=f"Table {name}", value=edition)
              for name, edition in case_plan.editions.items()),
            *(Row(name=name, value=digest[:16] + "…", note="SHA-256")
              for name, digest in case_plan.inputs.items()),
            Row(name="Seed", value=str(case_plan.seed)),
        ),
    )  # fmt: skip


def said(estimate: Estimate, digits: int = 1) -> str:
    """ "3.2 mm (2.8 to 3.6)"."""
    return (
        f"{estimate.value:.{digits}f} {estimate.unit} "
        f"({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"
    )


def percent(estimate: Estimate) -> str:
    """ "7.1 % (5.9 to 8.3)"."""
    return f"{100 * estimate.value:.1f} % ({100 * estimate.low:.1f} to {100 * estimate.high:.1f})"


def _warnings(findings: Iterable[Finding]) -> tuple[tuple[str, str, str], ...]:
    ordered = sorted(findings, key=lambda finding: SEVERITY[finding.severity])
    return tuple((finding.severity, finding.what, finding.source) for finding in ordered)


def _section(case: Case, level: LevelPlan, thresholds: Table) -> Section:
    vertebra = level.vertebra
    if isinstance(vertebra, Partial):
        return Section(
            level=vertebra.level, status="partial", summary=vertebra.reason,
            warnings=_warnings(vertebra.findings), pictures=(), cards=(), plans=(), front=(),
            scene=None,
        )  # fmt: skip
    first = _first_of_sides(level)
    pictures = plan_pictures(vertebra, case.ct, first[0] if first else None)
    for other in first[1:]:
        pictures += plan_pictures(vertebra, case.ct, other)[2:]
    findings = [*vertebra.findings, *(f for plan in first for f in plan.findings)]
    return Section(
        level=vertebra.level, status=level.status, summary=_summary(level),
        warnings=_warnings(findings), pictures=pictures,
        cards=(*(_margin_card(plan, thresholds) for plan in first),
               *(_safety_card(plan, thresholds) for plan in first),
               *(_depth_card(plan) for plan in first), _anatomy_card(vertebra),
               _target_card(vertebra), *_refusal_card(level)),
        plans=tuple(_plan_row(plan) for plan in level.plans),
        front=tuple((side, points) for side, points in level.front.items()),
        scene=_scene(vertebra, level),
    )  # fmt: skip


def _first_of_sides(level: LevelPlan) -> list[Plan]:
    return [plan for plan in level.plans if plan.rank == 1]


def _summary(level: LevelPlan) -> str:
    if not level.plans:
        return " ".join(f"{refusal.side.capitalize()}: {refusal.reason}"
                        for refusal in level.refusals)  # fmt: skip
    best = max(level.plans, key=lambda plan: plan.reach * (1 - plan.robustness.p_breach.value))
    tight = best.smallest_margin
    return (
        f"Best: {best.side} pedicle. Tightest wall: {WALL_NAMES[tight.wall].lower()}, "
        f"{tight.value_mm.value:.1f} mm. Under the stated errors the hub lies in the assumed "
        f"lesion in {100 * best.robustness.p_reach.value:.0f} % and a wall is breached in "
        f"{100 * best.robustness.p_breach.value:.1f} % of insertions."
    )


def _grade(margin: Margin, thresholds: Table) -> Literal["go", "caution", "stop"]:
    if margin.value_mm.value < thresholds["margin.least"].value:
        return "stop"
    return "go" if margin.value_mm.value >= thresholds["margin.go"].value else "caution"


def _margin_card(plan: Plan, thresholds: Table) -> Card:
    rows = tuple(
        Row(name=WALL_NAMES[margin.wall], value=said(margin.value_mm),
            note=f"at depth {margin.at_depth_mm:.0f} mm", grade=_grade(margin, thresholds))
        for margin in sorted(plan.margins, key=lambda margin: margin.value_mm.value)
    )  # fmt: skip
    return Card(title=f"{plan.side.capitalize()}: room beside the instrument", rows=rows,
                note="From the instrument's surface to the wall; 95 % interval. "
                f"{plan.margins[0].value_mm.basis.capitalize()}.")  # fmt: skip


def _safety_card(plan: Plan, thresholds: Table) -> Card:
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
        "the canal” does not say from where; both readings are shown (contra.distance). The "
        "lesion's size is an assumption until the heat is computed.",
    )  # fmt: skip


def _rule(value: Estimate, limit: float) -> str:
    if value.low >= limit:
        return "kept"
    return "not kept" if value.high < limit else "open"


def _depth_card(plan: Plan) -> Card:
    depths = plan.depths
    skin = (
        "outside the scan" if depths.skin_to_bone_mm is None else f"{depths.skin_to_bone_mm:.0f} mm"
    )
    rows = (
        Row(name="Skin to bone", value=skin),
        Row(name="Isthmus", value=f"{depths.isthmus_mm:.1f} mm", note="from bone entry"),
        Row(name="Posterior wall as the lateral view shows it",
            value=f"{depths.wall_line_mm:.1f} mm", note="the midline's wall"),
        Row(name="Posterior wall where the path crosses", value=f"{depths.true_wall_mm:.1f} mm",
            note=f"lateral view is off by {depths.wall_line_mm - depths.true_wall_mm:+.1f} mm"),
        Row(name="Curve starts", value=f"{depths.curve_start_mm:.1f} mm"),
        Row(name="Tip", value=f"{depths.tip_mm:.1f} mm"),
        Row(name="Roll of the curve", value=f"{plan.path.roll_deg:.0f}°",
            note="0 medial, + cranial"),
        Row(name="Deployed", value=f"{plan.path.deployment_mm:.1f} mm"),
        Row(name="Bone along the path", value=said(plan.path_hu, 0)),
        *(Row(name=f"C-arm: {view.name}",
              value=f"{view.primary_deg:+.0f}° / {view.secondary_deg:+.0f}°",
              note="left + / cranial +" if view.reachable else "beyond usual mechanical limits",
              grade="" if view.reachable else "caution") for view in plan.views),
    )  # fmt: skip
    return Card(title=f"{plan.side.capitalize()}: depths and views", rows=rows,
                note="C-arm angles: receptor above the back of the prone patient, against the axes "
                "of the scan.")  # fmt: skip


def _anatomy_card(vertebra: Vertebra) -> Card:
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
        Row(name="Upper endplate, tilt to cranial", value=said(vertebra.upper_endplate.sagittal_deg)),
        Row(name="Lower endplate, tilt to cranial", value=said(vertebra.lower_endplate.sagittal_deg)),
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


def _target_card(vertebra: Vertebra) -> Card:
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
            f"{c:.1f}" for c in window.middle) + " mm", note=window.source)
        for window in target.windows
    ]  # fmt: skip
    return Card(title="Target", rows=tuple(rows),
                note="The hub is inferred, never seen: published windows disagree, so each is "
                "shown and the density holds all of them.")  # fmt: skip


def _refusal_card(level: LevelPlan) -> tuple[Card, ...]:
    if not level.refusals:
        return ()
    rows = tuple(Row(name=r.side.capitalize(), value=r.reason, grade="stop")
                 for r in level.refusals)  # fmt: skip
    return (Card(title="No path", rows=rows),)


def _plan_row(plan: Plan) -> tuple[str, ...]:
    tight = plan.smallest_margin
    return (
        plan.side, str(plan.rank), f"{tight.value_mm.value:.1f} mm", WALL_NAMES[tight.wall],
        f"{100 * plan.robustness.p_breach.value:.1f} %",
        f"{100 * plan.robustness.p_reach.value:.0f} %", f"{100 * plan.reach:.0f} %",
        f"{plan.canal.aim_to_canal_mm.value:.1f} mm", "yes" if plan.on_pareto else "no",
    )  # fmt: skip


def _scene(vertebra: Vertebra, level: LevelPlan) -> Scene:
    field = vertebra.field
    vertices, faces, _, _ = marching_cubes(field.distance_mm.copy(), 0.0, step_size=SCENE_STEP)
    bone = moved(vertebra.lps_from_body, moved(field.body_from_index, vertices))
    return Scene(
        bone=(bone, faces), canal=canal_mesh(vertebra),
        paths=tuple((plan.side, plan.path.centre_line) for plan in _first_of_sides(level)),
        target=vertebra.target.centre,
    )  # fmt: skip


def canal_mesh(vertebra: Vertebra) -> tuple[np.ndarray, np.ndarray]:
    """The canal's border as vertices (n, 3) LPS mm and faces (m, 3)."""
    canal = vertebra.canal
    planes, angles = canal.radius_mm.shape
    heading = np.stack([np.cos(canal.angle_rad), np.sin(canal.angle_rad)], axis=1)
    xy = canal.axis_xy[:, None, :] + canal.radius_mm[..., None] * heading[None]
    z = np.broadcast_to(canal.z_mm[:, None, None], (planes, angles, 1))
    vertices = moved(vertebra.lps_from_body, np.concatenate([xy, z], axis=2).reshape(-1, 3))
    row, column = np.meshgrid(np.arange(planes - 1), np.arange(angles), indexing="ij")
    a = (row * angles + column).ravel()
    b = (row * angles + (column + 1) % angles).ravel()
    faces = np.concatenate([
        np.stack([a, b, a + angles], axis=1), np.stack([b, b + angles, a + angles], axis=1)
    ])  # fmt: skip
    return vertices, faces
