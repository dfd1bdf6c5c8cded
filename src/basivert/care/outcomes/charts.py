"""Funnel limits and signals of run charts, as numbers; pictures come after."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np
from scipy.stats import binom

from basivert.care.outcomes.rates import Rate
from basivert.care.outcomes.responders import Followed, definition, response
from basivert.care.outcomes.subgroups import withheld


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A published rate, and where the registry's own falls among the limits about it.

    limits: level → lowest and highest own rate that chance explains, at the own number of patients.
    said: `within`, `above` or `below` the limits of each level; empty without own patients.
    """

    key: str
    definition: str
    visit: str
    rate: float
    low: float | None
    high: float | None
    seen: int | None
    treated: int | None
    population: str
    source: str
    confidence: str
    own: Rate
    limits: dict[str, tuple[float, float]]
    said: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A site, or all together, in a funnel."""

    name: str
    rate: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Funnel:
    """Limits about a published rate over the number of patients, and the registry's own points.

    counts: numbers of patients; limits: level → lowest and highest rate at each of them.
    points: all together, and the sites where none of them is small.
    """

    study: str
    counts: tuple[int, ...]
    limits: dict[str, tuple[tuple[float, float], ...]]
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A rate by period, and the signals in it.

    points, seen: one a period; None where too few patients were seen to show it, or where it
        would give such a period away.
    signals: rule → what was found, empty where nothing was.
    """

    definition: str
    visit: str
    first_days: tuple[int, ...]
    seen: tuple[int | None, ...]
    points: tuple[float | None, ...]
    median: float | None
    signals: Mapping[str, str]


def funnel_limits(rate: float, n: int, level: float) -> tuple[float, float]:
    """Lowest and highest share that chance gives n patients about a true rate, interpolated.

    Source: Spiegelhalter, Stat Med 2005;24:1185, doi:10.1002/sim.1970, appendix.
    """
    return _limit(rate, n, (1 - level) / 2), _limit(rate, n, 1 - (1 - level) / 2)


def _limit(rate: float, n: int, chance: float) -> float:
    count = int(binom.ppf(chance, n, rate))
    upto, alone = float(binom.cdf(count, n, rate)), float(binom.pmf(count, n, rate))
    part = (upto - chance) / alone if alone > 0 else 0.0
    return min(max((count - part) / n, 0.0), 1.0)


def beside(held: Followed) -> tuple[Beside, ...]:
    """Every published rate beside our own of the same definition and visit."""
    rules = held.rules
    levels = rules["charts"]["funnel"]["levels"]
    found: list[Beside] = []
    for key, row in rules["benchmarks"]["study"].items():
        one = definition(row["definition"], rules)
        own = response(one, held.visit(row["visit"]), held).rate
        limits = {
            f"{chance:g}": funnel_limits(row["rate"], own.n, chance) for chance in levels if own.n
        }
        found.append(Beside(
            key=key, definition=one.key, visit=row["visit"], rate=row["rate"], low=row.get("low"),
            high=row.get("high"), seen=row.get("seen"), treated=row.get("treated"),
            population=row["population"], source=row["source"], confidence=row["confidence"],
            own=own, limits=limits,
            said={chance: _said(own.rate, ends) for chance, ends in limits.items()},
        ))  # fmt: skip
    return tuple(found)


def _said(rate: float | None, ends: tuple[float, float]) -> str:
    if rate is None:
        return ""
    return "below" if rate < ends[0] else "above" if rate > ends[1] else "within"


def funnels(held: Followed) -> tuple[Funnel, ...]:
    """The funnel of every study that the table names."""
    table, studies = held.rules["charts"]["funnel"], held.rules["benchmarks"]["study"]
    return tuple(_funnel(key, studies[key], table["levels"], held) for key in table["studies"])


def _funnel(key: str, row: Mapping[str, Any], levels: Sequence[float], held: Followed) -> Funnel:
    points = _points(row, held)
    longest = max(120, math.ceil(1.2 * points[0].rate.n))
    counts = tuple(dict.fromkeys(math.ceil(longest * (part / 40) ** 1.5) for part in range(4, 41)))
    return Funnel(
        study=key, counts=counts, points=points,
        limits={f"{one:g}": tuple(funnel_limits(row["rate"], n, one) for n in counts)
                for one in levels},
    )  # fmt: skip


