"""Pictures of a registry's report, drawn from its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from basivert.edge.documents.drawing import SOFT, Canvas, Word, forest, tall
from basivert.edge.documents.plots import LINES, ticks

Report = Mapping[str, Any]
SHORT = {"pain_50": "≥ 50 % of pain gone", "pain_75": "≥ 75 % of pain gone",
         "pain_100": "all pain gone", "odi_15": "ODI ≥ 15 lower"}  # fmt: skip
# Of the missing, one chart each.
READ = ("pain_50", "pain_75", "pain_100")
READINGS = {"complete": "seen only", "worst": "missing = no", "best": "missing = yes",
            "imputed": "imputed"}  # fmt: skip


def charts(made: Report) -> dict[str, list[Canvas]]:
    """Charts by the section of the page that they belong to."""
    return {
        "rates": [rates(made)] if made["responders"] else [],
        "missing": [missing(made, key) for key in READ
                    if any(row["definition"] == key for row in made["missing_data"]["rates"])],
        "durability": durability(made),
        "funnels": [funnel(one, made) for one in made["benchmarks"]["funnels"]
                    if one["points"][0]["rate"]["n"]],
        "run": [run(made)] if any(p is not None for p in made["run_chart"]["points"]) else [],
        "subgroups": [subgroup(one, made) for one in made["subgroups"]
                      if any(g.get("seen") for g in one["groups"])],
    }  # fmt: skip


def rates(made: Report) -> Canvas:
    """Responders by visit, with exact intervals."""
    keys = list(dict.fromkeys(row["visit"] for row in made["responders"]))
    drawn = tall(
        "Who got better, visit by visit",
        "Share of those seen with its exact 95 % interval; below: seen of due by now.",
        x_ends=(-0.5, len(keys) - 0.5), height=262, foot=60,
    )  # fmt: skip
    rows = {(row["definition"], row["visit"]): row for row in made["responders"]}
    for at, key in enumerate(keys):
        row = rows[next(iter(SHORT)), key]
        drawn.tick(at, _name(made, key), f"{row['seen']} of {row['due']}")
    for number, (name, words) in enumerate(SHORT.items()):
        colour, aside = LINES[(0, 4, 2, 1)[number]], 0.15 * (number - 1.5)
        for at, key in enumerate(keys):
            row = rows[name, key]
            if row["rate"] is not None:
                drawn.line([(at + aside, row["low"]), (at + aside, row["high"])], colour)
                drawn.dot(at + aside, row["rate"], colour)
        _legend(drawn, number, words, colour)
    return drawn


def missing(made: Report, key: str) -> Canvas:
    """The readings of the missing side by side, for one definition."""
    rows: list[tuple[str, str, Any]] = []
    for one in made["missing_data"]["rates"]:
        if one["definition"] != key:
            continue
        rows.append((f"{_name(made, one['visit'])}, {one['missing']} missing", "", None))
        for reading, words in READINGS.items():
            said: dict[str, float | None] = one[reading] or {"rate": None}
            rate = said["rate"]
            told = "too few seen" if rate is None else f"{100 * rate:.1f} %"
            rows.append((words, told, said))
    return forest(
        f"What missing scores could mean: {SHORT[key]}", "Under four readings of those not seen; "
        "the share of all who were due lies between the second and the third.",
        rows,
    )  # fmt: skip


def durability(made: Report) -> list[Canvas]:
    """How long a response lasts, and further treatments."""
    table = made["durability"]
    found: list[Canvas] = []
    few = table["rules"]["fewest_at_risk"]
    lost = [step for step in table["loss_of_response"]["steps"] if step["at_risk"] >= few]
    if lost:
        drawn = _years(
            "How long a response lasts", "Share still with half of their pain gone, from the first "
            "visit that showed it, with 95 % band (log-log Greenwood); below: still watched. Ends "
            f"where fewer than {few} are watched.", lost, 1.0, table["loss_of_response"],
        )  # fmt: skip
        _steps(drawn, lost, "low", "high", LINES[0])
        found.append(drawn)
    again = [step for step in table["retreatment"]["steps"] if step["at_risk"] >= few]
    if again:
        top = max(0.1, min(1.0, 1.3 * max(step["cumulative"] for step in again)))
        drawn = _years(
            "Further treatment", "Share with a further treatment since the procedure; death "
            "competes (Aalen-Johansen).", again, next(t for t in (0.1, 0.2, 0.4, 1) if t >= top),
            table["retreatment"],
        )  # fmt: skip
        drawn.line(_stairs([(s["day"], s["cumulative"]) for s in again], 0.0), LINES[1])
        found.append(drawn)
    return found


def _years(
    title: str, caption: str, steps: Sequence[Any], top: float, curve: Mapping[str, Any]
) -> Canvas:
    last = max(365, steps[-1]["day"])
    drawn = tall(title, caption, x_ends=(0, last), y_high=top, foot=48, height=230)
    for year in range(int(last // 365) + 1):
        day = 365.25 * year
        watched = curve["n"] - sum(
            s["events"] + s["competing"] + s["censored"] for s in curve["steps"] if s["day"] <= day
        )
        drawn.tick(min(day, last), f"{year} y", str(watched))
    return drawn


def _steps(drawn: Canvas, steps: Sequence[Any], low: str, high: str, colour: str) -> None:
    upper = _stairs([(s["day"], s[high]) for s in steps], 1.0)
    lower = _stairs([(s["day"], s[low]) for s in steps], 1.0)
    drawn.band([*upper, *reversed(lower)], colour)
    drawn.line(_stairs([(s["day"], s["survival"]) for s in steps], 1.0), colour)


def _stairs(points: Sequence[tuple[float, float]], start: float) -> list[tuple[float, float]]:
    found, level = [(0.0, start)], start
    for day, value in points:
        found += [(day, level), (day, value)]
        level = value
    return found


def funnel(one: Mapping[str, Any], made: Report) -> Canvas:
    """Own results among the limits about a published rate."""
    study = next(s for s in made["benchmarks"]["studies"] if s["key"] == one["study"])
    name = f"{SHORT.get(study['definition'], study['definition'])}, {_name(made, study['visit'])}"
    drawn = tall(
        f"Beside the published figure: {name}",
        f"Line: {100 * study['rate']:.0f} % ({study['source']}; {study['population']}); dashes: "
        "what chance gives in 95 and in 99.8 of 100 such groups. Who is treated differs too.",
        x_ends=(0, one["counts"][-1]), foot=34,
    )  # fmt: skip
    drawn.line([(0, study["rate"]), (one["counts"][-1], study["rate"])], SOFT, width=1.0)
    for (level, ends), dash in zip(one["limits"].items(), ("5 3", "2 2"), strict=False):
        for side in (0, 1):
            points = [(n, end[side]) for n, end in zip(one["counts"], ends, strict=True)]
            drawn.line(points, LINES[0], dash=dash, width=1.0)
        # Where the curves lie far apart, a few patients from the left.
        at = min(6, len(ends) - 1)
        drawn.words.append(Word(x=drawn.across(one["counts"][at]) + 2, size=8.5, colour=LINES[0],
                                y=drawn.up(ends[at][1]) - 3,
                                text=f"{100 * float(level):g} %"))  # fmt: skip
    _own(drawn, one["points"])
    for n in ticks(0, one["counts"][-1], 4):
        if 0 < n <= one["counts"][-1]:
            drawn.tick(n, f"{n:.0f}")
    middle = (drawn.plot[0] + drawn.plot[2]) / 2
    drawn.words.append(Word(x=middle, y=drawn.height - 5, text="patients seen", anchor="middle",
                            colour=SOFT, size=9.0))  # fmt: skip
    return drawn


def _own(drawn: Canvas, points: Sequence[Any]) -> None:
    """Dots of the registry and, by number, of its sites; the caption names them."""
    shown = [point for point in points if point["rate"]["rate"] is not None]
    for number, point in enumerate(shown):
        rate, aside = point["rate"], -1 if number % 2 else 1
        drawn.dot(rate["n"], rate["rate"], LINES[1], radius=3 if number else 4, hollow=number > 0)
        drawn.words.append(Word(
            x=drawn.across(rate["n"]) + 6 * aside, y=drawn.up(rate["rate"]) + 3.5,
            text=str(number) if number else "all", anchor="end" if aside < 0 else "start",
            size=9.0, colour=LINES[1],
        ))  # fmt: skip
    names = "; ".join(
        " ".join([*([str(number)] if number else []), _told(point)])
        for number, point in enumerate(shown)
    )
    drawn.caption = f"{drawn.caption} Here: {names}."


def _told(point: Mapping[str, Any]) -> str:
    return f"{point['name']} {100 * point['rate']['rate']:.0f} % of {point['rate']['n']}"


def run(made: Report) -> Canvas:
    """The rate by period of the procedure."""
    chart = made["run_chart"]
    said = "; ".join(chart["signals"].values()) or "no signal"
    drawn = tall(
        "Run chart", f"At least half of the pain gone at {_name(made, chart['visit'])}, by quarter "
        f"of the procedure; dashes: median; {said}. Quarters with too few seen, and others that "
        "would give them away, are left open.",
        x_ends=(-0.5, max(len(chart["points"]) - 0.5, 0.5)), foot=34,
    )  # fmt: skip
    drawn.line([(-0.5, chart["median"]), (len(chart["points"]) - 0.5, chart["median"])], SOFT,
               dash="5 3", width=1.0)  # fmt: skip
    row: list[tuple[float, float]] = []
    for at, point in enumerate([*chart["points"], None]):
        if point is not None:
            row.append((at, point))
            drawn.dot(at, point, LINES[0])
            continue
        if len(row) > 1:
            drawn.line(row, LINES[0])
        row = []
    every = max(1, len(chart["points"]) // 8)
    for at in range(0, len(chart["points"]), every):
        seen = chart["seen"][at]
        drawn.tick(at, str(at + 1), "" if seen is None else f"n {seen}")
    return drawn


def subgroup(one: Mapping[str, Any], made: Report) -> Canvas:
    """One trait's groups; what is withheld says so."""
    rows: list[tuple[str, str, Any]] = []
    for group in one["groups"]:
        if group["withheld"]:
            rows.append((group["name"], "withheld", None))
        else:
            rows.append((group["name"], f"{group['responders']} of {group['seen']}", group))
    return forest(
        f"{one['wording']}: {SHORT.get(one['definition'], one['definition'])}",
        f"At {_name(made, one['visit'])}; responders of those seen, exact 95 % interval. Not "
        "adjusted for anything else.", rows,
    )  # fmt: skip


def _legend(drawn: Canvas, number: int, text: str, colour: str) -> None:
    drawn.words.append(Word(x=34.0 + 150 * (number % 2), text=f"● {text}",
                            y=drawn.height - 18 + 13 * (number // 2),
                            colour=colour, size=9.0))  # fmt: skip


def _name(made: Report, key: str) -> str:
    """A visit's name, short enough for an axis."""
    name = next(visit["name"] for visit in made["visits"] if visit["key"] == key)
    return name.replace(" months", " mo").replace(" weeks", " wk").replace(" years", " y")
