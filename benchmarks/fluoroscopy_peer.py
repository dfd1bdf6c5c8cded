"""The peer on the same views in the same run, with an interpreter of its own.

    python -m venv PEERS && PEERS/bin/pip install diffdrr==0.6.1 nanodrr==0.1.7 nibabel
    python -m benchmarks fluoroscopy --peer PEERS/bin/python

nanodrr is the faster of the two; the scripts that call it belong to the benchmark's definition.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .figures import figure

# Samples a ray, fewest first: the first that is as accurate as is asked for is the one to beat.
LADDER = {"full": (96, 128, 250), "bones": (250, 350, 500)}
VIEWS = ("ap", "oblique_left")
NCC, RMS = 0.9995, 0.005
TIMES_FASTER = 20.0


def peers(
    python: Path, reference: Path, ours: Sequence[dict[str, Any]], size: int = 512
) -> list[dict[str, Any]]:
    """Figures of nanodrr and how many times faster we are, for both kinds of picture."""
    rows: list[dict[str, Any]] = []
    for kind, ladder in LADDER.items():
        for samples in ladder:
            runs = [_run(python, reference, kind, view, samples, size) for view in VIEWS]
            if all(r["exact"]["ncc"] >= NCC and r["exact"]["rel_rms"] <= RMS for r in runs):
                break
        else:
            continue
        mean = sum(r["median_ms"] for r in runs) / len(runs)
        own = next(row["value"] for row in ours
                   if row["name"].startswith(f"{kind} {size}: frame, mean"))  # fmt: skip
        name = f"{kind} {size}: nanodrr, {samples} samples"
        rows += [
            figure(f"{name}, mean of {' and '.join(VIEWS)}", mean, "ms"),
            figure(f"{name}, largest relative rms",
                   100 * max(r["exact"]["rel_rms"] for r in runs), "%"),
            figure(f"{name}, peak memory", max(r["peak_mib"] for r in runs), "MiB"),
            figure(f"{kind} {size}: times faster than it", mean / own, "1", "≥", TIMES_FASTER),
        ]  # fmt: skip
    return rows


def _run(
    python: Path, reference: Path, kind: str, view: str, samples: int, size: int
) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [str(python), str(reference / "peer_nanodrr.py"), "--samples", str(samples), "--size",
             str(size), "--view", view, "--volume", kind, "--frames", "3", "--out", folder],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
    return json.loads(done.stdout.splitlines()[-1])
