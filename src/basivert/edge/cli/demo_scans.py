"""The scans of the demonstration: real ones where they can be had, else a virtual patient.

Loads no more than reading needs, so that scans are read while the rest of the program is loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from basivert.constants.load import TableOf
from basivert.edge.imaging import demo_ct
from basivert.edge.imaging.case import read_case
from basivert.errors import ServiceError
from basivert.volume.model import Case
from basivert.workflow.progress import Progress


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scan:
    """One case of the demonstration.

    read: gives it.  levels: to plan; None for all.  files: scan and labels; None for a virtual
    patient, made from `seed`.
    """

    name: str
    read: Callable[[], Case]
    levels: tuple[str, ...] | None
    files: tuple[Path, Path] | None
    seed: int


def real_or_virtual(say: Progress, seed: int, table: TableOf) -> list[Scan]:
    """The public scans with their licences on the error stream; without network the other."""
    try:
        fetched = demo_ct.fetch_demo(say)
    except ServiceError as cause:
        sys.stderr.write(f"basivert: {cause.what}\n  Going on with the virtual patient.\n")
        return virtual(seed)
    for scan in fetched:
        sys.stderr.write(f"{scan.name}: {scan.licence}. {scan.attribution}\n")
    return [Scan(
        name=scan.name, read=partial(read_case, scan.ct, scan.labels, table=table),
        levels=scan.levels, files=(scan.ct, scan.labels), seed=seed,
    ) for scan in fetched]  # fmt: skip


def virtual(seed: int) -> list[Scan]:
    """The virtual patient alone."""
    return [Scan(
        name="virtual-patient", read=partial(_virtual_case, seed), levels=None, files=None,
        seed=seed,
    )]  # fmt: skip


def _virtual_case(seed: int) -> Case:
    from basivert.edge.imaging.phantom_files import virtual_case

    return virtual_case(seed)
