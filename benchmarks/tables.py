"""The tables of README.md, written from results/*.json."""

from __future__ import annotations

import json
import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
BEGIN, END = "<!-- tables: begin -->", "<!-- tables: end -->"


def readme(text: str, folder: Path = FOLDER / "results") -> str:
    """README's text with the part between the marks made anew."""
    head, rest = text.split(BEGIN)
    tail = rest.split(END)[1]
    parts = [section(json.loads(file.read_text("utf-8"))) for file in sorted(folder.glob("*.json"))]
    return f"{head}{BEGIN}\n\n" + "\n\n".join(parts) + f"\n\n{END}{tail}"


def result(name: str, figures: list[dict[str, Any]], **how: int) -> dict[str, Any]:
    """Figures with what they were made by and on.

    how: `seed` and `count` of the run.
    """
    return {
        "benchmark": name, **how, "figures": figures,
        "holds": all(row["holds"] for row in figures if row["bound"] is not None),
        "versions": {package: version(package) for package in ("basivert", "numpy", "scipy")},
        "machine": {"system": platform.platform(), "python": platform.python_version(),
                    "cores": os.cpu_count()},
    }  # fmt: skip


def stored(result: dict[str, Any]) -> None:
    """A result into results/ and the tables."""
    file = FOLDER / "results" / f"{result['benchmark']}.json"
    file.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    main()


def told(result: dict[str, Any], *, as_json: bool) -> None:
    """A result on standard output, for a program or a person."""
    if as_json:
        print(json.dumps(result))
        return
    for row in result["figures"]:
        bound = "" if row["bound"] is None else f"  bound {row['sense']} {row['bound']:g}"
        verdict = "" if row["bound"] is None else ("  holds" if row["holds"] else "  MISSED")
        print(f"{row['name']:56} {row['value']:10.4g} {row['unit']}{bound}{verdict}")


def section(result: dict[str, Any]) -> str:
    """One benchmark as a table, with what it ran on."""
    machine, versions = result["machine"], result["versions"]
    load = machine.get("load")
    drawn = f"Seed {result['seed']}, count {result['count']}; " if "seed" in result else ""
    lines = [
        f"## {result['benchmark']}",
        "",
        f"{drawn}{machine['cores']} cores, Python "
        f"{machine['python']}, "
        + ", ".join(f"{name} {v}" for name, v in versions.items())
        + (f"; {load:.0f} processes waited for a core." if load is not None else "."),
        "",
    ]
    if "rows" in result:
        head = ["| what | published | here |", "| --- | --- | --- |"]
        return "\n".join([*lines, *head, *_beside(result["rows"])])
    head = ["| figure | value | bound | |", "| --- | --- | --- | --- |"]
    return "\n".join([*lines, *head, *(_row(figure) for figure in result["figures"])])


def _beside(rows: list[dict[str, Any]]) -> list[str]:
    """Published beside ours, then once each what explains a difference."""
    notes = list(dict.fromkeys(row["note"] for row in rows))
    lines = [
        f"| {row['what']} ({notes.index(row['note']) + 1}) | {row['published']} | "
        f"{row['here'].replace('; ', '<br>')} |"
        for row in rows
    ]
    return [*lines, "", *(f"({n}) {note}.  " for n, note in enumerate(notes, start=1))]


def _row(figure: dict[str, Any]) -> str:
    unit = "" if figure["unit"] == "1" else f" {figure['unit']}"
    bound, verdict = "", ""
    if figure["bound"] is not None:
        bound = f"{figure['sense']} {figure['bound']:g}{unit}"
        verdict = "holds" if figure["holds"] else "**missed**"
    return f"| {figure['name']} | {figure['value']:.3g}{unit} | {bound} | {verdict} |"


def main() -> None:
    """Rewrite README.md in place."""
    file = FOLDER / "README.md"
    file.write_text(readme(file.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
