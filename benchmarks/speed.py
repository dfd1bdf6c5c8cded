"""Time and memory of the steps, each against its bound."""

from __future__ import annotations

import resource
import time
from typing import Any

import numpy as np

from basivert.anatomy.find import located
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.workflow.plan_case import builtin_tables, plan_case

from .figures import figure
from .patients import patients


def run(seed: int, count: int) -> list[dict[str, Any]]:
    """Median over `count` patients with two vertebrae each."""
    tables, tool = builtin_tables(), builtin_instrument(DEFAULT)
    anatomy, whole = [], []
    for spine, case in patients(seed, count, "0.7x0.7x1"):
        levels = tuple(spine.vertebrae)
        for level in levels:
            begun = time.perf_counter()
            located(case, level, tables.anatomy)
            anatomy.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        plan_case(case, tool, seed=seed, inputs={}, versions={})
        whole.append((time.perf_counter() - begun) / len(levels))
    plans = np.median(whole) - np.median(anatomy)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
    return [
        figure("anatomy of one vertebra, median", np.median(anatomy), "s", "≤", 1.0),
        figure("plans of both sides with robustness, median", plans, "s", "≤", 2.0),
        figure("peak memory with virtual patients", memory, "GB", "≤", 1.5),
    ]