def _points(row: Mapping[str, Any], held: Followed) -> tuple[Point, ...]:
    one, visit = definition(row["definition"], held.rules), held.visit(row["visit"])
    fewest = int(held.rules["analysis"]["cells"]["smallest"])
    sites = np.array([patient.site or "not stated" for patient in held.registry.patients], str)
    every = (
        Point(name="all", rate=response(one, visit, held).rate),
        *(Point(name=site, rate=response(one, visit, held, sites == site).rate)
          for site in dict.fromkeys(sites.tolist())),
    )  # fmt: skip
    small = any(0 < point.rate.n < fewest for point in every[1:])
    return every[:1] if small or len(every) == 2 else every


def run(held: Followed) -> Run:
    """The rate of one definition at one visit, by the period of the procedure."""
    table, fewest = held.rules["charts"]["run"], int(held.rules["analysis"]["cells"]["smallest"])
    one, width = definition(table["definition"], held.rules), int(table["period_days"])
    visit = held.visit(table["visit"])
    # Only whole periods: all of whose patients are due.
    last = (held.as_of_day - visit.last + 1) // width
    of = np.array([p.procedure_day // width for p in held.registry.patients], int)
    rates = [response(one, visit, held, of == period, 0.95).rate for period in range(max(last, 0))]
    told = _open(rates, response(one, visit, held).rate.n, fewest)
    points = tuple(rate.rate if may else None for rate, may in zip(rates, told, strict=True))
    shown = [point for point in points if point is not None]
    return Run(
        definition=one.key, visit=visit.key,
        first_days=tuple(width * period for period in range(len(rates))),
        seen=tuple(rate.n if may else None for rate, may in zip(rates, told, strict=True)),
        points=points,
        median=median(shown) if shown else None, signals=signals(shown, table),
    )  # fmt: skip


def _open(rates: Sequence[Rate], total: int, fewest: int) -> tuple[bool, ...]:
    """Which periods may be told; the total is told too, with those of the unfinished period."""
    counts = {str(number): (rate.n,) for number, rate in enumerate(rates)}
    rest = total - sum(rate.n for rate in rates)
    hidden = withheld({**counts, "unfinished": (rest,)}, fewest)
    return tuple(
        rate.n > 0 and name not in hidden for name, rate in zip(counts, rates, strict=True)
    )


def signals(points: Sequence[float], table: Mapping[str, Any]) -> dict[str, str]:
    """What is not chance in a row of points, by the rules of the table; empty where nothing is."""
    if not points:
        return {}
    middle = median(points)
    sides = [point > middle for point in points if point != middle]
    longest = max(_runs(sides), default=0)
    crossings = len(_runs(sides)) - 1
    said: dict[str, str] = {}
    if longest >= table["shift"]["points"]:
        said["shift"] = f"{longest} points in a row on one side of the median"
    if (steps := _longest_trend(points)) >= table["trend"]["points"]:
        said["trend"] = f"{steps} points in a row in one direction"
    if len(sides) > 1:
        most = round(math.log2(len(sides)) + table["longest"]["add"])
        least = int(binom.ppf(table["crossings"]["chance"], len(sides) - 1, 0.5))
        if longest > most:
            said["longest"] = f"a run of {longest}, longer than {most}"
        if crossings < least:
            said["crossings"] = f"{crossings} crossings of the median, fewer than {least}"
    return said


def _runs(sides: Sequence[bool]) -> list[int]:
    found: list[int] = []
    for number, side in enumerate(sides):
        if number and side == sides[number - 1]:
            found[-1] += 1
        else:
            found.append(1)
    return found


def _longest_trend(points: Sequence[float]) -> int:
    """Points in the longest rise or fall; equal neighbours count once."""
    kept = [p for n, p in enumerate(points) if n == 0 or p != points[n - 1]]
    turns = [b > a for a, b in itertools.pairwise(kept)]
    return 1 + max(_runs(turns), default=0)
