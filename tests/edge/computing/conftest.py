"""A clinic with a treated patient, on both databases."""

from tests.edge.store.conftest import (
    clock,
    made_database,
    made_file,
    opened,
    other,
    server,
    store,
    team,
    url,
)

__all__ = [
    "clock",
    "made_database",
    "made_file",
    "opened",
    "other",
    "server",
    "store",
    "team",
    "url",
]
