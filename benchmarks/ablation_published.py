"""Heat: published measurements and models beside this solver. Nothing is tuned to fit.

`python -m benchmarks ablation_published [--json] [--save]`
"""

from __future__ import annotations

import argparse
import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from . import tables
from .ablation_setups import Row
from .published_bone import cadaver, default_burn, osteoid, pig
from .published_needle import checks, largest_width, trends

RESULT = Path(__file__).parent / "results" / "ablation_published.json"


def main(arguments: list[str]) -> int:
    """Solve, set side by side, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ablation_published",
                                     description=__doc__)  # fmt: skip
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--save", action="store_true", help="into results/ and README.md")
    given = parser.parse_args(arguments)
    rows: list[Row] = [
        row for part in (default_burn, osteoid, trends, checks, largest_width, pig, cadaver)
        for row in part()
    ]  # fmt: skip
    result: dict[str, Any] = {
        "benchmark": "ablation_published", "rows": rows,
        "versions": {name: version(name) for name in ("basivert", "numpy", "scipy", "numba")},
        "machine": {"system": platform.platform(), "python": platform.python_version(),
                    "cores": os.cpu_count()},
    }  # fmt: skip
    if given.save:
        RESULT.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        tables.main()
    if given.json:
        print(json.dumps(result))
    else:
        for row in rows:
            print(f"{row['what']}\n    published: {row['published']}\n    here: {row['here']}\n"
                  f"    {row['note']}")  # fmt: skip
    return 0
