"""What single resources claim of a fact, and how claims that differ are settled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from basivert.care.facts import Fact, Value
from basivert.edge.fhir.codes import CodeTable
from basivert.edge.fhir.dates import Day
from basivert.edge.fhir.records import Unmapped


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One resource says one fact.

    place: of a fact that has places, else "".
    """

    fact: str
    value: Value
    reference: str
    path: str
    at: Day | None
    place: str = ""


Settled = tuple[dict[str, Fact], list[Unmapped]]


def settled(claims: Sequence[Claim], table: CodeTable, today: dt.date) -> Settled:
    """One fact from its claims; every claim that lost is listed with the reason."""
    facts: dict[str, Fact] = {}
    left: list[Unmapped] = []
    for name in dict.fromkeys(claim.fact for claim in claims):
        mine = [claim for claim in claims if claim.fact == name]
        bad = {id(one): why for one in mine if (why := _unusable(one, table, today))}
        good = [claim for claim in mine if id(claim) not in bad]
        if good:
            fact, lost = _settle(name, good, table.differ.get(name, "yes"))
            left += lost
            if fact:
                facts[name] = fact
        latest = max(mine, key=_order)
        left += [_unmapped(one, bad[id(one)], asks=one is latest) for one in mine if id(one) in bad]
    return facts, left


def _unusable(claim: Claim, table: CodeTable, today: dt.date) -> str:
    if claim.at and claim.at.first > today:
        return "is dated after today"
    if claim.at and (limit := _limit(claim, table)) and (today - claim.at.last).days > limit:
        return f"is older than {limit} days, so it does not speak of today"
    return ""


def _limit(claim: Claim, table: CodeTable) -> int | None:
    if isinstance(claim.value, bool):
        return table.stale.get(f"{claim.fact}_{'yes' if claim.value else 'no'}")
    return table.stale.get(claim.fact)


def _settle(name: str, claims: list[Claim], how: str) -> tuple[Fact | None, list[Unmapped]]:
    places = dict.fromkeys(claim.place for claim in claims)
    if list(places) != [""]:
        return _by_place(name, claims, list(places))
    best, lost = _winner(claims, how)
    if best is None:
        return None, lost
    return _fact(name, best.value, [best]), lost


def _by_place(
    name: str, claims: list[Claim], places: list[str]
) -> tuple[Fact | None, list[Unmapped]]:
    values: dict[str, int | str] = {}
    used: list[Claim] = []
    left: list[Unmapped] = []
    for place in places:
        best, lost = _winner([claim for claim in claims if claim.place == place], "latest")
        left += lost
        if best is not None and isinstance(best.value, (int, str)):
            values[place] = best.value
            used.append(best)
    return (_fact(name, values, used) if values else None), left


def _winner(claims: list[Claim], how: str) -> tuple[Claim | None, list[Unmapped]]:
    """The claim that holds, and the others that say something else."""
    match how:
        case "yes":
            best = max(claims, key=lambda claim: (claim.value is True, _order(claim)))
        case "longest":
            best = max(claims, key=lambda claim: _number(claim))
        case "lowest":
            latest = max(_day_of(claim) for claim in claims)
            best = min((c for c in claims if _day_of(c) == latest), key=_number)
        case _:
            best = max(claims, key=_order)
            if against := [claim for claim in claims if _contradicts(claim, best)]:
                why = "differs from another of the same time, or without one"
                return None, [_unmapped(claim, why) for claim in [best, *against]]
    others = [claim for claim in claims if claim.value != best.value]
    return best, [
        _unmapped(claim, f"differs from {best.reference}, which holds ({how})", asks=False)
        for claim in others
    ]


def _order(claim: Claim) -> dt.datetime:
    return claim.at.order if claim.at else dt.datetime.min.replace(tzinfo=dt.UTC)


def _contradicts(claim: Claim, best: Claim) -> bool:
    """Whether another value is of the same time, or of a time that cannot be told apart."""
    if claim.value == best.value or claim is best:
        return False
    if claim.at is None or best.at is None:
        return True
    timed = claim.at.moment and best.at.moment
    return claim.at.order == best.at.order if timed else claim.at.last == best.at.last


def _day_of(claim: Claim) -> dt.date:
    return claim.at.last if claim.at else dt.date.min


def _number(claim: Claim) -> float:
    return float(claim.value) if isinstance(claim.value, (int, float)) else 0.0


def _fact(name: str, value: Value, claims: list[Claim]) -> Fact:
    days = [claim.at.exact for claim in claims if claim.at and claim.at.exact]
    origin = ", ".join(dict.fromkeys(f"FHIR {claim.reference}" for claim in claims))
    return Fact(
        name=name, value=value, origin=origin, on=min(days) if len(days) == len(claims) else None
    )


def _unmapped(claim: Claim, why: str, *, asks: bool = True) -> Unmapped:
    return Unmapped(
        reference=claim.reference, path=claim.path, why=why, asks=claim.fact if asks else ""
    )


def asked(claims: Mapping[str, Fact], unmapped: Sequence[Unmapped]) -> list[str]:
    """Names of the facts that the record only raises and nothing in it answers."""
    names = dict.fromkeys(one.asks for one in unmapped if one.asks)
    return [name for name in names if name not in claims]
