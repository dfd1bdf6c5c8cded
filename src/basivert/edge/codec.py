"""`plan.json`: the stable form of a plan for programs."""

from __future__ import annotations

from typing import Any

import numpy as np

from basivert.anatomy.model import Foramen, Partial, Vertebra
from basivert.errors import Finding
from basivert.estimate import Estimate
from basivert.planning.model import CasePlan, LevelPlan, Path, Plan

SCHEMA = "basivert.plan/1"


def plan_document(case_plan: CasePlan) -> dict[str, Any]:
    """The document; points are LPS mm, every measured value carries unit, interval and basis."""
    return {
        "schema": SCHEMA,
        "research_use_only": True,
        "frame": "LPS mm",
        "warnings": [_finding(finding) for finding in case_plan.findings],
        "instrument": {
            "name": case_plan.instrument.name,
            "title": case_plan.instrument.title,
            "edition": case_plan.instrument.edition,
            "assumptions": list(case_plan.instrument.assumptions),
        },
        "editions": dict(case_plan.provenance.editions),
        "inputs": dict(case_plan.provenance.inputs),
        "versions": dict(case_plan.provenance.versions),
        "seed": case_plan.provenance.seed,
        "vertebrae": [_level(level) for level in case_plan.levels],
    }


def anatomy_document(found: tuple[Vertebra | Partial, ...]) -> dict[str, Any]:
    """Anatomy alone, in the same form as inside a plan."""
    return {
        "schema": "basivert.anatomy/1",
        "research_use_only": True,
        "frame": "LPS mm",
        "vertebrae": [
            {"level": v.level, "status": "failed" if v.failed else "partial", "reason": v.reason}
            if isinstance(v, Partial)
            else {"level": v.level, "status": "measured", "reason": "", **_anatomy(v)}
            for v in found
        ],
    }


def _level(level: LevelPlan) -> dict[str, Any]:
    vertebra = level.vertebra
    head: dict[str, Any] = {"level": level.level, "status": level.status, "reason": _reason(level)}
    head["warnings"] = [_finding(finding) for finding in vertebra.findings]
    if isinstance(vertebra, Partial):
        return {**head, "plans": [], "refusals": []}
    return {
        **head,
        **_anatomy(vertebra),
        "plans": [_plan(plan) for plan in level.plans],
        "refusals": [
            {"side": r.side, "reason": r.reason, "tried": list(r.tried)} for r in level.refusals
        ],
        "pareto": {
            side: [{"margin_mm": float(m), "reach": float(r)} for m, r in points]
            for side, points in level.front.items()
        },
    }


def _reason(level: LevelPlan) -> str:
    if isinstance(level.vertebra, Partial):
        return level.vertebra.reason
    return " ".join(f"{r.side}: {r.reason}" for r in level.refusals)


def _anatomy(vertebra: Vertebra) -> dict[str, Any]:
    return {
        "lps_from_body": _points(vertebra.lps_from_body),
        "foramen": _foramen(vertebra),
        "target": {
            "density": {
                "weights": _points(vertebra.target.weights),
                "means_mm": _points(vertebra.target.means),
                "covariances_mm2": _points(vertebra.target.covariances),
            },
            "centre_mm": _points(vertebra.target.centre),
            "sd_mm": _points(vertebra.target.sd_mm),
            "basis": vertebra.target.basis,
            "windows": [
                {"name": w.name, "low": w.low, "high": w.high, "point_mm": _points(w.middle),
                 "ends_mm": _points(w.points), "source": w.source}
                for w in vertebra.target.windows
            ],
        },
        "endplates": {
            name: {
                "centre_mm": _points(plate.centre), "normal": _points(plate.normal),
                "sagittal": _estimate(plate.sagittal_deg), "coronal": _estimate(plate.coronal_deg),
                "concavity": _estimate(plate.concavity_mm),
            }
            for name, plate in (("upper", vertebra.upper_endplate),
                                ("lower", vertebra.lower_endplate))
        },
        "size": {
            name: _estimate(getattr(vertebra.size, name)) for name in vertebra.size.__slots__
        },
        "posterior_wall": {
            "midline_mm": _points(vertebra.posterior_wall.midline),
            "bulge": _estimate(vertebra.posterior_wall.bulge_mm),
        },
        "canal": {
            "width": _estimate(vertebra.canal.width_mm), "depth": _estimate(vertebra.canal.depth_mm)
        },
        "pedicles": {
            side: {
                "centre_mm": _points(p.centre), "centre_sd_mm": _points(p.centre_sd_mm),
                "axis": _points(p.axis), "width": _estimate(p.width_mm),
                "height": _estimate(p.height_mm),
                "cortex": None if p.cortex_mm is None else _estimate(p.cortex_mm),
                "transverse": _estimate(p.transverse_deg), "sagittal": _estimate(p.sagittal_deg),
            }
            for side, p in vertebra.pedicles.items()
        },
        "bone_density": {
            "body": _estimate(vertebra.density.body_hu),
            "regions": {k: _estimate(v) for k, v in vertebra.density.regions_hu.items()},
            "meaning": vertebra.density.meaning, "source": vertebra.density.source,
        },
        "surface_sd_mm": vertebra.surface.sd_mm,
    }  # fmt: skip


