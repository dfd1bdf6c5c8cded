"""A plan read back from its folder, with the scan it was made on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from basivert.ablation.patient.model import Planned
from basivert.anatomy.model import Side
from basivert.edge.codec import SCHEMA, path_from
from basivert.edge.imaging.case import read_case
from basivert.edge.imaging.phantom_files import virtual_case
from basivert.errors import Finding, InputError
from basivert.fluoroscopy.model import Way
from basivert.instruments.load import read_instrument
from basivert.instruments.model import Instrument
from basivert.planning.model import Depths, worth
from basivert.volume.model import Case

FILES = ("ct", "labels", "label_map")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StoredPlan:
    """What `plan.json` holds, as far as later steps need it.

    plans: level → its plans in their order.  ways: the same as the C-arm sees them.
    scan: as `scan_of` wrote it.  inputs: file name → SHA-256.  seed: of the plan.
    findings: about the whole scan.  digest: SHA-256 of plan.json itself.
    """

    instrument: Instrument
    plans: Mapping[str, tuple[Planned, ...]]
    ways: Mapping[str, tuple[Way, ...]]
    scan: Mapping[str, str | int]
    inputs: Mapping[str, str]
    seed: int
    findings: tuple[Finding, ...]
    digest: str


def scan_of(ct: Path, labels: Path, label_map: Path | None) -> dict[str, str | int]:
    """Where scan and labels lie, for `plan.json`."""
    found: dict[str, str | int] = {"ct": str(ct.resolve()), "labels": str(labels.resolve())}
    return found if label_map is None else found | {"label_map": str(label_map.resolve())}


def read_plan(folder: Path) -> StoredPlan:
    """Read a folder that `basivert plan` has written.

    Raises: InputError where it is not one, or its file was damaged or made by another version.
    """
    file = folder / "plan.json"
    try:
        content = file.read_bytes()
        document = json.loads(content.decode("utf-8"))
    except OSError as cause:
        raise InputError(
            f"{folder} holds no plan.json.", fix="Give a folder written by basivert plan."
        ) from cause
    except ValueError as cause:
        raise InputError(f"{file} is damaged: {cause}.", fix="Plan the case again.") from cause
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise InputError(
            f"{file} is not a plan of this version ({SCHEMA}).", fix="Plan the case again."
        )
    try:
        return _stored(document, hashlib.sha256(content).hexdigest())
    except (KeyError, TypeError, ValueError) as cause:
        raise InputError(
            f"{file} lacks or garbles {cause}.", fix="Plan the case again with this version."
        ) from cause


def _stored(document: Mapping[str, Any], sha256: str) -> StoredPlan:
    instrument = read_instrument(document["instrument"]["definition"])
    return StoredPlan(
        instrument=instrument,
        plans={
            row["level"]: tuple(
                _planned(plan, row["warnings"], instrument) for plan in row["plans"]
            )
            for row in document["vertebrae"]
        },
        ways={
            row["level"]: tuple(_way(row["level"], plan, instrument) for plan in row["plans"])
            for row in document["vertebrae"]
        },
        scan=document["scan"], inputs=document["inputs"], seed=int(document["seed"]),
        findings=_findings(document["warnings"]), digest=sha256,
    )  # fmt: skip


def _findings(rows: Sequence[Mapping[str, Any]]) -> tuple[Finding, ...]:
    return tuple(Finding(**row) for row in rows)


def _planned(
    plan: Mapping[str, Any], noticed: Sequence[Mapping[str, Any]], instrument: Instrument
) -> Planned:
    partner = plan["partner"]
    return Planned(
        side=plan["side"], rank=int(plan["rank"]), path=path_from(plan),
        partner=None if partner is None else path_from(partner), instrument=instrument,
        worth=worth(float(plan["p_reach"]["value"]), float(plan["p_breach"]["value"])),
        findings=_findings([*noticed, *plan["warnings"]]),
    )  # fmt: skip


def _way(level: str, plan: Mapping[str, Any], instrument: Instrument) -> Way:
    return Way(
        level=level, side=plan["side"], rank=int(plan["rank"]), route=plan["route"],
        path=path_from(plan), paired=plan["partner"] is not None,
        depths=Depths(**plan["depths_mm"]), instrument=instrument,
    )  # fmt: skip


def case_of(stored: StoredPlan, ct: Path | None, labels: Path | None) -> Case:
    """The scan a plan was made on.

    Args:
        stored: the plan.
        ct, labels: where the files are now, if they were moved.

    Raises: InputError where they are gone or are not the files the plan was made from.
    """
    if "virtual_seed" in stored.scan:
        return virtual_case(int(stored.scan["virtual_seed"]))
    places = {n: Path(str(stored.scan[n])) for n in FILES if n in stored.scan}
    places |= {n: p for n, p in (("ct", ct), ("labels", labels)) if p is not None}
    for name in ("ct", "labels"):
        if name not in places or not places[name].exists():
            raise InputError(
                f"The plan's {name} is not at {places.get(name, 'any known place')}.",
                fix=f"Give its place with --{name}.",
            )
        _same(places[name], stored.inputs)
    return read_case(places["ct"], places["labels"], places.get("label_map"))


def _same(place: Path, inputs: Mapping[str, str]) -> None:
    """The file is the one whose digest the plan carries."""
    if digest(place) not in inputs.values():
        raise InputError(
            f"{place} is not the file that the plan was made from (its SHA-256 differs).",
            fix="Give the original file, or plan again on this one.",
        )


def digest(path: Path) -> str:
    """SHA-256 of a file; of a folder, over its files in order of name."""
    found = hashlib.sha256()
    files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for file in files:
        found.update(file.read_bytes())
    return found.hexdigest()


def way_to(stored: StoredPlan, level: str, planned: Planned) -> tuple[Way, ...]:
    """What the C-arm shows of a chosen plan; of a pair both probes, the chosen side first."""
    same = [way for way in stored.ways[level] if way.rank == planned.rank]
    own = tuple(way for way in same if way.side == planned.side)
    return own if planned.partner is None else (*own, *(w for w in same if w not in own))


def chosen(
    stored: StoredPlan, levels: Sequence[str] | None, side: Side | None, rank: int | None
) -> dict[str, Planned]:
    """Level → the plan to compute: of the side worth more the first, or as asked for.

    Raises: InputError naming what is planned, when nothing fits.
    """
    wanted = levels or tuple(stored.plans)
    if absent := [level for level in wanted if level not in stored.plans]:
        raise InputError(
            f"{', '.join(absent)} not in the plan (it holds: {', '.join(stored.plans)}).",
            fix="Choose --levels from those.",
        )
    found: dict[str, Planned] = {}
    for level in wanted:
        fitting = [
            plan for plan in stored.plans[level]
            if side in (None, plan.side) and plan.rank == (rank or 1)
        ]  # fmt: skip
        if fitting:
            found[level] = max(fitting, key=lambda plan: plan.worth)
    if not found:
        raise InputError(
            "No plan fits that choice.", fix="Look at plan.json: which levels, sides and ranks."
        )
    return found
