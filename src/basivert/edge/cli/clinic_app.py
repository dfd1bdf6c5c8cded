"""Commands about a clinic's database: parse, call, hand over."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

Db = Annotated[
    Optional[str],
    typer.Option("--db", help="sqlite:///FILE or postgresql://…; default BASIVERT_DB, else yours."),
]
Photos = Annotated[
    Optional[Path],
    typer.Option(help="Folder of photographs; default beside the SQLite file."),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Patient = Annotated[str, typer.Argument(help="Pseudonym of the patient.")]

accounts = typer.Typer(help="Who signs in.", no_args_is_help=True)
audit = typer.Typer(help="The trail of who did what.", no_args_is_help=True)
db = typer.Typer(help="The database's edition.", no_args_is_help=True)
person = typer.Typer(help="Everything kept of one person.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Hang the commands into the command line."""
    app.command()(serve)
    app.command()(backup)
    app.command()(restore)
    app.add_typer(accounts, name="accounts")
    app.add_typer(audit, name="audit")
    app.add_typer(db, name="db")
    app.add_typer(person, name="person")


def serve(
    url: Annotated[
        Optional[str],
        typer.Option("--db", help="Database; default BASIVERT_DB, else basivert/clinic.db in "
                     "$XDG_DATA_HOME or ~/.local/share."),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 8000,
    settings: Annotated[
        Optional[Path],
        typer.Option(help="TOML of the server: hosts, https, address, idle_minutes, longest_hours, "
                     "smtp, mail_from, largest_photo_mb."),
    ] = None,
    clinic_name: Annotated[str, typer.Option(help="First start: the clinic's name.")] = "",
    clinic_phone: Annotated[str, typer.Option(help="First start: whom patients call.")] = "",
    zone: Annotated[str, typer.Option(help="First start: such as America/Chicago.")] = "",
) -> None:  # fmt: skip
    """Pages for physician, nurse, registry and patient; creates the first account."""
    from basivert.edge.cli import serve as server
    from basivert.edge.cli.first_account import Founding

    founding = Founding(name=clinic_name, phone=clinic_phone, zone=zone)
    server.serve(url, host, port, settings, founding)


def backup(
    out: Annotated[Path, typer.Option("-o", "--out", help="File to write; must be new.")],
    url: Db = None, photos: Photos = None, json: Json = False,
) -> None:  # fmt: skip
    """Copy the clinic's database and photographs into one file, proved whole."""
    from basivert.edge.cli import clinic

    clinic.backup(url, out, photos=photos, as_json=json)


def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")], url: Db = None, photos: Photos = None,
    json: Json = False,
) -> None:  # fmt: skip
    """Put a backup into an empty place and check that everything is there again."""
    from basivert.edge.cli import clinic

    clinic.restore(file, url, photos=photos, as_json=json)


@accounts.command()
def reset(
    user: Annotated[str, typer.Argument(help="The name that is typed to sign in.")],
    url: Db = None, json: Json = False,
) -> None:  # fmt: skip
    """Give an account a new password, told once; its sessions end, and the trail keeps it."""
    from basivert.edge.cli import reset as resets

    resets.reset(url, user, as_json=json)


@audit.command()
def verify(
    url: Db = None,
    head: Annotated[
        Optional[str],
        typer.Option(help="NUMBER:HASH noted earlier, from a backup or this command."),
    ] = None,
    json: Json = False,
) -> None:
    """Prove that no row of the trail was changed or taken away."""
    from basivert.edge.cli import clinic

    clinic.verify_audit(url, head, as_json=json)


@db.command()
def upgrade(
    url: Db = None,
    out: Annotated[
        Optional[Path], typer.Option("--backup", help="File for the backup made first.")
    ] = None,
    photos: Photos = None, json: Json = False,
) -> None:  # fmt: skip
    """Bring the database to this version's edition; a backup is made first."""
    from basivert.edge.cli import clinic

    clinic.upgrade_database(url, out, photos=photos, as_json=json)


@person.command()
def export(
    patient: Patient,
    out: Annotated[Path, typer.Option("-o", "--out", help="Folder to write; must be new.")],
    url: Db = None, photos: Photos = None, json: Json = False,
) -> None:  # fmt: skip
    """Write everything kept of one person: JSON and photographs."""
    from basivert.edge.cli import clinic

    clinic.export_person(url, patient, out, photos=photos, as_json=json)


@person.command()
def delete(
    patient: Patient,
    confirm: Annotated[str, typer.Option(help="The pseudonym once more.")],
    url: Db = None, photos: Photos = None, json: Json = False,
) -> None:  # fmt: skip
    """Delete everything kept of one person; the trail keeps that it was done."""
    from basivert.edge.cli import clinic

    clinic.delete_person(url, patient, confirm, photos=photos, as_json=json)
