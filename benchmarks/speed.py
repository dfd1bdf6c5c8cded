"""Time and memory of the steps and of the demo, each against its bound, and where time goes.

Bounds hold for a machine that does nothing else; processor time is told beside them, because it
hardly changes when others use the cores.
"""

from __future__ import annotations

import cProfile
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from basivert.anatomy.find import located
from basivert.anatomy.model import Partial
from basivert.edge.imaging.demo_ct import fetch_demo
from basivert.errors import ServiceError
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.planning.plan import plan_vertebra
from basivert.volume.model import Case
from basivert.workflow.plan_case import builtin_tables
from basivert.workflow.progress import silent

from .figures import figure
from .patients import patients

# Steps of the anatomy whose share is told, by function.
STEPS = ("cropped", "rough_frame", "refined_surface", "posterior_wall", "canal", "pedicle",
         "fields", "body_size", "foramen", "endplate", "target", "density")  # fmt: skip
PROGRAM = [sys.executable, "-c", "from basivert.edge.cli.main import run; run()"]


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """Medians over `count` patients with two vertebrae each, then the demo."""
    tables, tool = builtin_tables(), builtin_instrument(DEFAULT)
    anatomy, plans, worked = [], [], []
    last: tuple[Case, str] | None = None
    for spine, case in patients(seed, range(count), "0.7x0.7x1"):
        for level in spine.vertebrae:
            last = (case, level)
            begun, before = time.perf_counter(), time.process_time()
            vertebra = located(case, level, tables.anatomy)
            between, after = time.perf_counter(), time.process_time()
            if isinstance(vertebra, Partial):
                continue
            plan_vertebra(
                vertebra, case, tool, sides=("left", "right"), errors=tables.errors,
                thresholds=tables.anatomy.thresholds, technique=tables.technique, carm=tables.carm,
                seed=seed, obstacles={},
            )  # fmt: skip
            anatomy.append(between - begun)
            plans.append(time.perf_counter() - between)
            worked.append((after - before, time.process_time() - after))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return [
        figure("anatomy of one vertebra, median", np.median(anatomy), "s", "≤", 1.0),
        figure("plans of both sides with robustness, median", np.median(plans), "s", "≤", 2.0),
        figure("processor time of one anatomy, median", np.median(worked, axis=0)[0], "s"),
        figure("processor time of both sides' plans, median", np.median(worked, axis=0)[1], "s"),
        figure("peak memory with virtual patients", memory, "GB", "≤", 1.5),
        figure("start-up of the command line", _start_up(), "s", "≤", 0.5),
        *_demo(),
        *(_shares(*last) if last else []),
    ]


def _start_up() -> float:
    """Median of five `basivert --help`, s."""
    took = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([*PROGRAM, "--help"], check=True, capture_output=True)
        took.append(time.perf_counter() - begun)
    return float(np.median(took))


def _demo() -> list[dict[str, Any]]:
    """The demo with its download in the cache: plans and heat, without intervals."""
    try:
        fetch_demo(silent)
    except ServiceError as cause:
        print(f"demo not timed: {cause.what}", file=sys.stderr)
        return []
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        subprocess.run(
            [*PROGRAM, "demo", "--samples", "0", "-o", str(Path(folder) / "demo")], check=True,
            capture_output=True,
        )  # fmt: skip
        took = time.perf_counter() - begun
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return [
        figure("whole demo after download", took, "s", "≤", 15.0),
        figure("processor time of the demo, all cores", worked, "s"),
        figure("peak memory of the demo", after.ru_maxrss / 1024**2, "GB", "≤", 1.5),
    ]


def _shares(case: Case, level: str) -> list[dict[str, Any]]:
    """Share of each step in the time of one anatomy, under a profiler."""
    profile = cProfile.Profile()
    profile.enable()
    located(case, level, builtin_tables().anatomy)
    profile.disable()
    rows = pstats.Stats(profile).stats  # type: ignore[attr-defined]
    ours = {key[2]: row[3] for key, row in rows.items() if "basivert" in key[0]}
    whole = ours["located"]
    return [figure(f"share of anatomy: {step}", ours[step] / whole, "1")
            for step in STEPS if step in ours]  # fmt: skip
