"""A planned instrument's curve in two frames."""

from __future__ import annotations

from collections.abc import Sequence

from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.fluoroscopy.curve import Curve, curve
from basivert.fluoroscopy.curve_search import Kit
from basivert.fluoroscopy.detect import Shadow, straight_part
from basivert.fluoroscopy.frame import Frame, thin_parts
from basivert.fluoroscopy.triangulate import Seen, shaft, view_angle_deg
from basivert.instruments.model import Instrument

# More may look out than the longest that is sold, by so much, mm.
OVER_MM = 3.0


def kit_of(instrument: Instrument, bend_mm: float, errors: Table) -> Kit:
    """What is known of an instrument's curve.

    Args:
        bend_mm: radius of the plan's arc.
        errors: `errors_model`, row curve_radius.relative.

    Assumes: of what looks out the metal core shows, about 0.7 of the whole.
    """
    give = errors["curve_radius.relative"].value * bend_mm
    tolerance = instrument.curve_radius_mm.tolerance
    return Kit(
        shaft_mm=instrument.introducer_diameter_mm.value / 2,
        curve_mm=0.35 * instrument.curve_diameter_mm.value, bend_mm=bend_mm,
        bend_sd_mm=(give**2 + tolerance**2) ** 0.5,
        longest_mm=instrument.curve_reach_mm[1].value + OVER_MM,
    )  # fmt: skip


def curve_seen(
    frames: Sequence[Frame], shadows: Sequence[Shadow], expected: Point, kit: Kit, table: Table
) -> tuple[Seen, Curve] | None:
    """The shaft as its curve tells it, and the curve; None where no curve looks out.

    Raises: InputError where the two views are too close.
    """
    carms = [one.carm for one in frames]
    line = shaft(carms, [straight_part(one.line) for one in shadows], expected, table)
    thins = [thin_parts(one.picture, one.carm, table) for one in frames]
    found = curve(carms, thins, line, kit, table)
    if found is None:
        return None
    arc = found.arc
    lean = float((found.covariance[3, 3] + found.covariance[4, 4]) ** 0.5)
    seen = Seen(
        tip=arc.start, axis=arc.axis, missed_mm=None, off_shadow_mm=found.off_mm, sd_mm=max(
            table["curve.end"].value, float(found.covariance[0, 0] ** 0.5)),
        angle_deg=view_angle_deg(carms[0], carms[1]),
        axis_sd_deg=lean * 57.2958 if line.measured else None,
    )  # fmt: skip
    return seen, found
