"""What a result was made from, so that it can be made again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Everything that decides the numbers.

    inputs: file name → SHA-256.  editions: table name → edition used, a clinic's changes included.
    versions: package → version.  seed: of all random draws.
    """

    inputs: Mapping[str, str]
    editions: Mapping[str, str]
    versions: Mapping[str, str]
    seed: int
