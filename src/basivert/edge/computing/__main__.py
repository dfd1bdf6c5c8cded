"""One turn for one clinic in a process of its own; told by standard input, never by arguments.

A database's address may hold a password, and the arguments of a process are open to all.
"""

from __future__ import annotations

import json
import os
import sys

from basivert.edge.computing.turn import turn
from basivert.edge.store.engine import open_store


def main() -> None:
    """Read what is asked, do it, end."""
    asked = json.loads(sys.stdin.read())
    # Pages come first.
    if hasattr(os, "nice"):
        os.nice(10)
    store = open_store(asked["database"])
    try:
        turn(store, int(asked["clinic"]), str(asked["worker"]))
    finally:
        store.close()


if __name__ == "__main__":
    main()
