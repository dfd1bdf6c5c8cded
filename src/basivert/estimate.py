"""A number that knows how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

# Half width of the central 95 % of a normal distribution, in standard deviations.
Z95 = 1.959963984540054


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A measured or computed value with its interval.

    value, low, high: in `unit`; low ≤ value ≤ high.
    level: probability that the interval holds the truth (0–1).
    basis: what the interval was made from ("voxel size and fit residual", "2000 draws").
    """

    value: float
    low: float
    high: float
    level: float
    unit: str
    basis: str

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise ValueError(f"interval [{self.low}, {self.high}] does not hold {self.value}")
        if not 0.0 < self.level < 1.0:
            raise ValueError(f"level {self.level} is not a probability between 0 and 1")

    @property
    def sd(self) -> float:
        """Standard deviation of the normal distribution with the same 95 % width."""
        return (self.high - self.low) / (2.0 * Z95)


def normal(value: float, sd: float, unit: str, basis: str) -> Estimate:
    """95 % interval of a normal error with standard deviation `sd` in `unit`."""
    half = Z95 * float(sd)
    value = float(value)
    return Estimate(
        value=value, low=value - half, high=value + half, level=0.95, unit=unit, basis=basis
    )


def proportion(hits: int, trials: int, basis: str) -> Estimate:
    """Wilson 95 % interval of a proportion.

    Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
    """
    p, z2 = hits / trials, Z95**2
    centre = (p + z2 / (2 * trials)) / (1 + z2 / trials)
    half = Z95 * (p * (1 - p) / trials + z2 / (4 * trials**2)) ** 0.5 / (1 + z2 / trials)
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Estimate(value=p, low=min(low, p), high=max(high, p), level=0.95, unit="1", basis=basis)
