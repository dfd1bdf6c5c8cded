"""The instruments of a plan as they lie at one stage of their way in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from basivert.arrays import Point, Points
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.metal import Tool
from basivert.fluoroscopy.model import Step
from basivert.geometry.curves import arc_lengths, thinned
from basivert.instruments.model import Instrument
from basivert.planning.model import Path

Inside = Literal["stylet", "cannula", "probe"]
# Of the plan's curve every so many points are kept: 1 mm apart, off by 0.01 mm.
EVERY = 2
# Steps of a sheet at which the probe lies in the channel.
PROBE_STEPS = ("probe", "heat")
# A long ruler mark every so many short ones; lengths and radius as wires of 1 mm.
LONG_EVERY, SHORT_MM, LONG_MM, WIRE_MM = 5, 4.0, 8.0, 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How far the instruments have come.

    depth_mm: of the introducer's tip, along the path from bone entry; below 0 outside the bone.
    deployed_mm: how far what lies inside looks out of the introducer.
    inside: the stylet (solid metal), the curved tube around it, or the probe with its electrodes.
    """

    depth_mm: float
    deployed_mm: float
    inside: Inside


def final_stage(path: Path) -> Stage:
    """Probe in place: introducer where the curve starts, the planned length deployed."""
    return Stage(depth_mm=straight_mm(path), deployed_mm=path.deployment_mm, inside="probe")


def straight_mm(path: Path) -> float:
    """From bone entry to where the curve starts, mm."""
    return float((path.curve_start - path.entry_bone) @ path.axis)


def tools(path: Path, instrument: Instrument, stage: Stage, xray: Table) -> tuple[Tool, ...]:
    """Introducer and what lies inside it; the drawn end of each is its nominal tip.

    Raises: InputError where more is deployed than the path has, or the introducer would be bent.
    """
    longest = straight_mm(path)
    if stage.depth_mm > longest + 1e-6 or not 0.0 <= stage.deployed_mm <= path.deployment_mm + 1e-6:
        raise InputError(
            f"The introducer's tip at {stage.depth_mm:g} mm with {stage.deployed_mm:g} mm deployed "
            f"is not on the plan's way in (up to {longest:.1f} mm, {path.deployment_mm:.1f} mm).",
            fix="Choose a depth and a deployment within the plan.",
        )
    tip = path.entry_bone + stage.depth_mm * path.axis
    hub = tip - instrument.introducer_length_mm.value * path.axis
    outer = instrument.introducer_diameter_mm.value / 2
    found = [Tool(line=_ended(np.stack([hub, tip]), outer), radius_mm=outer, material="steel",
                  inner_mm=outer - xray["tool.introducer_wall"].value)]  # fmt: skip
    inner = _inner_line(path, hub, tip, stage.deployed_mm)
    return (*found, *_inside(inner, instrument, stage.inside, xray))


def _inner_line(path: Path, hub: Point, tip: Point, deployed_mm: float) -> Points:
    """From the hub to the tip of what lies inside; its free end follows the plan's curve."""
    if deployed_mm == 0.0:
        return np.stack([hub, tip])
    free = path.centre_line[(path.centre_line - path.curve_start) @ path.axis > 0.0]
    free = thinned(free, EVERY) if len(free) else free
    curve = np.concatenate([path.curve_start[None], free]) + (tip - path.curve_start)
    depth = arc_lengths(curve)
    kept = curve[depth < deployed_mm]
    end = [np.interp(deployed_mm, depth, curve[:, axis]) for axis in range(3)]
    return np.concatenate([hub[None], kept, [end]])


def _ended(line: Points, radius_mm: float) -> Points:
    """A line cut so that the round end drawn beyond it reaches where the line ended."""
    depth = arc_lengths(line)
    stop = max(float(depth[-1]) - radius_mm, 0.0)
    end = [np.interp(stop, depth, line[:, axis]) for axis in range(3)]
    return np.concatenate([line[depth < stop], [end]])


def _inside(line: Points, instrument: Instrument, inside: Inside, xray: Table) -> list[Tool]:
    gap = xray["tool.stylet_gap"].value / 2
    outer = instrument.curve_diameter_mm.value / 2
    bore = outer - xray["tool.cannula_wall"].value
    if inside == "probe":
        return _probe(line, instrument, xray)
    solid = bore - gap
    stylet = Tool(line=_ended(line, solid), radius_mm=solid, inner_mm=0.0, material="nitinol")
    if inside == "stylet":
        return [stylet]
    tube = Tool(line=_ended(line, outer), radius_mm=outer, inner_mm=bore, material="peek")
    return [stylet, tube]


def _probe(line: Points, instrument: Instrument, xray: Table) -> list[Tool]:
    radius = instrument.probe_diameter_mm.value / 2
    wall = min(xray["tool.electrode_wall"].value, radius / 2)
    depth = arc_lengths(line[::-1])
    core = min(xray["tool.probe_core"].value, radius - wall)
    tube = _ended(line, radius - wall)
    found = [Tool(line=tube, radius_mm=radius - wall, inner_mm=core, material="peek"),
             Tool(line=_ended(line, core), radius_mm=core, inner_mm=0.0,
                  material="nitinol")]  # fmt: skip
    for contact in instrument.contacts:
        at = np.linspace(contact.start_mm, min(contact.end_mm, depth[-1]), 9)
        ring = np.stack([np.interp(at, depth, line[::-1, axis]) for axis in range(3)], axis=1)
        ring = _ended(_ended(ring, radius)[::-1], radius)
        found.append(Tool(line=ring, radius_mm=radius, inner_mm=radius - wall, material="steel"))
    return found


def markers(points: Points, xray: Table) -> tuple[Tool, ...]:
    """Steel balls at points (n, 3) LPS mm."""
    return tuple(
        Tool(line=point[None], radius_mm=xray["tool.marker"].value, inner_mm=0.0, material="steel")
        for point in points
    )


def ruler(start: Point, along: Point, across: Point, length_mm: float, xray: Table
          ) -> tuple[Tool, ...]:  # fmt: skip
    """A steel ruler of wires: a spine with a mark every step, a long one every fifth.

    Args:
        start: (3,) LPS mm, at mark 0.  along, across: (3,) unit vectors of spine and marks, LPS.
    """
    step = xray["tool.ruler_step"].value
    lines = [np.stack([start, start + length_mm * along])]
    for n in range(int(length_mm // step) + 1):
        mark = LONG_MM if n % LONG_EVERY == 0 else SHORT_MM
        foot = start + n * step * along
        lines.append(np.stack([foot, foot + mark * across]))
    return tuple(
        Tool(line=line, radius_mm=WIRE_MM, inner_mm=0.0, material="steel") for line in lines
    )


def stage_of(step: Step, path: Path) -> Stage | None:
    """What is in at one step of a sheet; None while nothing is."""
    if step.from_bone_mm is None:
        return None
    straight = straight_mm(path)
    deployed = min(max(0.0, step.from_bone_mm - straight), path.deployment_mm)
    inside: Inside = "cannula" if deployed > 0.0 else "stylet"
    return Stage(depth_mm=min(step.from_bone_mm, straight), deployed_mm=deployed,
                 inside="probe" if step.key in PROBE_STEPS else inside)  # fmt: skip
