"""`basivert outcomes`: loaded only when it runs."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from basivert.care.outcomes import registry as rows
from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.report import NOTICE, report
from basivert.care.outcomes.rules import OutcomeRules, outcome_rules
from basivert.care.outcomes.scoring import Scored, odi, pain
from basivert.edge.care_codec.score import score_document
from basivert.edge.cli.written import folder_of
from basivert.edge.documents.registry_file import read_registry
from basivert.edge.record_file import read_record
from basivert.edge.toml_file import read_toml
from basivert.edge.whole_folder import whole
from basivert.errors import InputError

INSTRUMENTS = {"odi": odi, "nrs": pain}


def score(instrument: str, file: Path, *, rules: Path | None, as_json: bool) -> None:
    """Score one questionnaire; an unknown score ends with exit code 0 too."""
    if instrument not in INSTRUMENTS:
        raise InputError(f"There is no instrument {instrument!r}.", fix="Choose odi or nrs.")
    found = INSTRUMENTS[instrument](read_record(file), tables(rules))
    if as_json:
        told = json.dumps(score_document(found), allow_nan=False, ensure_ascii=False)
        sys.stdout.write(told + "\n")
    else:
        sys.stdout.write("\n".join(score_lines(found)) + "\n")


def score_lines(found: Scored) -> list[str]:
    """A score for a terminal."""
    value = "unknown" if found.score is None else f"{found.score:.4g} {found.unit}"
    band = f", {found.band_words}" if found.band_words else ""
    return [
        NOTICE, f"{found.instrument}: {value}{band}", f"answered: {found.answered} of {found.of}",
        *found.notes, f"source: {found.source}", f"rules: {found.rules_edition}",
    ]  # fmt: skip


def reported(
    file: Path, out: Path | None, *, as_of_day: int | None, rules: Path | None, as_json: bool
) -> None:
    """The report of a registry: text or JSON, and with `out` a page."""
    ours = tables(rules)

    def made_now() -> dict[str, Any]:
        given = registry(read_registry(file), ours)
        return report(given if as_of_day is None else rows.known_by(given, as_of_day), ours)

    said: list[str] = []
    made = made_now() if out is None else write_report(out, made_now, said)
    if as_json:
        sys.stdout.write(json.dumps(made, allow_nan=False, ensure_ascii=False) + "\n")
        return
    sys.stdout.write("\n".join(report_lines(made)) + "\n")
    sys.stdout.writelines(f"{line}\n" for line in said)


def write_report(
    out: Path, made_now: Callable[[], dict[str, Any]], said: list[str]
) -> dict[str, Any]:
    """The report, made once its folder is open, as report.html and report.json; `said` names it."""
    from basivert.edge.documents.registry_page import rendered

    said.append(f"report: {(out / 'report.html').resolve()}")
    with folder_of(out, "report.json", said) as folder:
        made = made_now()
        text = json.dumps(made, indent=1, allow_nan=False, ensure_ascii=False)
        (folder / "report.json").write_text(text, encoding="utf-8")
        (folder / "report.html").write_text(rendered(made), encoding="utf-8")
    return made


def report_lines(made: dict[str, Any]) -> list[str]:
    """A report for a terminal."""
    lines = [made["notice"], f"{made['patients']} treated, day {made['as_of_day']}"]
    for row in made["responders"]:
        lines.append(f"{row['visit']:4} {row['definition']:13} {rate_words(row)}")
    for key, words in (("loss_of_response", "response kept"), ("retreatment", "not treated again")):
        for row in made["durability"][key]["horizons"]:
            if row["watched"]:
                lines.append(
                    f"{row['visit']:4} {words:17} {100 * row['survival']:5.1f} % "
                    f"({100 * row['low']:.1f} to {100 * row['high']:.1f}), {row['at_risk']} watched"
                )
    for kind in made["events"]["kinds"]:
        rate = kind["rate"]
        lines.append(f"{kind['wording']}: {rate['hits']} of {rate['n']} patients")
    return [*lines, f"rules: {made['rules_edition']}"]


def rate_words(row: dict[str, Any]) -> str:
    """A rate with its interval and who is behind it."""
    who = f"{row['seen']} seen of {row['due']} due of {row['treated']} treated"
    if row["rate"] is None:
        return f"nobody to count ({who})"
    return (
        f"{100 * row['rate']:5.1f} % ({100 * row['low']:.1f} to {100 * row['high']:.1f}), "
        f"{row['responders']} of {who}"
    )


def exported(file: Path, out: Path, *, parquet: bool, rules: Path | None, as_json: bool) -> None:
    """De-identified tables of a registry, in a folder."""
    import numpy as np

    from basivert.care.outcomes.deidentify import export
    from basivert.edge.documents.registry_export import summary, write_export

    ours = tables(rules)
    # New numbers must not be foreseeable: the only draw without a seed.
    made = export(registry(read_registry(file), ours), ours, np.random.default_rng())
    with whole(out, "export.json") as folder:
        write_export(folder, made, ours, parquet=parquet)
    told = summary(made, ours)
    if as_json:
        sys.stdout.write(json.dumps(told | {"folder": str(out.resolve())}) + "\n")
        return
    rows = ", ".join(f"{name} {count}" for name, count in told["rows"].items())
    empty = ", ".join(f"{name} {count}" for name, count in told["withheld_cells"].items())
    sys.stdout.write(
        f"{NOTICE}\nrows: {rows}\nevery combination of what may identify is shared by {made.k} "
        f"patients at least\nemptied: {empty}\nleft out: {made.left_out} patients\n"
        f"folder: {out.resolve()}\nLook at it before it leaves the clinic.\n"
    )


def tables(file: Path | None) -> OutcomeRules:
    """The shipped tables, with a clinic's rows from a TOML file."""
    return outcome_rules() if file is None else outcome_rules(read_toml(file))
