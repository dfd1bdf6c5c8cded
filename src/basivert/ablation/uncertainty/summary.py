"""Intervals and Sobol indices of sampled results."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from basivert.ablation.uncertainty import expansion
from basivert.ablation.uncertainty.model import Endpoint, Factor, Index, Quantity
from basivert.arrays import Matrix, Vector
from basivert.estimate import Estimate

LEVEL = 0.9
ENDPOINT = "endpoint.choice"
# Numbers that spread over decades are explained by their logarithm.
LOGARITHMIC = ("cem43_min",)


def columns(
    factors: Sequence[Factor], x: Matrix, endpoints: Sequence[Endpoint], number: np.ndarray
) -> list[expansion.Columns]:
    """Orthonormal functions of all inputs; the choice of endpoint is the last."""
    kind = {"normal": expansion.normal, "uniform": expansion.uniform}
    found = [kind[f.kind](f.name, x[:, n]) for n, f in enumerate(factors)]
    if len(endpoints) > 1:
        found.append(expansion.choice(ENDPOINT, number, [e.weight for e in endpoints]))
    return found


def quantity(
    name: str, y: Vector, inputs: Sequence[expansion.Columns], endpoints: Sequence[Endpoint],
    number: np.ndarray, seed: int,
) -> Quantity:  # fmt: skip
    """Distribution of one number over (n,) samples.

    inputs: from `columns`.  number: (n,) endpoint of each sample.
    """
    low, middle, high = (float(v) for v in np.quantile(y, [0.5 - LEVEL / 2, 0.5, 0.5 + LEVEL / 2]))
    explained = np.log(y) if name.endswith(LOGARITHMIC) else y
    shares = expansion.shares(inputs, explained, np.random.default_rng(seed))
    rows = [
        Index(factor=c.name, first=float(shares.first[n]), first_sd=float(shares.first_sd[n]),
              total=float(shares.total[n]), total_sd=float(shares.total_sd[n]))
        for n, c in enumerate(inputs)
    ]  # fmt: skip
    return Quantity(
        estimate=Estimate(
            value=middle, low=low, high=high, level=LEVEL, unit=unit(name),
            basis=f"{len(y)} quasi-random samples, seed {seed}",
        ),
        mean=float(y.mean()),
        by_endpoint={
            e.name: float(np.median(y[number == n]))
            for n, e in enumerate(endpoints) if np.any(number == n)
        },
        indices=tuple(sorted(rows, key=lambda row: -row.total)),
        unexplained=shares.unexplained,
    )  # fmt: skip


def unit(name: str) -> str:
    """Unit of a number by the end of its name."""
    return {"ml": "mL", "mm": "mm", "degc": "degC", "min": "min", "w": "W", "ohm": "ohm",
            "j": "J"}.get(name.rsplit("_", 1)[-1], "1")  # fmt: skip
