"""`python -m benchmarks NAME --json`: one JSON object with figures and whether bounds hold."""

from __future__ import annotations

import argparse
import importlib
import sys

from . import tables

NAMES = ("anatomy", "curved_tool", "planning", "speed", "heat_uncertainty", "registration",
         "registration_spoilt", "registration_trust")  # fmt: skip
OWN_ARGUMENTS = ("ablation", "ablation_published", "fluoroscopy", "registration_false_good", "web")


def main() -> int:
    """Run one benchmark."""
    if len(sys.argv) > 1 and sys.argv[1] in OWN_ARGUMENTS:
        return int(importlib.import_module(f"benchmarks.{sys.argv[1]}").main(sys.argv[2:]))
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=NAMES + OWN_ARGUMENTS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--save", action="store_true", help="into results/ and README.md")
    given = parser.parse_args()
    figures = importlib.import_module(f"benchmarks.{given.name}").run(given.seed, given.count)
    result = tables.result(given.name, figures, seed=given.seed, count=given.count)
    if given.save:
        tables.stored(result)
    tables.told(result, as_json=given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
