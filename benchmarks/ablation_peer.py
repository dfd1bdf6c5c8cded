"""The finite-element peer of the shared heat benchmark, run in its own Python."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

from .ablation_reference import differences, largest
from .figures import figure

ENVIRONMENT = "BASIVERT_PEER_PYTHON"
# Asked of the product on the same machine in the same run, at the same or a smaller error.
BOUND_RATIO = {"A": 60.0, "C": 150.0}


def peer(name: str, changes: list[str], python: str, shared: Path) -> dict[str, Any]:
    """The peer's own account of a case in three dimensions; or `skipped`, and why."""
    script = shared / "peer_ngsolve.py"
    if not script.is_file():
        return {"skipped": f"there is no {script.name} in the shared benchmark's folder"}
    command = [python, str(script), "--case", name, "--dim", "3"]
    for change in changes:
        command += ["--set", change]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as cause:
        return {"skipped": f"{python} cannot be started: {cause.strerror}"}
    if done.returncode:
        return {"skipped": done.stderr.strip()[-500:]}
    told = json.loads(done.stdout)
    found = {
        "wall_s": told["wall_s"]["total"], "cpu_s": told["cpu_s"],
        "peak_rss_mb": told["peak_rss_mb"], "unknowns": told["unknowns_heat"],
        "discretisation": told["discretisation"], "versions": told["versions"],
        "results": told["results"],
    }  # fmt: skip
    if not changes:
        apart = differences(name, told["results"], shared)
        found["largest_error_degc"] = largest(apart, "temperature")
    return found


def against(result: dict[str, Any], other: dict[str, Any], angles: int) -> list[dict[str, Any]]:
    """Ratios to the peer, and both errors; the bound counts for a three-dimensional grid only."""
    bound = BOUND_RATIO.get(result["case"]) if angles > 1 and not result["changed"] else None
    rows = [
        figure(f"peer's {word} time over ours", other[key] / result[key], "×", "≥", bound)
        for word, key in (("wall", "wall_s"), ("processor", "cpu_s"))
    ]
    rows += [
        figure("peer's wall time", other["wall_s"], "s"),
        figure("peer's processor time", other["cpu_s"], "s"),
        figure("peer's peak memory", other["peak_rss_mb"], "MB"),
        figure("largest difference to the peer's temperatures", _apart(result, other), "°C"),
    ]  # fmt: skip
    if "largest_error_degc" in other:
        own = largest(result["against_reference"], "temperature")
        rows += [
            figure("peer's largest error of temperature", other["largest_error_degc"], "°C"),
            figure("our error over the peer's", own / other["largest_error_degc"], "×", "≤", 1.0),
        ]
    return rows


def _apart(result: dict[str, Any], other: dict[str, Any]) -> float:
    return max(
        abs(one["temperature_C"][name] - two["temperature_C"][name])
        for one, two in zip(result["results"], other["results"], strict=True)
        for name in set(one["temperature_C"]) & set(two["temperature_C"])
    )
