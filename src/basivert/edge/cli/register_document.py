"""A registration as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from basivert.ablation.patient.model import Heat, Planned
from basivert.anatomy.model import Vertebra
from basivert.edge.cli.commands import versions
from basivert.edge.cli.register_words import motion
from basivert.edge.imaging.frames import Shot
from basivert.geometry.rigid import moved
from basivert.workflow.correction import Correction
from basivert.workflow.curve_as_inserted import CurveAsInserted
from basivert.workflow.from_frames import Told

SCHEMA = "basivert.register/1"


def register_document(
    told: Told, shots: Sequence[Shot], vertebra: Vertebra, planned: Planned,
    burn: Heat | None, inputs: Mapping[str, str], editions: Mapping[str, str], seed: int,
) -> dict[str, Any]:  # fmt: skip
    """What frames told; lengths in mm, angles in degrees, LPS."""
    found = told.found
    shift, turn = motion(found.room_from_ct, vertebra.lps_from_body[:3, 3])
    return {
        "schema": SCHEMA, "research_use_only": True, "frame": "LPS mm", "level": found.name,
        "plan": {"side": planned.side, "rank": planned.rank},
        "verdict": found.trust.verdict, "reasons": list(told.reasons),
        "probability_by_fit_alone": round(found.trust.probability, 4),
        "flatness": found.trust.flatness,
        "room_from_ct": found.room_from_ct.tolist(), "shift_mm": shift.tolist(),
        "turn_deg": turn.tolist(),
        "hub_mm": moved(found.room_from_ct, vertebra.target.centre).tolist(),
        "evidence": found.evidence, "evidence_of_next_place": found.rival,
        "views_apart_deg": told.angle_deg, "along_beam_sd_mm": told.along_sd_mm,
        "level_check": None if told.level is None else {
            "best": told.level.best, "evidence": dict(told.level.evidence)},
        "frames": [
            {"file": shot.name, "primary_deg": shot.carm.primary_deg,
             "secondary_deg": shot.carm.secondary_deg,
             "used_primary_deg": used.carm.primary_deg,
             "used_secondary_deg": used.carm.secondary_deg, "evidence": evidence, "inverted": over,
             "masked_share": shot.masked, "tool": tool is not None, "notes": list(shot.notes)}
            for shot, used, evidence, over, tool in zip(
                shots, told.frames, found.by_view, told.inverted, told.shadows, strict=True)
        ],
        "tool": _tool(told), "tool_words": told.tool_words, "heat": _heat(burn),
        "inputs": dict(inputs), "editions": dict(editions), "versions": versions(), "seed": seed,
    }  # fmt: skip


def _tool(told: Told) -> dict[str, Any] | None:
    one, seen = told.inserted, told.seen
    if one is None or seen is None:
        return None
    return {
        "verdict": one.verdict, "advice": list(one.advice), "tip_ct_mm": one.tip.tolist(),
        "axis_ct": one.axis.tolist(), "beyond_mm": one.beyond_mm,
        "beside_mm": one.beside_mm.tolist(), "angle_deg": one.angle_deg,
        "to_hub_mm": one.to_hub_mm, "bone_left_mm": dict(one.margins_mm), "reach": one.reach,
        "sd_mm": seen.sd_mm, "axis_measured": seen.axis_sd_deg is not None,
        "axis_sd_deg": seen.axis_sd_deg, "rays_miss_mm": seen.missed_mm,
        "off_shadow_mm": seen.off_shadow_mm,
        "curve": None if one.curve is None else _curve(one.curve),
        "correction": None if one.correction is None else _correction(one.correction),
    }  # fmt: skip


def _curve(curve: CurveAsInserted) -> dict[str, Any]:
    return {
        "roll_deg": None if curve.unknown else curve.roll_deg,
        "off_plan_deg": None if curve.unknown else curve.off_plan_deg,
        "roll_sd_deg": curve.roll_sd_deg, "unknown": curve.unknown, "bend_ct": curve.bend.tolist(),
        "deployed_mm": curve.deployed_mm, "deployed_sd_mm": curve.deployed_sd_mm,
        "bend_radius_mm": curve.bend_radius_mm, "tip_ct_mm": curve.tip.tolist(),
        "tip_off_plan_mm": curve.tip_off_mm, "tip_sd_mm": curve.tip_sd_mm,
    }  # fmt: skip


def _correction(change: Correction) -> dict[str, Any]:
    return {
        "words": change.words, "deeper_mm": change.deeper_mm, "roll_deg": change.roll_deg,
        "deployed_mm": change.deployed_mm, "to_hub_mm": change.stand.to_hub_mm,
        "bone_left_mm": dict(change.stand.margins_mm),
    }  # fmt: skip


def _heat(burn: Heat | None) -> dict[str, Any] | None:
    if burn is None:
        return None
    lesion = burn.lesion
    return {
        "coverage": lesion.coverage, "margins_mm": dict(lesion.margins_mm),
        "beside_the_plan": [one.what for one in burn.findings if one.code == "as-inserted"],
    }  # fmt: skip
