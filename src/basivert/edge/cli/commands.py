"""What the commands do; loaded only when one runs."""

from __future__ import annotations

import json
import sys
import tomllib
import webbrowser
from importlib import resources
from pathlib import Path
from typing import Any

from basivert.anatomy.model import Partial
from basivert.edge.cli.choices import sides_of
from basivert.edge.cli.crew import cores, crew
from basivert.edge.cli.own_tables import own_tables
from basivert.edge.cli.progress import Shown
from basivert.edge.codec import anatomy_document, plan_document
from basivert.edge.imaging import demo_ct, plan_folder
from basivert.edge.imaging.case import read_case
from basivert.edge.imaging.stored_plan import digest, scan_of
from basivert.edge.whole_file import whole_file
from basivert.errors import InputError, InstrumentError
from basivert.instruments.load import builtin_instrument, names, read_instrument
from basivert.instruments.model import Instrument
from basivert.planning.model import CasePlan
from basivert.workflow.plan_case import anatomy_case, builtin_tables, plan_case
from basivert.workflow.progress import part

NOTICE = "Research use only. Not a medical device."
REFUSED = 4
PACKAGES = ("basivert", "numpy", "scipy", "scikit-image", "SimpleITK", "pydicom", "pillow")


def plan(
    ct: Path, labels: Path, label_map: Path | None, out: Path, *, levels: str | None, side: str,
    instrument: str, seed: int, tables: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Plan one case into a folder; exit code 4 when no level has a path."""
    sides, tool = sides_of(side), chosen_instrument(instrument)
    say, own = Shown(), own_tables(tables)
    with plan_folder.new(out) as folder:
        case = own.told(read_case(ct, labels, label_map, own.table))
        with crew(say, cores()) as mapper:
            made = plan_case(
                case, tool, seed=seed, inputs=digests(ct, labels), versions=versions(),
                levels=levels_of(levels), sides=sides, tables=builtin_tables(own.table),
                progress=part(say, 0.05, 0.85), mapper=mapper,
            )  # fmt: skip
        say(0.86, "writing the report")
        plan_folder.write_plan(folder, case, made, scan_of(ct, labels, label_map),
                               own.table)  # fmt: skip
        say(1.0, "done")
    _tell(made, out, as_json)
    if not any(level.plans for level in made.levels):
        sys.exit(REFUSED)


def anatomy(
    ct: Path, labels: Path, label_map: Path | None, *, levels: str | None, out: Path | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Anatomy as JSON to a file or standard output."""

    def text() -> str:
        case = read_case(ct, labels, label_map)
        found = anatomy_case(case, levels_of(levels), progress=Shown())
        return json.dumps(anatomy_document(found), indent=None if as_json else 1, allow_nan=False)

    if out is None:
        sys.stdout.write(text() + "\n")
        return
    with whole_file(out) as work:
        work.write_text(text(), encoding="utf-8")
    place = {"research_use_only": True, "file": str(out.resolve())}
    sys.stdout.write(f"{json.dumps(place) if as_json else out}\n")


def phantom(spec: Path, out: Path, *, as_json: bool) -> None:
    """CT, labels and truth of a virtual patient."""
    from basivert.edge.imaging.phantom_files import LABELS_FILE, read_spec, write_patient

    described, say = read_spec(spec), Shown()
    with plan_folder.new(out, mark="truth.json") as folder:
        write_patient(folder, described, say)
    say(1.0, "done")
    if as_json:
        sys.stdout.write(
            json.dumps({"research_use_only": True, "folder": str(out.resolve())}) + "\n"
        )
    else:
        sys.stdout.write(f"{out.resolve()}\n")
        sys.stderr.write(
            f"Next: basivert plan {out / 'ct.nii.gz'} --labels {out / LABELS_FILE} -o plan\n"
        )


def view(folder: Path, *, as_json: bool) -> None:
    """Open a report."""
    report = folder / "report.html"
    if not report.is_file():
        inner = sorted(folder.glob("*/report.html")) if folder.is_dir() else []
        if not inner:
            raise InputError(
                f"{folder} holds no report.html.", fix="Give a folder written by basivert plan."
            )
        report = inner[0]
    opened = webbrowser.open(report.resolve().as_uri())
    if as_json:
        sys.stdout.write(json.dumps({"report": str(report.resolve()), "opened": opened}) + "\n")
    else:
        sys.stdout.write(f"{report.resolve()}\n")


def doctor(*, as_json: bool) -> None:
    """Versions of what is installed, and the cache's place."""
    found = versions()
    cache = demo_ct.cache_folder()
    works = "missing" not in found.values()
    files = str(resources.files("basivert.constants") / "data")
    result = {
        "works": works, "versions": found, "instruments": list(names()), "tables": files,
        "cache": str(cache),
    }  # fmt: skip
    if as_json:
        sys.stdout.write(json.dumps(result) + "\n")
    else:
        for name, value in found.items():
            sys.stdout.write(f"{name:14} {value}\n")
        sys.stdout.write(f"instruments    {', '.join(names())}\n")
        sys.stdout.write(f"tables         {files}\ncache          {cache}\n")
        sys.stdout.write("all right\n" if works else "something is missing: pip install basivert\n")


def versions() -> dict[str, str]:
    """Python and the packages that decide a result, as installed."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"python": sys.version.split()[0]}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "missing"
    return found


def chosen_instrument(name: str) -> Instrument:
    """A shipped instrument by name, or one from the user's TOML file."""
    if not name.endswith(".toml"):
        return builtin_instrument(name)
    try:
        return read_instrument(tomllib.loads(Path(name).read_text(encoding="utf-8")))
    except OSError as cause:
        raise InstrumentError(f"{name} cannot be read: {cause.strerror}.") from cause
    except tomllib.TOMLDecodeError as cause:
        raise InstrumentError(f"{name} is not TOML: {cause}.") from cause


def levels_of(text: str | None) -> tuple[str, ...] | None:
    """Levels from words like `L3,L4`; None where none were given."""
    if text is None:
        return None
    found = tuple(part.strip().upper() for part in text.split(",") if part.strip())
    if not found:
        raise InputError(
            f"--levels {text!r} names no level.",
            fix="Write for example --levels L3,L4, or leave it out to take all.",
        )
    return found


def digests(*paths: Path) -> dict[str, str]:
    """File name → SHA-256."""
    return {path.name: digest(path) for path in paths}


def summary(made: CasePlan) -> list[dict[str, Any]]:
    """Status and first plans of every level."""
    rows = []
    for level in made.levels:
        first = [plan for plan in level.plans if plan.rank == 1]
        reason = level.vertebra.reason if isinstance(level.vertebra, Partial) else " ".join(
            f"{refusal.side}: {refusal.reason}" for refusal in level.refusals)  # fmt: skip
        rows.append({
            "level": level.level, "status": level.status, "reason": reason,
            "plans": [{"side": p.side, "margin_mm": round(p.smallest_margin.value_mm.value, 1),
                       "wall": p.smallest_margin.wall,
                       "p_breach": p.robustness.p_breach.value,
                       "p_reach": p.robustness.p_reach.value} for p in first],
        })  # fmt: skip
    return rows


def lines(levels: list[dict[str, Any]]) -> None:
    """The same for a terminal."""
    for row in levels:
        sys.stdout.write(f"  {row['level']}  {row['status']}  {row['reason']}\n")
        for plan_ in row["plans"]:
            sys.stdout.write(
                f"      {plan_['side']:5}  margin {plan_['margin_mm']:.1f} mm "
                f"({plan_['wall'].replace('_', ' ')}), breach {100 * plan_['p_breach']:.1f} %, "
                f"hub reached {100 * plan_['p_reach']:.0f} %\n"
            )


def _tell(made: CasePlan, out: Path, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(plan_document(made), allow_nan=False) + "\n")
        return
    sys.stdout.write(f"{NOTICE}\n")
    lines(summary(made))
    sys.stdout.write(f"report: {(out / 'report.html').resolve()}\n")
