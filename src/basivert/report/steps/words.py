"""Views, depths and distances of a step sheet in words."""

from __future__ import annotations

from basivert.fluoroscopy.machine import from_dorsal_deg
from basivert.fluoroscopy.model import Check, Dose, Preset, Step, ViewName
from basivert.report.sources import in_words

VIEW_NAMES: dict[ViewName, str] = {
    "ap": "AP", "ap_upper": "AP, upper endplate", "ap_lower": "AP, lower endplate",
    "lateral": "lateral", "en_face": "en face",
}  # fmt: skip

CONFIDENCE = {
    "read": "read", "part": "read in part", "recall": "unverified", "assumption": "assumed",
    "computed": "computed",
}  # fmt: skip


def angles_words(preset: Preset) -> str:
    """Where the receptor stands above a prone back, like `25° to the left, 12° cranial`."""
    turn, tilt = _whole(from_dorsal_deg(preset.carm.primary_deg)), _whole(preset.carm.secondary_deg)
    side = "" if turn == 0 else " to the left" if turn > 0 else " to the right"
    way = "" if tilt == 0 else " cranial" if tilt > 0 else " caudal"
    return f"{abs(turn)}°{side}, {abs(tilt)}°{way}"


def dicom_words(preset: Preset) -> str:
    """The same as DICOM primary and secondary angle."""
    return f"{_whole(preset.carm.primary_deg):+d}° / {_whole(preset.carm.secondary_deg):+d}°"


def _whole(angle_deg: float) -> int:
    """Whole degrees, so that nothing turns by minus zero."""
    return round(angle_deg)


def depth_words(step: Step) -> str:
    """Depth on the shaft; empty where nothing is inside."""
    if step.from_bone_mm is None:
        return ""
    if step.from_skin_mm == 0.0:
        return "at the skin"
    bone = f"{step.from_bone_mm:.1f} mm from bone"
    return bone if step.from_skin_mm is None else f"{step.from_skin_mm:.0f} mm from skin, {bone}"


def check_words(check: Check) -> str:
    """One distance, such as `6.2 ± 3.9 mm, still on the left`."""
    size = f"{abs(check.expected_mm):.1f}"
    meaning = check.plus if check.expected_mm >= 0 else check.minus
    told = f"{size} ± {check.tolerance_mm:.1f} mm"
    return told if size == "0.0" else f"{told}, {meaning}"


def dose_words(dose: Dose) -> str:
    """Exposures, time and dose-area product with their ranges."""
    seen, minutes, area = dose.exposures, dose.minutes, dose.dose_area_gy_cm2
    return (
        f"About {seen.value:.0f} exposures ({seen.low:.0f} to {seen.high:.0f}), "
        f"{minutes.value:.1f} min ({minutes.low:.1f} to {minutes.high:.1f}), dose-area product "
        f"{area.value:.1f} {area.unit} ({area.low:.1f} to {area.high:.1f})."
    )


def source_words(text: str) -> str:
    """A source with its confidence as a reader understands both."""
    told = in_words(text)
    for mark, words in CONFIDENCE.items():
        told = told.replace(f"[{mark}]", f"({words})")
    return told
