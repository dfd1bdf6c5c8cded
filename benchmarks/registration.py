"""One vertebra found in the shared frames, from starts up to 10 mm and 10° away.

Frames and starts come from an independent program (../shared/benchmarks/fluoroscopy); simulated.
"""

from __future__ import annotations

import importlib.util
import time
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from basivert.constants.load import builtin
from basivert.edge.imaging.case import read_case
from basivert.edge.imaging.demo_ct import fetch_demo
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.frame import Frame, without_metal
from basivert.fluoroscopy.register import Bone, bone
from basivert.volume.model import Case
from basivert.workflow.progress import silent
from basivert.workflow.standing import standing

from .figures import figure

SHARED = Path(__file__).parents[1] / ".." / "shared" / "benchmarks" / "fluoroscopy"
CASES = ("clean", "hard")
NEIGHBOURS = ("L1", "L3")
VIEWS = ("ap", "lateral")
SUCCESS_MM = 1.0
OFFSETS_MM = (0.0, 8.0, 10.0, np.inf)


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """`count` starts in each case; the seed draws starts and turns."""
    shared = definition()
    table = builtin("registration")
    bones = bones_of(demo_case(), table)
    rows: list[dict[str, Any]] = []
    for case in CASES:
        frames = frames_of(shared, case)
        rows += _told(case, [
            _tried(shared, case, bones, frames, move, number)
            for number, move in enumerate(shared.starts(count, seed=2023 + seed))
        ])  # fmt: skip
    return rows


def definition() -> ModuleType:
    """The benchmark's own definition. Raises FileNotFoundError where it is not beside us."""
    spec = importlib.util.spec_from_file_location("fluoroscopy_common", SHARED / "common.py")
    if spec is None or spec.loader is None or not (SHARED / "common.py").is_file():
        raise FileNotFoundError(f"{SHARED} does not hold the shared benchmark")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def demo_case() -> Case:
    """The CT behind the frames, from the demonstration's cache."""
    scan = next(one for one in fetch_demo(lambda _share, _words: None) if one.name == "lidc-l1-l2")
    return read_case(scan.ct, scan.labels)


def bones_of(case: Case, table: Any) -> tuple[Bone, list[Bone]]:
    """The vertebra that the frames are about, and its neighbours."""
    found = [bone(case.ct, case.labels, name, table) for name in ("L2", *NEIGHBOURS)]
    return found[0], found[1:]


def frames_of(shared: ModuleType, case: str) -> tuple[Frame, ...]:
    """AP and lateral frame of a case."""
    table = builtin("registration")
    return tuple(
        without_metal(shared.frame(case, view).astype(np.float32), carm_of(shared, view), table)
        for view in VIEWS
    )


def carm_of(shared: ModuleType, view: str) -> CArm:
    """The benchmark's C-arm at a view."""
    primary, secondary = shared.VIEWS[view]
    detector = Detector(side_mm=(shared.SIDE, shared.SIDE), pixels=(256, 256), offset_mm=(0.0, 0.0))
    return CArm(
        primary_deg=primary, secondary_deg=secondary, isocentre=shared.ISO,
        source_isocentre_mm=shared.SOD, source_detector_mm=shared.SDD, detector=detector,
    )  # fmt: skip


def _tried(
    shared: ModuleType, case: str, bones: tuple[Bone, list[Bone]], frames: tuple[Frame, ...],
    move: Any, number: int,
) -> dict[str, float]:  # fmt: skip
    truth = shared.TRUTH[case]
    start = shared.rigid(*move) @ truth
    begun, clock = time.process_time(), time.perf_counter()
    table, rng = builtin("registration"), np.random.default_rng(number)
    found = standing(*bones, frames, start, "exact", table, rng, silent).found
    spent, waited = time.process_time() - begun, time.perf_counter() - clock
    error, hub = shared.mtre(found.room_from_ct, truth)
    return {
        "start": shared.mtre(start, truth)[0], "error": error, "hub": hub, "seconds": spent,
        "waited": waited, "margin": found.margin, "good": found.trust.verdict == "good",
    }  # fmt: skip


def _told(case: str, tried: list[dict[str, float]]) -> list[dict[str, Any]]:
    error = np.array([one["error"] for one in tried])
    start = np.array([one["start"] for one in tried])
    # The first start compiles the loops.
    later = tried[1:] or tried
    seconds, waited = (float(np.median([o[name] for o in later])) for name in ("seconds", "waited"))
    good = error <= SUCCESS_MM
    rows = [
        figure(f"{case}: starts found within 1 mm", float(good.mean()), "1", "≥", 0.95),
        figure(f"{case}: median target error", float(np.median(error)), "mm", "≤", 0.4),
        figure(
            f"{case}: median error at the hub", float(np.median([o["hub"] for o in tried])), "mm"
        ),
        figure(f"{case}: largest target error", float(error.max()), "mm"),
        figure(f"{case}: right ones called good", _share(tried, good), "1", "≥", 0.9),
        figure(f"{case}: median time, all checks included", waited, "s", "≤", 5.0),
        figure(f"{case}: median processor time", seconds, "s", "≤", 8.0),
        figure(f"{case}: smallest lead over a rival, found", _least(tried, good), "1"),
    ]
    for low, high in pairwise(OFFSETS_MM):
        within = (start >= low) & (start < high)
        if within.any():
            name = f"{case}: found from {low:g} to {high:g} mm ({within.sum()} starts)"
            rows.append(figure(name, float(good[within].mean()), "1"))
    return rows


def _share(tried: list[dict[str, float]], right: np.ndarray) -> float:
    return float(np.mean([one["good"] for one, ok in zip(tried, right, strict=True) if ok] or [0]))


def _least(tried: list[dict[str, float]], good: np.ndarray) -> float:
    return min((one["margin"] for one, ok in zip(tried, good, strict=True) if ok), default=0.0)
