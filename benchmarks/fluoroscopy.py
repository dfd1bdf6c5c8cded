"""Line integrals of the shared CT: accuracy against exact rays, time, memory, and a peer beside.

The definition (CT, attenuation, C-arm, six views, exact float64 rays) lies outside the repository,
in `--reference`, and is made by other code. The CT is that of the demonstration.

A pose file has `primary_deg` and `secondary_deg` (DICOM XA) and may have `isocentre_lps_mm`,
`source_detector_mm`, `source_isocentre_mm` and `detector_side_mm`, named and meant as in the
definition's reference.json, whose values count where they are left out.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from basivert.constants.load import builtin
from basivert.edge.imaging.demo_ct import fetch_demo
from basivert.edge.imaging.volumes import read_volume
from basivert.fluoroscopy.attenuation import Attenuation, attenuation
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.project import line_integrals
from basivert.fluoroscopy.stack import Stack, axis, stacked
from basivert.workflow.progress import silent

from . import tables
from .figures import figure
from .fluoroscopy_peer import peers

REFERENCE = Path(__file__).parents[2] / "shared" / "benchmarks" / "fluoroscopy"
# Voxels of a slab that each kind of picture is rendered with.
VOXELS = {"full": 4, "bones": 1}
SIZES = (256, 512)
NCC, RMS = 0.9995, 0.005
FRAME_MS = {("full", 512): 100.0, ("bones", 512): 40.0}
FIRST_S, PEAK_MIB = 1.5, 1024.0
FRAMES = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The CT as attenuation, whole or bones alone, and the stacks that views have asked for."""

    volume: Attenuation
    voxels: int
    stacks: dict[int, Stack] = field(default_factory=dict[int, Stack])

    def picture(self, carm: CArm) -> np.ndarray:
        """Line integrals for one position."""
        along = axis(self.volume, carm)
        if along not in self.stacks:
            self.stacks[along] = stacked(self.volume, along, self.voxels)
        return line_integrals(self.stacks[along], carm)


def main(words: list[str]) -> int:
    """Parse, render or measure, tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks fluoroscopy")
    parser.add_argument(
        "--pose", type=Path, help="JSON file; without it all six views are measured"
    )
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--bones", action="store_true", help="bones alone")
    parser.add_argument("--save", type=Path, help="line integrals of --pose as float32 .npy")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--reference", type=Path, default=REFERENCE)
    parser.add_argument("--peer", type=Path, help="Python that has nanodrr, diffdrr and nibabel")
    parser.add_argument("--record", action="store_true", help="into results/ and README.md")
    given = parser.parse_args(words)
    told = json.loads((given.reference / "reference.json").read_text(encoding="utf-8"))
    if given.pose is not None:
        return _one(given, told)
    rows = [row for kind in VOXELS for row in measured(kind, told, given.reference)]
    if given.peer is not None:
        rows += peers(given.peer, given.reference, rows)
    result = {
        "benchmark": "fluoroscopy", "figures": rows, **_where(),
        "holds": all(row["holds"] for row in rows if row["bound"] is not None),
    }  # fmt: skip
    if given.record:
        tables.stored(result)
    tables.told(result, as_json=given.json)
    return 0


def _one(given: argparse.Namespace, told: Mapping[str, Any]) -> int:
    """One pose: picture, times, file."""
    pose = json.loads(given.pose.read_text(encoding="utf-8"))
    kind = "bones" if given.bones else "full"
    reset_peak()
    scan = loaded(kind, told)
    carm = placed(pose, given.size, told)
    picture, first, wall, spent = timed(scan, carm)
    if given.save is not None:
        with given.save.open("wb") as file:
            np.save(file, picture)
    result = {
        "benchmark": "fluoroscopy", "kind": kind, "model": "trilinear", "size": given.size,
        "pose": pose, "first_ms": first, "best_ms": wall, "processor_ms": spent,
        "peak_mib": peak_mib(), "mean": float(picture.mean()), **_where(),
        "saved": None if given.save is None else str(given.save),
    }  # fmt: skip
    print(json.dumps(result, indent=None if given.json else 1))
    return 0


def measured(kind: str, told: Mapping[str, Any], reference: Path) -> list[dict[str, Any]]:
    """Figures of one kind of picture at both sizes, over all views."""
    exact, rows = np.load(reference / "reference_rays.npz"), list[dict[str, Any]]()
    scan = loaded(kind, told)
    reset_peak()
    firsts: list[float] = []
    for size in SIZES:
        walls, spents, correlations, errors = {}, [], [], []
        for name, view in told["views"].items():
            picture, first, walls[name], spent = timed(scan, placed(view, size, told))
            if size == SIZES[0] and name in ("ap", "lateral"):
                firsts.append(first / 1000)
            spents.append(spent)
            every = size // 64
            found = picture[every // 2 :: every, every // 2 :: every].ravel().astype(float)
            true = exact[f"{kind}/{name}/{size}/trilinear"].ravel().astype(float)
            correlations.append(np.corrcoef(found, true)[0, 1])
            errors.append(np.sqrt(((found - true) ** 2).mean() / (true**2).mean()))
        head = f"{kind} {size}: "
        slowest = max(walls, key=lambda name: walls[name])
        rows += [
            figure(head + "smallest correlation", min(correlations), "1", "≥", NCC),
            figure(head + "largest relative rms", 100 * max(errors), "%", "≤", 100 * RMS),
            figure(f"{head}frame, slowest view ({slowest}), best of {FRAMES}", walls[slowest], "ms",
                   "≤", FRAME_MS.get((kind, size))),
            figure(f"{head}frame, mean of views", np.mean(list(walls.values())), "ms"),
            figure(head + "processor time of a frame, mean of views", np.mean(spents), "ms"),
        ]  # fmt: skip
    rows += [
        figure(f"{kind}: first frame of a new voxel axis, slower of two", max(firsts), "s", "≤",
               FIRST_S),
        figure(f"{kind}: peak memory, both axes laid out", peak_mib(), "MiB", "≤", PEAK_MIB),
    ]  # fmt: skip
    return rows


def loaded(kind: str, told: Mapping[str, Any]) -> Scan:
    """The demonstration's CT, whole or with everything but bone at zero."""
    demo = fetch_demo(silent)[0]
    ct, _ = read_volume(demo.ct, "HU")
    whole = attenuation(ct, builtin("xray"))
    if kind == "full":
        return Scan(volume=whole, voxels=VOXELS[kind])
    labels, _ = read_volume(demo.labels, "label")
    held = np.isin(np.arange(256), told["attenuation_60kev"]["bone_labels"])
    values = np.where(held[labels.values.astype(np.uint8)], whole.values, np.float32(0))
    return Scan(volume=Attenuation(values=values, lps_from_index=whole.lps_from_index),
                voxels=VOXELS[kind])  # fmt: skip


