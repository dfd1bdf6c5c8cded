"""How often is a wrong registration called good? Virtual patients with cases that cannot be right.

A case is judged as `basivert register` does: trust, each frame by itself, the other level's bone,
whose edges are then taken out.

`python -m benchmarks registration_false_good --cases 300 --log FILE` appends each case to FILE when
it ends and goes on where FILE stops: it may be run for hours and stopped at any time.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial.transform import Rotation
from scipy.stats import beta

from basivert.arrays import Affine
from basivert.constants.load import builtin
from basivert.edge.documents.xray_marks import pixels
from basivert.edge.imaging.frames import read_shots
from basivert.edge.imaging.xa_file import Origin, write_xa
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.hypotheses import turned_over
from basivert.fluoroscopy.image import usual_exposure
from basivert.fluoroscopy.register import Bone, bone
from basivert.geometry.rigid import moved
from basivert.phantom.model import VirtualSpine
from basivert.volume.model import Case
from basivert.workflow.fluoro_frame import fluoro_tables, patient_of, picture
from basivert.workflow.progress import silent
from basivert.workflow.standing import standing

from .patients import patients

RIGHT_MM = 1.0
KINDS = ("near", "noise", "far", "wrong bone", "mirrored", "noise", "angle", "far", "one mirrored",
         "near", "wrong bone", "angle")  # fmt: skip
# Degrees by which the angles of a lateral are said wrong.
OFF_DEG = {"angle": (6.0, 15.0), "slight angle": (1.5, 6.0)}
VIEWS = ((180.0, 0.0), (90.0, 0.0))
PLATE = Detector(side_mm=(280.0, 280.0), pixels=(320, 320), offset_mm=(0.0, 0.0))
FAR_MM = ((0.0, 0.0, 34.0), (0.0, 0.0, -34.0), (24.0, 0.0, 20.0), (-24.0, 0.0, -20.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One patient with frames.  bones: the level that is looked for, then the other one."""

    bones: tuple[Bone, Bone]
    frames: tuple[Frame, ...]


def main(argv: Sequence[str]) -> int:
    """Run cases until there are as many as wanted, then tell all that the log holds."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks registration_false_good")
    parser.add_argument("--cases", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--log", type=Path, required=True)
    every = sorted({*KINDS, *OFF_DEG})
    # The cases of each patient in turn; a log holds one choice of them.
    parser.add_argument("--kinds", nargs="+", choices=every, default=KINDS)
    given = parser.parse_args(argv)
    done = told(given.log)
    kinds = given.kinds
    number = len(done) // len(kinds)
    while len(done) < given.cases:
        for row in _of_patient(given.seed, number, kinds, len(done) % len(kinds)):
            with given.log.open("a", encoding="utf-8") as file:
                file.write(json.dumps(row) + "\n")
            done.append(row)
            if len(done) >= given.cases:
                break
        number += 1
    print(json.dumps(summary(done), indent=1))
    return 0


def told(log: Path) -> list[dict[str, Any]]:
    """What a log holds."""
    return (
        [json.loads(line) for line in log.read_text("utf-8").splitlines()] if log.exists() else []
    )


def summary(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Counts and exact bounds (Clopper-Pearson) of wrong ones that were called good."""
    wrong = [row for row in rows if not row["right"]]
    right = [row for row in rows if row["right"]]
    good = Counter(row["kind"] for row in wrong if row["verdict"] == "good")
    of = Counter(row["kind"] for row in wrong)
    hits, count = sum(good.values()), len(wrong)
    return {
        "cases": len(rows), "patients": len({row["patient"] for row in rows}), "wrong": count,
        "wrong_called_good": hits, "share": hits / max(count, 1),
        "interval_95": [_low(hits, count), _high(hits, count, 0.975)],
        "upper_95_one_sided": _high(hits, count, 0.95),
        "by_kind": {kind: f"{good[kind]} of {of[kind]}" for kind in of},
        "right": len(right), "right_called_good": sum(r["verdict"] == "good" for r in right),
    }  # fmt: skip


def _high(hits: int, count: int, level: float) -> float:
    return 1.0 if hits >= count else float(beta.ppf(level, hits + 1, count - hits))


def _low(hits: int, count: int) -> float:
    return 0.0 if hits == 0 else float(beta.ppf(0.025, hits, count - hits + 1))


def _of_patient(
    seed: int, number: int, kinds: Sequence[str], first: int
) -> Iterator[dict[str, Any]]:
    """The cases of one patient, from the one numbered `first`; each has its own seed."""
    ((spine, case),) = patients(seed, [number], "0.7x0.7x1")
    rng = np.random.default_rng([seed, number, 77])
    scenario = _scenario(spine, case, rng)
    for n, kind in enumerate(kinds):
        if n < first:
            continue
        found = _tried(scenario, kind, np.random.default_rng([seed, number, n]))
        yield {"patient": number, "kind": kind, **found}