def _foramen(vertebra: Vertebra) -> dict[str, Any]:
    found = vertebra.foramen
    if isinstance(found, Foramen):
        return {
            "visible": True, "centre_mm": _points(found.centre), "sd_mm": _points(found.sd_mm),
            "width": _estimate(found.width_mm), "height": _estimate(found.height_mm),
            "openings_mm": _points(found.openings), "contrast_to_noise": found.contrast_to_noise,
        }  # fmt: skip
    return {
        "visible": False, "centre_mm": _points(found.expected), "sd_mm": _points(found.sd_mm),
        "prior": found.prior, "contrast_to_noise": found.contrast_to_noise,
    }  # fmt: skip


def _plan(plan: Plan) -> dict[str, Any]:
    robust = plan.robustness
    return {
        "side": plan.side, "instrument": plan.instrument.name, "rank": plan.rank,
        "route": plan.route, **_path(plan.path),
        "partner": None if plan.partner is None else _path(plan.partner),
        "margins_mm": {m.wall: _estimate(m.value_mm) | {"at_depth_mm": m.at_depth_mm}
                       for m in plan.margins},
        "canal_rule": {name: _estimate(getattr(plan.canal, name)) for name in (
            "aim_to_wall_mm", "aim_to_canal_mm", "edge_to_wall_mm", "edge_to_canal_mm")},
        "p_breach": _estimate(robust.p_breach), "p_unsafe": _estimate(robust.p_unsafe),
        "p_breach_by_wall": dict(robust.by_wall), "grade": dict(robust.grade),
        "p_reach": _estimate(robust.p_reach), "reach_exact": plan.reach,
        "errors": dict(robust.errors), "draws": robust.draws, "seed": robust.seed,
        "depths_mm": {name: getattr(plan.depths, name) for name in plan.depths.__slots__},
        "views": [{"name": v.name, "primary_deg": v.primary_deg, "secondary_deg": v.secondary_deg,
                   "reachable": v.reachable} for v in plan.views],
        "path_hu": _estimate(plan.path_hu), "on_pareto": plan.on_pareto,
        "warnings": [_finding(finding) for finding in plan.findings],
    }  # fmt: skip


def _path(path: Path) -> dict[str, Any]:
    return {
        "entry_skin_mm": None if path.entry_skin is None else _points(path.entry_skin),
        "entry_bone_mm": _points(path.entry_bone), "axis": _points(path.axis),
        "curve_start_mm": _points(path.curve_start), "tip_mm": _points(path.tip),
        "curve_mm": _points(path.centre_line), "radius_mm": _points(path.radius_mm),
        "active_mm": _points(path.active), "roll_deg": path.roll_deg,
        "deployment_mm": path.deployment_mm, "bend_radius_mm": path.bend_radius_mm,
    }  # fmt: skip


def _estimate(estimate: Estimate) -> dict[str, Any]:
    return {
        "value": estimate.value, "low": estimate.low, "high": estimate.high,
        "level": estimate.level, "unit": estimate.unit, "basis": estimate.basis,
    }  # fmt: skip


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "code": finding.code, "severity": finding.severity, "what": finding.what,
        "level": finding.level, "source": finding.source,
    }  # fmt: skip


def _points(array: np.ndarray) -> Any:
    """Nested lists, rounded to a micrometre."""
    return np.round(np.asarray(array, float), 6).tolist()