def placed(pose: Mapping[str, Any], size: int, told: Mapping[str, Any]) -> CArm:
    """The C-arm of a pose; what it leaves out is the definition's."""
    usual = told["carm"] | {"isocentre_lps_mm": told["isocentre_lps_mm"]} | dict(pose)
    side = float(usual["detector_side_mm"])
    return CArm(
        primary_deg=float(usual["primary_deg"]), secondary_deg=float(usual["secondary_deg"]),
        isocentre=np.array(usual["isocentre_lps_mm"], dtype=float),
        source_isocentre_mm=float(usual["source_isocentre_mm"]),
        source_detector_mm=float(usual["source_detector_mm"]),
        detector=Detector(side_mm=(side, side), pixels=(size, size), offset_mm=(0.0, 0.0)),
    )  # fmt: skip


def timed(scan: Scan, carm: CArm) -> tuple[np.ndarray, float, float, float]:
    """The picture; ms of the first frame, of the best of several, and of processor time."""
    start = time.perf_counter()
    picture = scan.picture(carm)
    first = 1000 * (time.perf_counter() - start)
    walls, spents = [], []
    for _ in range(FRAMES):
        start, begin = time.perf_counter(), time.process_time()
        scan.picture(carm)
        walls.append(1000 * (time.perf_counter() - start))
        spents.append(1000 * (time.process_time() - begin))
    return picture, first, min(walls), min(spents)


def reset_peak() -> None:
    """Forget the peak of memory so far, where the system allows it."""
    place = Path("/proc/self/clear_refs")
    if place.exists():
        place.write_text("5", encoding="ascii")


def peak_mib() -> float:
    """Largest resident memory since `reset_peak`, MiB; not a number outside Linux."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(x for x in status.read_text("ascii").splitlines() if x.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def _where() -> dict[str, Any]:
    return {
        "versions": {name: version(name) for name in ("basivert", "numpy", "numba")},
        "machine": {"system": platform.platform(), "python": platform.python_version(),
                    "cores": os.cpu_count(), "load": os.getloadavg()[0]},
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
