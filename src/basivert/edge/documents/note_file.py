"""The operative note as one HTML page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from basivert.care.procedure.note import Note

if TYPE_CHECKING:
    from jinja2 import Template


def note_html(note: Note) -> str:
    """One page that needs nothing else."""
    return _template().render(note=note)


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("basivert.edge.documents"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("note.html.j2")
