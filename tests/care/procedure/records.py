"""Entered records for the tests."""

import copy

SHA = "a" * 64
POINTS = {
    "aldrete_1995": ("activity", "breathing", "circulation", "consciousness", "saturation"),
    "padss_original": ("vital_signs", "activity_and_mental", "pain_or_nausea", "bleeding",
                       "intake_and_output"),
    "padss_modified": ("vital_signs", "ambulation", "nausea", "pain", "bleeding"),
}  # fmt: skip
SIGN_IN = ("identity", "site_marked", "machine", "oximeter", "allergy", "airway", "blood_loss")
TIME_OUT = ("introduced", "patient", "surgeon", "anaesthetist", "nurse", "antibiotic", "imaging",
            "levels", "plan")  # fmt: skip
SIGN_OUT = ("recorded", "counts", "specimens", "equipment", "concerns")

WHOLE = {
    "case": "case-17", "zone": "America/Chicago", "team": ["Dr Vega", "Nurse Ray"],
    "status": "completed",
    "bodies": [
        {"level": "L4", "side": "left", "depth_mm": 91.2,
         "burns": [{"generator": "RF-1", "probe": "P-2", "protocol": "standard 2026-11",
                    "set_point_degc": 85, "hold_s": 852, "measured_degc": 84.6, "highest_w": 11.5,
                    "impedance_ohm": 165, "log_sha256": SHA}],
         "pose": {"beyond_mm": -1.2, "beside_mm": 0.9, "angle_deg": 2.0, "verdict": "go"}},
        {"level": "L5", "side": "right", "depth_mm": 97.0,
         "burns": [{"set_point_degc": 85, "hold_s": 600}]},
    ],
    "instruments": [{"name": "Introducer", "lot": "A1"}, {"name": "Probe"}],
    "anaesthesia": {"kind": "general", "begin": "2026-12-21T10:00-06:00",
                    "end": "2026-12-21T11:25-06:00", "asa_class": 2},
    "steps": [
        {"number": 1, "begin": "2026-12-21T10:14-06:00", "end": "2026-12-21T10:16-06:00"},
        {"number": 2, "begin": "2026-12-21T10:16-06:00", "end": "2026-12-21T10:30-06:00"},
        {"number": 5, "begin": "2026-12-21T16:40+00:00", "end": "2026-12-21T16:55+00:00"},
    ],
    "closure": {"incisions": 1, "length_mm": 3, "closed_with": "sutures", "sutures": 2},
    "exposure": {"seconds": 143, "dose_area_gym2": 0.00042, "dose_point_gy": 0.031},
    "antibiotic": {"name": "cefazolin", "dose": "2 g", "at": "2026-12-21T09:14-06:00"},
    "plan": {
        "edition": "basivert.plan/1", "sha256": SHA, "shown_edition": "basivert.plan/1",
        "shown_sha256": SHA,
        "bodies": [{"level": "L4", "side": "left", "depth_mm": 92.0, "set_point_degc": 85,
                    "hold_s": 852},
                   {"level": "L5", "side": "left", "depth_mm": 92.0, "set_point_degc": 85,
                    "hold_s": 852}],
    },
    "events": [{"kind": "bleeding", "what": "ooze at the skin", "grade": 1, "level": "L5",
                "at": "2026-12-21T11:00-06:00"}],
    "checklist": {"sign_in": dict.fromkeys(SIGN_IN, True),
                  "time_out": dict.fromkeys(TIME_OUT, True),
                  "sign_out": {**dict.fromkeys(SIGN_OUT, True), "specimens": "not_applicable"}},
    "discharge": {
        "aldrete_version": "aldrete_1995", "padss_version": "padss_modified",
        "aldrete": dict.fromkeys(POINTS["aldrete_1995"], 2),
        "padss": {**dict.fromkeys(POINTS["padss_modified"], 2), "pain": 1},
        "sedation_worn_off": True, "driver_there": True, "adult_at_home": True,
    },
}  # fmt: skip


def whole():
    """A full record that a test may change."""
    return copy.deepcopy(WHOLE)
