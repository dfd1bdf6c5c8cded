"""`basivert demo`: loaded only when it runs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from basivert.edge.cli.demo_scans import real_or_virtual, virtual
from basivert.edge.cli.own_tables import own_tables
from basivert.edge.cli.progress import Shown
from basivert.workflow.progress import part

# Share of the time that fetching takes.
FETCHED = 0.05


def demo(
    out: Path, *, seed: int, samples: int, offline: bool, tables: Path | None, as_json: bool
) -> None:
    """Plans and heat of real scans when they can be had, else of the virtual patient."""
    say, own = Shown(), own_tables(tables)
    fetching = part(say, 0.0, FETCHED)
    scans = virtual(seed) if offline else real_or_virtual(fetching, seed, own.table)
    with ThreadPoolExecutor(len(scans)) as readers:
        reading = [readers.submit(scan.read) for scan in scans]
        # Reading leaves Python's lock: most of the program is loaded meanwhile.
        from basivert.edge.cli.demo_case import demonstrate

        demonstrate(
            out, scans, [case.result for case in reading], say, part(say, FETCHED, 1.0),
            seed=seed, samples=samples, own=own, as_json=as_json,
        )  # fmt: skip
