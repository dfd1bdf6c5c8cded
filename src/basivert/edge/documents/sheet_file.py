"""The patient's sheet as HTML and as a tagged PDF."""

from __future__ import annotations

import json
from dataclasses import asdict
from functools import cache
from importlib import resources
from importlib.util import find_spec
from typing import TYPE_CHECKING

from basivert.care.preparation.sheet import Sheet
from basivert.errors import MissingExtra

if TYPE_CHECKING:
    from jinja2 import Template


def sheet_html(sheet: Sheet) -> str:
    """One page that needs nothing else."""
    return _template().render(sheet=sheet)


def sheet_pdf(sheet: Sheet) -> bytes:
    """A tagged PDF (PDF/UA-1); the same bytes for the same sheet.

    Text goes in as data, never as markup. The type shrinks, down to a readable 8 points, until
    everything fits on one page; what still does not fit goes on a second.

    Raises: MissingExtra where typst is not installed.
    """
    try:
        import typst
    except ImportError as cause:
        raise MissingExtra(
            "The PDF needs typst.", fix="pip install 'basivert[report]', or print sheet.html."
        ) from cause

    source = resources.files("basivert.edge.documents") / "templates" / "sheet.typ"
    made = typst.compile(
        source.read_bytes(), sys_inputs={"sheet": json.dumps(asdict(sheet))}, format="pdf",
        pdf_standards=["ua-1"], ignore_system_fonts=True,
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def can_make_pdf() -> bool:
    """Whether typst is installed."""
    return find_spec("typst") is not None


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("basivert.edge.documents"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("sheet.html.j2")