def _scenario(spine: VirtualSpine, case: Case, rng: np.random.Generator) -> Scenario:
    table = builtin("registration")
    names = list(spine.vertebrae)
    wanted, other = names if rng.random() < 0.5 else names[::-1]
    bones = (bone(case.ct, case.labels, wanted, table), bone(case.ct, case.labels, other, table))
    isocentre = bones[0].fine.centre + np.array([0.0, -15.0, 0.0]) + rng.uniform(-12.0, 12.0, 3)
    carms = [_carm(p + rng.uniform(-8, 8), s + rng.uniform(-12, 12), isocentre) for p, s in VIEWS]
    return Scenario(bones=bones, frames=_shot(case, carms, int(rng.integers(2**31))))


def _carm(primary: float, secondary: float, isocentre: np.ndarray) -> CArm:
    return CArm(primary_deg=primary, secondary_deg=secondary, isocentre=isocentre,
                source_isocentre_mm=620.0, source_detector_mm=1020.0, detector=PLATE)  # fmt: skip


def _shot(case: Case, carms: Sequence[CArm], seed: int) -> tuple[Frame, ...]:
    """Frames as they come back from files."""
    tables, table, xray = fluoro_tables(), builtin("registration"), builtin("xray")
    patient = patient_of(case.ct, tables)
    found: list[Frame] = []
    with TemporaryDirectory() as place:
        for n, carm in enumerate(carms):
            shown = picture(patient, (), carm, usual_exposure(xray), tables, seed + n)
            file = Path(place) / f"{n}.dcm"
            write_xa(file, pixels(shown, "frame", 16), shown,
                     Origin(study="s", view="frame", kilovolts=80.0))  # fmt: skip
            found.append(read_shots([file], None, carm.isocentre, table, xray)[0].frame)
    return tuple(found)


def _tried(scenario: Scenario, kind: str, rng: np.random.Generator) -> dict[str, Any]:
    chosen, frames, start = scenario.bones[0], scenario.frames, _rough(scenario, kind, rng)
    if kind == "wrong bone":
        chosen = scenario.bones[1]
        start[:3, 3] += scenario.bones[0].fine.centre - chosen.fine.centre
    elif kind == "noise":
        frames = tuple(_noise(one, rng) for one in frames)
    elif kind == "mirrored":
        frames = tuple(turned_over(one) for one in frames)
    elif kind == "one mirrored":
        frames = (turned_over(frames[0]), frames[1])
    elif kind in OFF_DEG:
        frames = (frames[0], _off(frames[1], OFF_DEG[kind], rng))
    others = [one for one in scenario.bones if one is not chosen]
    found = standing(chosen, others, frames, start, "exact", builtin("registration"), rng,
                     silent).found  # fmt: skip
    some = chosen.fine.points[::50] + chosen.fine.centre
    away = float(np.linalg.norm(moved(found.room_from_ct, some) - some, axis=1).mean())
    return {
        "right": kind not in ("noise", "mirrored", "one mirrored") and away <= RIGHT_MM,
        "verdict": found.trust.verdict, "error_mm": away, "evidence": found.evidence,
        "rival": found.rival, "flatness": found.trust.flatness,
    }  # fmt: skip


def _rough(scenario: Scenario, kind: str, rng: np.random.Generator) -> Affine:
    """A start within 10 mm and 10°; far ones a level or more away."""
    shift, turn = rng.uniform(-10, 10, 3), rng.uniform(-10, 10, 3)
    if kind == "far":
        shift = shift + np.array(FAR_MM[rng.integers(len(FAR_MM))])
    pivot = scenario.bones[0].fine.centre
    start = np.eye(4)
    start[:3, :3] = Rotation.from_euler("xyz", turn, degrees=True).as_matrix()
    start[:3, 3] = pivot - start[:3, :3] @ pivot + shift
    return start


def _noise(frame: Frame, rng: np.random.Generator) -> Frame:
    """No bone: quantum noise on blobs of all sizes, as strong as the frame itself."""
    made = np.zeros(frame.picture.shape)
    for size in (0.0, 1.0, 3.0, 8.0, 25.0, 60.0):
        field = gaussian_filter(rng.normal(size=made.shape), size)
        made += rng.uniform(0.1, 1.0) * field / field.std()
    made *= float(frame.picture.std()) / made.std()
    return replace(frame, picture=made.astype(np.float32))


def _off(frame: Frame, least_most: tuple[float, float], rng: np.random.Generator) -> Frame:
    """The angles of a lateral said wrong by so many degrees."""
    by, way = rng.uniform(*least_most), rng.uniform(0.0, 2.0 * np.pi)
    carm = frame.carm
    return replace(frame, carm=replace(
        carm, primary_deg=carm.primary_deg + by * float(np.cos(way)),
        secondary_deg=carm.secondary_deg + by * float(np.sin(way)),
    ))  # fmt: skip
