"""Heat: a case of the shared benchmark, with any constant changed, against reference and peer.

`python -m benchmarks ablation --case A|B|C [--set NAME=VALUE …] [--angles N] [--peer] [--sizes]
[--json] [--save]`
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from basivert.ablation.ablate import Ablation, ablate
from basivert.ablation.fields import Fields
from basivert.ablation.lesion import above
from basivert.errors import BasivertError

from . import ablation_peer, ablation_reference, tables
from .ablation_cases import TIMES_S, Case, case, parameters
from .ablation_orders import sizes
from .figures import figure

BOUND_S = {"A": 1.0, "B": 2.0, "C": 2.0}
RUNS = 3
RESULT = Path(__file__).parent / "results" / "ablation.json"


def main(arguments: list[str]) -> int:
    """Solve, compare, print."""
    given = _parser().parse_args(arguments)
    try:
        result = measured(given.case, given.set, given.angles, given.shared)
        if given.sizes:
            orders = sizes(_problem(given.case, given.set, given.angles), _solved)
            result["figures"] += orders.pop("figures")
            result["sizes"] = orders
    except BasivertError as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    if given.peer:
        _with_peer(result, given)
    result["holds"] = all(f["holds"] for f in result["figures"])
    if given.save:
        _save(result)
    if given.json:
        print(json.dumps(result))
    else:
        _show(result)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks ablation", description=__doc__)
    parser.add_argument("--case", choices="ABC", required=True)
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE",
                        help="any constant of the case, also REGION_FIELD")  # fmt: skip
    parser.add_argument("--angles", type=int, metavar="N",
                        help="nodes around the probe: 16 solves A and B in 3-D")  # fmt: skip
    parser.add_argument("--peer", action="store_true", help="run the finite-element peer too")
    python = os.environ.get(ablation_peer.ENVIRONMENT, sys.executable)
    parser.add_argument(
        "--peer-python", metavar="PATH", default=python,
        help=f"Python that has ngsolve; default ${ablation_peer.ENVIRONMENT}, else this one",
    )  # fmt: skip
    parser.add_argument(
        "--shared", type=Path, metavar="FOLDER",
        help=f"shared benchmark; default ${ablation_reference.ENVIRONMENT}, else beside here",
    )  # fmt: skip
    parser.add_argument("--sizes", action="store_true", help="cost and error over grids and steps")
    parser.add_argument("--save", action="store_true", help="into results/ and README.md")
    parser.add_argument("--json", action="store_true")
    return parser


def _with_peer(result: dict[str, Any], given: argparse.Namespace) -> None:
    """The peer in the same run, and the product once more after it."""
    shared = ablation_reference.folder(given.shared)
    other = ablation_peer.peer(given.case, given.set, given.peer_python, shared)
    result["peer"] = other
    if "skipped" in other:
        return
    problem = _problem(given.case, given.set, given.angles)
    _, walls, processor = _timed(problem)
    result["wall_s"] = float(np.median([result["wall_s"], *walls]))
    result["cpu_s"] = float(np.median([result["cpu_s"], *processor]))
    for f in result["figures"]:
        key = {"wall time": "wall_s", "processor time": "cpu_s"}.get(f["name"])
        if key:
            f |= figure(f["name"], result[key], f["unit"], f["sense"], f["bound"])
    result["figures"] += ablation_peer.against(result, other, problem.resolution.angles)


def _problem(name: str, changes: list[str], angles: int | None) -> Case:
    found = case(name, parameters(changes))
    if angles is None:
        return found
    return replace(found, resolution=replace(found.resolution, angles=angles))


def measured(
    name: str, changes: list[str], angles: int | None = None, shared: Path | None = None
) -> dict[str, Any]:
    """Solve one case; the first call also loads compiled code, the median of later ones counts."""
    problem = _problem(name, changes, angles)
    begun = time.perf_counter()
    answer = _solved(problem)
    first = time.perf_counter() - begun
    answer, walls, processor = _timed(problem)
    rows = [_row(problem, f, answer) for f in answer.moments]
    wall, used = float(np.median(walls)), float(np.median(processor))
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    apart = (
        [] if changes else ablation_reference.differences(
            name, rows, ablation_reference.folder(shared))
    )  # fmt: skip
    figures = [
        figure("wall time", wall, "s", "≤", BOUND_S[name]),
        figure("processor time", used, "s"),
        figure("peak memory", memory, "MB", "≤", 500.0),
        figure("energy balance", 100 * answer.balance.error, "%", "≤", 0.5),
        *ablation_reference.figures(apart),
    ]
    return {
        "benchmark": "ablation", "case": name, "changed": changes, "results": rows,
        "against_reference": apart, "wall_s": wall, "first_call_s": first, "cpu_s": used,
        "peak_rss_mb": memory, "energy_balance": _balance(answer),
        "nodes": answer.effort.nodes, "steps": answer.effort.steps,
        "sweeps": [answer.effort.field_sweeps, answer.effort.heat_sweeps], "figures": figures,
        "versions": {name: version(name) for name in ("basivert", "numpy", "scipy", "numba")},
        "machine": {"system": platform.platform(), "python": platform.python_version(),
                    "cores": os.cpu_count(), "load": os.getloadavg()[0]},
    }  # fmt: skip


def _timed(problem: Case) -> tuple[Ablation, list[float], list[float]]:
    walls: list[float] = []
    processor: list[float] = []
    answer = None
    for _ in range(RUNS):
        begun, used = time.perf_counter(), time.process_time()
        answer = _solved(problem)
        walls.append(time.perf_counter() - begun)
        processor.append(time.process_time() - used)
    assert answer is not None
    return answer, walls, processor


def _solved(problem: Case) -> Ablation:
    moments = tuple(t for t in TIMES_S if t < problem.drive.duration_s)
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


def _show(result: dict[str, Any]) -> None:
    for row in result["results"]:
        print(f"t {row['time_s']:5g} s  U {row['voltage_V']:.3f} V  P {row['power_W']:.4f} W")
        print("   " + "  ".join(f"{n} {v:.2f}" for n, v in row["temperature_C"].items()))
        print("   " + "  ".join(f"{n} {v:.3f}" for n, v in row.items() if n.endswith("volume_ml")))
    for f in result["figures"]:
        bound = "" if f["bound"] is None else f"  bound {f['sense']} {f['bound']:g}"
        print(
            f"{f['name']:48} {f['value']:9.3f} {f['unit']}{bound}{'' if f['holds'] else '  MISSED'}"
        )
    for kind, rows in result.get("sizes", {}).items():
        print(f"{kind}: unknowns, steps, processor s, largest °C, power %")
        for r in rows:
            print(f"  {r['unknowns']:8} {r['steps']:5} {r['cpu_s']:8.3f} {r['degc']:8.4f} "
                  f"{r['power']:8.4f}")  # fmt: skip
    if "skipped" in result.get("peer", {}):
        print("peer:", result["peer"]["skipped"])


def _save(result: dict[str, Any]) -> None:
    """Into the results' file, beside those of the other cases and grids."""
    saved = json.loads(RESULT.read_text("utf-8")) if RESULT.is_file() else {"runs": {}}
    label = result["case"] + "".join(f" {c}" for c in result["changed"])
    label += " 3-D" if result["nodes"] > 1e4 and result["case"] != "C" else ""
    label += ", beside the peer" if "skipped" not in result.get("peer", {"skipped": ""}) else ""
    kept = {k: result[k] for k in ("figures", "versions", "machine", "nodes", "steps", "cpu_s",
                                   "wall_s")}  # fmt: skip
    kept |= {k: result[k] for k in ("sizes",) if k in result}
    if "peer" in result:
        kept["peer"] = {k: v for k, v in result["peer"].items() if k != "results"}
    runs = {**saved["runs"], label: kept}
    figures = [
        {**f, "name": f"{name}: {f['name']}"}
        for name in sorted(runs)
        for f in runs[name]["figures"]
    ]
    whole = {"benchmark": "ablation", "figures": figures, "runs": runs,
             "holds": all(f["holds"] for f in figures),
             "versions": result["versions"], "machine": result["machine"]}  # fmt: skip
    RESULT.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    tables.main()
