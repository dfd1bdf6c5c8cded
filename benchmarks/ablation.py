"""Heat: a case of the shared benchmark, with any constant changed, against reference and peer.

`python -m benchmarks ablation --case A|B|C [--set NAME=VALUE …] [--peer] [--json]`
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from basivert.ablation.ablate import Ablation, ablate
from basivert.ablation.fields import Fields
from basivert.ablation.lesion import above

from .ablation_cases import TIMES_S, Case, case, parameters
from .figures import figure

SHARED = Path(__file__).parents[1] / ".." / "shared" / "benchmarks" / "ablation"
BOUND_S = {"A": 1.0, "B": 2.0, "C": 2.0}
BOUND_RATIO = {"A": 60.0, "C": 150.0}
WITHIN = {"degc": 0.5, "power": 0.02, "volume": 0.03}
RUNS = 3


def main(arguments: list[str]) -> int:
    """Solve, compare, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ablation", description=__doc__)
    parser.add_argument("--case", choices="ABC", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--peer", action="store_true", help="run the finite-element peer too")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args(arguments)
    result = measured(given.case, given.set)
    if given.peer:
        result["peer"] = peer(given.case, given.set)
        if "wall_s" in result["peer"]:
            ratio = result["peer"]["wall_s"] / result["wall_s"]
            bound = BOUND_RATIO.get(given.case)
            result["figures"].append(figure("faster than the peer", ratio, "×", "≥", bound))
    result["holds"] = all(f["holds"] for f in result["figures"])
    if given.json:
        print(json.dumps(result))
    else:
        _show(result)
    return 0


def measured(name: str, changes: list[str]) -> dict[str, Any]:
    """Solve one case; the first call also loads compiled code, the median of later ones counts."""
    p = parameters(changes)
    problem = case(name, p)
    walls: list[float] = []
    processor: list[float] = []

    def timed() -> Ablation:
        begun, used = time.perf_counter(), time.process_time()
        solved = _solved(problem, p)
        walls.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
        return solved

    answer = timed()
    for _ in range(RUNS):
        answer = timed()
    rows = [_row(problem, f, answer) for f in answer.moments]
    wall = float(np.median(walls[1:]))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = [
        figure("wall time", wall, "s", "≤", BOUND_S[name]),
        figure("peak memory", memory, "MB", "≤", 500.0),
        figure("energy balance", 100 * answer.balance.error, "%", "≤", 0.5),
    ]
    if not changes and (SHARED / "reference.json").is_file():
        figures += _against_reference(name, rows)
    return {
        "benchmark": "ablation", "case": name, "changed": changes, "results": rows,
        "wall_s": wall, "first_call_s": walls[0], "cpu_s": float(np.median(processor[1:])),
        "peak_rss_mb": memory, "energy_balance": _balance(answer),
        "nodes": answer.effort.nodes, "steps": answer.effort.steps,
        "sweeps": [answer.effort.field_sweeps, answer.effort.heat_sweeps], "figures": figures,
    }  # fmt: skip


def _solved(problem: Case, p: dict[str, float]) -> Ablation:
    moments = tuple(t for t in TIMES_S if t < p["duration"])
    return ablate(
        problem.probe, problem.tissue, problem.materials, problem.physics, problem.drive,
        moments_s=moments, resolution=problem.resolution,
    )  # fmt: skip


def _balance(answer: Ablation) -> dict[str, float]:
    b = answer.balance
    return {"given_j": b.given_j, "stored_j": b.stored_j, "perfused_j": b.perfused_j,
            "conducted_j": b.conducted_j, "error": b.error}  # fmt: skip


def _row(problem: Case, fields: Fields, answer: Ablation) -> dict[str, Any]:
    """One moment in the peer's words."""
    read = fields.sampled(np.array(list(problem.points.values())))
    course = answer.course
    at = int(np.argmin(np.abs(course.time_s - fields.time_s)))
    by_name = dict(zip(problem.points, range(len(problem.points)), strict=True))
    omega = read.omega["benchmark"]
    row: dict[str, Any] = {
        "time_s": fields.time_s, "voltage_V": float(course.voltage_v[at]),
        "power_W": float(course.power_w[at]), "resistance_ohm": float(course.impedance_ohm[at]),
        "temperature_C": {n: float(read.temperature_degc[i]) for n, i in by_name.items()},
        "omega": {n: float(omega[i]) for n, i in by_name.items()},
        "cem43_min": {n: float(read.cem43_min[i]) for n, i in by_name.items()},
    }  # fmt: skip
    row["temperature_C"]["sensor"] = float(course.sensor_degc[at])
    levels = {
        "T50": (fields.temperature_degc, 50.0), "omega1": (fields.log_omega["benchmark"], 0.0),
        "cem240": (fields.log_cem43, float(np.log(240.0))),
    }  # fmt: skip
    for name, (values, threshold) in levels.items():
        row |= _sizes(problem, name, above(fields, values, threshold))
    return row


def _sizes(problem: Case, name: str, region: Any) -> dict[str, float]:
    if region is None:
        return {f"{name}.volume_ml": 0.0}
    found = {f"{name}.volume_ml": region.volume_ml}
    for axis, direction in problem.directions.items():
        low, high = region.extent_mm(direction)
        found |= {f"{name}.{axis}_min_mm": low, f"{name}.{axis}_max_mm": high}
    return found


def _against_reference(name: str, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Largest differences to the shared reference, over all listed times."""
    values = json.loads((SHARED / "reference.json").read_text(encoding="utf-8"))[name]["values"]
    degc, power, volume, millimetres = [0.0], [0.0], [0.0], [0.0]
    for row in rows:
        for key, true in values[f"{row['time_s']:g}"].items():
            if key.startswith("T."):
                degc.append(abs(row["temperature_C"][key[2:]] - true["value"]))
            elif key == "power_W":
                power.append(abs(row[key] / true["value"] - 1))
            elif key.endswith("volume_ml"):
                volume.append(abs(row[key] / true["value"] - 1))
            elif key.endswith("_mm") and key in row:
                millimetres.append(abs(row[key] - true["value"]))
    return [
        figure("largest error of a temperature", max(degc), "°C", "≤", WITHIN["degc"]),
        figure("largest error of power", 100 * max(power), "%", "≤", 100 * WITHIN["power"]),
        figure("largest error of a volume", 100 * max(volume), "%", "≤", 100 * WITHIN["volume"]),
        figure("largest error of an extent", max(millimetres), "mm"),
    ]


def peer(name: str, changes: list[str]) -> dict[str, Any]:
    """The finite-element peer on the same problem, in three dimensions; or why it did not run."""
    script = SHARED / "peer_ngsolve.py"
    if not script.is_file():
        return {"skipped": "the shared benchmark is not beside this checkout"}
    if importlib.util.find_spec("ngsolve") is None:
        return {"skipped": "ngsolve is not installed: pip install ngsolve"}
    command = [sys.executable, str(script), "--case", name, "--dim", "3"]
    for change in changes:
        command += ["--set", change]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return {"skipped": done.stderr.strip()[-500:]}
    told = json.loads(done.stdout)
    found = {"wall_s": told["wall_s"]["total"], "cpu_s": told["cpu_s"],
             "peak_rss_mb": told["peak_rss_mb"], "unknowns": told["unknowns_heat"]}  # fmt: skip
    if not changes:
        values = json.loads((SHARED / "reference.json").read_text(encoding="utf-8"))[name]["values"]
        found["largest_error_degc"] = max(
            abs(row["temperature_C"][key[2:]] - true["value"])
            for row in told["results"]
            for key, true in values[f"{row['time_s']:g}"].items()
            if key.startswith("T.")
        )
    return found


def _show(result: dict[str, Any]) -> None:
    for row in result["results"]:
        print(f"t {row['time_s']:5g} s  U {row['voltage_V']:.3f} V  P {row['power_W']:.4f} W")
        print("   " + "  ".join(f"{n} {v:.2f}" for n, v in row["temperature_C"].items()))
        print("   " + "  ".join(f"{n} {v:.3f}" for n, v in row.items() if n.endswith("volume_ml")))
    for f in result["figures"]:
        bound = "" if f["bound"] is None else f"  bound {f['sense']} {f['bound']:g}"
        print(
            f"{f['name']:40} {f['value']:9.3f} {f['unit']}{bound}{'' if f['holds'] else '  MISSED'}"
        )
    if "peer" in result:
        print("peer:", result["peer"])
