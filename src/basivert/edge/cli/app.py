"""The commands: parse, call, hand over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from basivert.edge.cli import clinic_app

app = typer.Typer(
    help="Plan basivertebral nerve ablation from a CT. Research use only, not a medical device.",
    no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False,
)  # fmt: skip
clinic_app.add_to(app)

Ct = Annotated[Path, typer.Argument(help="CT: NIfTI, NRRD, MetaImage, or a DICOM series folder.")]
LabelsFile = Annotated[Path, typer.Option("--labels", help="Label map made on this CT.")]
LabelMap = Annotated[
    Optional[Path], typer.Option("--label-map", help="TOML or JSON: structure name → code.")
]
Levels = Annotated[Optional[str], typer.Option(help="For example L3,L4,L5,S1; default all.")]
SideName = Annotated[str, typer.Option("--side", help="auto, left or right.")]
InstrumentName = Annotated[
    str, typer.Option("--instrument", help="Name of a shipped instrument, or a TOML file.")
]
Out = Annotated[Path, typer.Option("-o", "--out", help="Folder to write; must be new or ours.")]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Rank = Annotated[Optional[int], typer.Option(help="Of the plan; default the best.")]
MovedCt = Annotated[Optional[Path], typer.Option("--ct", help="The plan's CT, if it was moved.")]
MovedLabels = Annotated[
    Optional[Path], typer.Option("--labels", help="The plan's labels, if they were moved.")
]
Tables = Annotated[
    Optional[Path], typer.Option("--tables", help="TOML: your own rows of the package's tables.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of all random draws.")]


@app.callback(invoke_without_command=True)
def version(
    show: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Plan basivertebral nerve ablation from a CT."""
    if show:
        from importlib.metadata import version as installed

        typer.echo(f"basivert {installed('basivert')}")
        raise typer.Exit


@app.command()
def demo(
    out: Out = Path("basivert-demo"), json: Json = False, seed: Seed = 1,
    samples: Annotated[
        int, typer.Option(min=0, help="Draws behind the intervals of the heat; 0 leaves them out.")
    ] = 512,
    offline: Annotated[bool, typer.Option(help="Use the virtual patient, no download.")] = False,
    tables: Tables = None,
) -> None:  # fmt: skip
    """Plan and heat real vertebrae from public CTs; without network a virtual patient."""
    from basivert.edge.cli.demo import demo as shown

    shown(out, seed=seed, samples=samples, offline=offline, tables=tables, as_json=json)


@app.command()
def plan(
    ct: Ct, labels: LabelsFile, out: Out, levels: Levels = None, side: SideName = "auto",
    instrument: InstrumentName = "curved_bipolar", label_map: LabelMap = None,
    tables: Tables = None, seed: Seed = 1, json: Json = False,
) -> None:  # fmt: skip
    """Anatomy, ways in, room and certainty for every vertebra in view."""
    from basivert.edge.cli import commands

    commands.plan(ct, labels, label_map, out, levels=levels, side=side, instrument=instrument,
                  seed=seed, tables=tables, as_json=json)  # fmt: skip


@app.command()
def ablate(
    folder: Annotated[Path, typer.Argument(help="Folder of a plan.")], out: Out,
    levels: Levels = None, side: SideName = "auto",
    rank: Rank = None,
    protocol: Annotated[
        str, typer.Option(help="Name of a shipped protocol, or a TOML file.")
    ] = "standard",
    samples: Annotated[
        int, typer.Option(min=0, help="Draws of the uncertain constants; 0 leaves them out.")
    ] = 512,
    cover: Annotated[
        Optional[float],
        typer.Option(help="Wanted coverage of the nerve's hub, 0-1: suggests the smallest change."),
    ] = None,
    age: Annotated[Optional[float], typer.Option(help="Of the patient, years.")] = None,
    modic: Annotated[
        Optional[str], typer.Option(help="Readings: L4:upper:1,L4:lower:2; unread = unknown.")
    ] = None,
    log: Annotated[
        Optional[Path], typer.Option(help="Generator's log, CSV: the lesion as treated.")
    ] = None,
    log_columns: Annotated[
        Optional[Path], typer.Option(help="TOML: the log's columns; default: time_s, power_w …")
    ] = None,
    pose: Annotated[
        Optional[Path],
        typer.Option(help="Where the introducer really lies: register.json, or a pose as JSON."),
    ] = None,
    ct: MovedCt = None,
    labels: MovedLabels = None, tables: Tables = None,
    seed: Seed = 1, json: Json = False,
) -> None:  # fmt: skip
    """Heat of planned probes: lesion, coverage of the nerve, what stays safe."""
    from basivert.edge.cli import commands, heat

    heat.ablate(folder, out, heat.Choice(
        levels=commands.levels_of(levels), side=side, rank=rank, protocol=protocol, samples=samples,
        cover=cover, seed=seed, age_years=age, modic=modic, log=log, log_columns=log_columns,
        pose=pose, ct=ct, labels=labels, tables=tables,
    ), as_json=json)  # fmt: skip


@app.command()
def steps(
    folder: Annotated[Path, typer.Argument(help="Folder of a plan.")], levels: Levels = None,
    side: SideName = "auto",
    rank: Rank = None,
    carm: Annotated[
        Optional[Path], typer.Option(help="TOML of your C-arm; default a usual mobile one.")
    ] = None,
    ct: MovedCt = None,
    labels: MovedLabels = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Step by step: wanted views, where the tip must lie in them, what wrong looks like."""
    from basivert.edge.cli import commands
    from basivert.edge.cli import steps as sheet

    sheet.steps(folder, sheet.Choice(
        levels=commands.levels_of(levels), side=side, rank=rank, carm=carm, ct=ct, labels=labels,
    ), as_json=json)  # fmt: skip


@app.command()
def fluoro(
    folder: Annotated[Path, typer.Argument(help="Folder of a plan.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File: .png, .dcm, .npy (integrals).")],
    view: Annotated[
        str, typer.Option(help="ap (squared), ap_upper, ap_lower, lateral, en_face (oblique).")
    ] = "ap",
    primary: Annotated[
        Optional[float], typer.Option(help="DICOM XA angle in degrees; replaces the view's.")
    ] = None,
    secondary: Annotated[Optional[float], typer.Option(help="The same, cranial positive.")] = None,
    step: Annotated[
        Optional[int], typer.Option(help="Step of the sheet; default: probe in place.")
    ] = None,
    level: Annotated[Optional[str], typer.Option(help="For example L4; default the first.")] = None,
    side: SideName = "auto",
    rank: Rank = None,
    size: Annotated[int, typer.Option(help="Pixels a side.")] = 512,
    bits: Annotated[int, typer.Option(help="8 or 16.")] = 8,
    dose: Annotated[
        Optional[float], typer.Option(help="Receptor dose of one frame, nGy.")
    ] = None,
    round_field: Annotated[bool, typer.Option("--round", help="Round field.")] = False,
    blades: Annotated[
        Optional[tuple[float, float]],
        typer.Option(help="Half height and half width of the opening, mm at the receptor."),
    ] = None,
    bare: Annotated[bool, typer.Option(help="No instruments.")] = False,
    ruler: Annotated[bool, typer.Option(help="A steel ruler beside the spine.")] = False,
    carm: Annotated[
        Optional[Path], typer.Option(help="TOML of your C-arm; default a usual mobile one.")
    ] = None,
    ct: MovedCt = None,
    labels: MovedLabels = None,
    seed: Seed = 1, json: Json = False,
) -> None:  # fmt: skip
    """A simulated X-ray picture of a plan, with the instruments at any step."""
    from basivert.edge.cli import fluoro as pictures

    pictures.fluoro(folder, out, pictures.Choice(
        level=level, side=side, rank=rank, view=view, primary_deg=primary, secondary_deg=secondary,
        step=step, size=size, bits=bits, dose_ngy=dose, round_field=round_field, blades_mm=blades,
        bare=bare, ruler=ruler, carm=carm, ct=ct, labels=labels, seed=seed,
    ), as_json=json)  # fmt: skip


@app.command()
def register(
    folder: Annotated[Path, typer.Argument(help="Folder of a plan.")],
    frames: Annotated[list[Path], typer.Argument(help="DICOM; PNG or .npy with --carm.")],
    carm: Annotated[
        Optional[Path], typer.Option(help="JSON: where the C-arm stood, one object a frame.")
    ] = None,
    level: Annotated[Optional[str], typer.Option(help="Default: of the best plan.")] = None,
    side: SideName = "auto",
    rank: Rank = None,
    start: Annotated[
        Optional[tuple[float, float, float]],
        typer.Option(help="Expected shift of the bone, mm to the patient's left, back, head."),
    ] = None,
    level_check: Annotated[bool, typer.Option(help="Find the neighbours too.")] = True,
    angles: Annotated[
        str, typer.Option(help="How far the C-arm's angles are known: exact, near, unknown.")
    ] = "exact",
    heat: Annotated[bool, typer.Option("--heat", help="Burn from where the tool lies.")] = False,
    ct: MovedCt = None,
    labels: MovedLabels = None,
    out: Annotated[
        Optional[Path], typer.Option("-o", "--out", help="Folder for register.json and pictures.")
    ] = None,
    seed: Seed = 1, json: Json = False,
) -> None:  # fmt: skip
    """Find a planned vertebra and the tool in X-ray frames, and compare with the plan."""
    from basivert.edge.cli import register as registration

    registration.register(folder, frames, out, registration.Choice(
        level=level, side=side, rank=rank, carm=carm, start_mm=start, level_check=level_check,
        angles=angles, heat=heat, ct=ct, labels=labels, seed=seed,
    ), as_json=json)  # fmt: skip


@app.command()
def anatomy(
    ct: Ct, labels: LabelsFile, levels: Levels = None, label_map: LabelMap = None,
    out: Annotated[Optional[Path], typer.Option("-o", "--out", help="File for the JSON.")] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Anatomy alone, without a plan."""
    from basivert.edge.cli import commands

    commands.anatomy(ct, labels, label_map, levels=levels, out=out, as_json=json)


@app.command()
def view(
    folder: Annotated[Path, typer.Argument(help="Folder of a plan.")], json: Json = False
) -> None:
    """Open the report of a plan in the browser."""
    from basivert.edge.cli import commands

    commands.view(folder, as_json=json)


@app.command()
def phantom(
    spec: Annotated[Path, typer.Argument(help="TOML file that describes the virtual patient.")],
    out: Out, json: Json = False,
) -> None:  # fmt: skip
    """Write a virtual patient: CT, labels and exact truth."""
    from basivert.edge.cli import commands

    commands.phantom(spec, out, as_json=json)


fhir_app = typer.Typer(help="Health records as FHIR R4, in and out.", no_args_is_help=True)
app.add_typer(fhir_app, name="fhir")


@fhir_app.command("read")
def fhir_read(
    file: Annotated[Path, typer.Argument(help="Bundle, resource or NDJSON; - for standard input.")],
    out: Annotated[
        Optional[Path], typer.Option("-o", "--out", help="File for the facts, for candidacy.")
    ] = None,
    medicines: Annotated[
        Optional[Path], typer.Option(help="File for what may be taken now, for prepare.")
    ] = None,
    patient: Annotated[
        Optional[str], typer.Option(help="Patient/id, where the file is about several.")
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Facts of a health record, what they leave to ask, and what could not be mapped."""
    from basivert.edge.cli import fhir

    fhir.read(file, out, medicines=medicines, patient=patient, as_json=json)


@fhir_app.command("write")
def fhir_write(
    file: Annotated[Path, typer.Argument(help="JSON of a case; - for standard input.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File for the Bundle.")],
    seed: Annotated[
        Optional[str], typer.Option(help="Gives the ids; default the pseudonym.")
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """A case as one FHIR R4 transaction."""
    from basivert.edge.cli import fhir

    fhir.write(file, out, seed=seed, as_json=json)


@fhir_app.command("case")
def fhir_case(
    number: Annotated[int, typer.Argument(help="Number of the case in the clinic's database.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="File for the Bundle.")],
    url: clinic_app.Db = None,
    json: Json = False,
) -> None:
    """A case of the clinic's database as one FHIR R4 transaction, by pseudonym."""
    from basivert.edge.cli import fhir_case as stored

    stored.write_case(number, url, out, as_json=json)


@app.command()
def candidacy(
    file: Annotated[Path, typer.Argument(help="JSON: facts by name; - reads standard input.")],
    rules: Annotated[
        str, typer.Option(help="Name of a shipped rule set, or a TOML file.")
    ] = "default",
    override: Annotated[
        Optional[Path], typer.Option(help="TOML: criteria that your clinic replaces.")
    ] = None,
    anatomy: Annotated[
        Optional[Path], typer.Option(help="JSON of basivert anatomy: its bone density as a fact.")
    ] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every reason with its source, and published rates.")
    ] = False,
    json: Json = False,
) -> None:  # fmt: skip
    """Is this person a candidate: answer, reasons, what is missing, other rule sets beside it."""
    from basivert.edge.cli import candidacy as asked

    asked.candidacy(
        file, rules=rules, override=override, anatomy=anatomy, as_json=json, everything=everything
    )


@app.command()
def questions(
    language: Annotated[str, typer.Option(help="en or es.")] = "en", json: Json = False
) -> None:
    """What patients ask before the procedure, in plain words, with sources."""
    from basivert.edge.cli import questions as page

    page.shown(language, as_json=json)


@app.command()
def triage(
    file: Annotated[Path, typer.Argument(help="JSON of one check-in; - reads standard input.")],
    clinic: Annotated[
        Optional[Path], typer.Option(help="TOML: [clinic] with its name and numbers.")
    ] = None,
    override: Annotated[
        Optional[Path], typer.Option(help="TOML: warning signs that your clinic words otherwise.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the patient's words: en or es.")] = "en",
    json: Json = False,
) -> None:  # fmt: skip
    """After the procedure: whom to call and when, from one check-in."""
    from basivert.edge.cli import triage as check_in

    check_in.triaged(file, clinic=clinic, override=override, language=language, as_json=json)


outcomes_app = typer.Typer(help="What became of the patients.", no_args_is_help=True)
app.add_typer(outcomes_app, name="outcomes")
ClinicRules = Annotated[
    Optional[Path], typer.Option("--rules", help="TOML: rows that your clinic sets otherwise.")
]


@outcomes_app.command("score")
def outcomes_score(
    instrument: Annotated[str, typer.Argument(help="odi or nrs.")],
    file: Annotated[Path, typer.Argument(help="JSON of one questionnaire; - for standard input.")],
    rules: ClinicRules = None, json: Json = False,
) -> None:  # fmt: skip
    """The score of one questionnaire; unknown where too little was answered."""
    from basivert.edge.cli import outcomes

    outcomes.score(instrument, file, rules=rules, as_json=json)


@outcomes_app.command("report")
def outcomes_report(
    file: Annotated[Path, typer.Argument(help="Registry, JSON or CSV; - for standard input.")],
    out: Annotated[
        Optional[Path], typer.Option("-o", "--out", help="Folder for report.html and JSON.")
    ] = None,
    as_of_day: Annotated[
        Optional[int], typer.Option(min=0, help="As it stood on an earlier day of the registry.")
    ] = None,
    rules: ClinicRules = None, json: Json = False,
) -> None:  # fmt: skip
    """Rates with intervals and who is missing, durability, harm, published figures beside."""
    from basivert.edge.cli import outcomes

    outcomes.reported(file, out, as_of_day=as_of_day, rules=rules, as_json=json)


@outcomes_app.command("export")
def outcomes_export(
    file: Annotated[Path, typer.Argument(help="Registry, JSON or CSV; - for standard input.")],
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write; new or ours.")],
    parquet: Annotated[
        bool, typer.Option("--parquet/--csv-only", help="Parquet too (extra: registry).")
    ] = True,
    rules: ClinicRules = None, json: Json = False,
) -> None:  # fmt: skip
    """De-identified CSV and Parquet with a data dictionary; nobody stands alone in it."""
    from basivert.edge.cli import outcomes

    outcomes.exported(file, out, parquet=parquet, rules=rules, as_json=json)


@app.command()
def prepare(
    file: Annotated[Path, typer.Argument(help="JSON: procedure, medicines, facts; - for input.")],
    out: Annotated[
        Optional[Path], typer.Option("-o", "--out", help="Folder for checklist, sheet, calendar.")
    ] = None,
    medicines: Annotated[
        Optional[Path], typer.Option(help="Of a health record, from basivert fhir read.")
    ] = None,
    lists: Annotated[
        str, typer.Option("--list", help="List of stops in use, or a TOML file; more with commas.")
    ] = "asra_2018",
    checklist: Annotated[
        Optional[Path], typer.Option(help="TOML: items that your clinic words otherwise, or adds.")
    ] = None,
    language: Annotated[str, typer.Option(help="Of the patient's sheet: en or es.")] = "en",
    json: Json = False,
) -> None:  # fmt: skip
    """Before the procedure: what to ask about medicines, dates, checklist, the patient's sheet."""
    from basivert.edge.cli import prepare as preparation

    preparation.prepared(
        file,
        out,
        medicines=medicines,
        lists=lists,
        own_checklist=checklist,
        language=language,
        as_json=json,
    )


@app.command()
def record(
    file: Annotated[Path, typer.Argument(help="JSON of a procedure as done; - for input.")],
    out: Annotated[
        Optional[Path], typer.Option("-o", "--out", help="Folder for the operative note.")
    ] = None,
    checklist: Annotated[
        Optional[Path], typer.Option(help="TOML: items that your clinic adds to WHO's.")
    ] = None,
    limits: Annotated[
        Optional[Path], typer.Option(help="TOML: your own limits of planned against done.")
    ] = None,
    json: Json = False,
) -> None:  # fmt: skip
    """The procedure: checklist, planned against done, discharge, the operative note."""
    from basivert.edge.cli import record as procedure

    procedure.recorded(file, out, checklist=checklist, limits=limits, as_json=json)


@app.command()
def doctor(json: Json = False) -> None:
    """Say what is installed and whether it works."""
    from basivert.edge.cli import commands

    commands.doctor(as_json=json)
