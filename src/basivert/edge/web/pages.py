"""Templates and what every page shows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import jinja2
from fastapi import Request
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from basivert.care.contact import dialable
from basivert.care.recovery.words import whose
from basivert.constants.load import document
from basivert.edge.web.forms import options, pairs, shown, value_words

LANGUAGES = ("en", "es")
# Of a case, in the order in which a patient comes through them.
PARTS = (
    ("Candidacy", "candidacy"), ("Preparation", "preparation"), ("Procedure", "procedure"),
    ("Aftercare", "aftercare"), ("Outcomes", "outcomes"), ("Health record", "record"),
)  # fmt: skip
HTMX = "htmx-2.0.10.min.js"
_HYPHENED = re.compile(r"\d+(?:-\d+)+")


@cache
def environment() -> jinja2.Environment:
    """Templates; an undefined name is an error, every value is escaped."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("basivert.edge.web", "templates"), autoescape=True,
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    for name, helper in (("options", options), ("shown", shown), ("value_words", value_words),
                         ("pairs", pairs), ("dialable", dialable),
                         ("day_words", day_words), ("whose", whose)):  # fmt: skip
        made.globals[name] = helper  # pyright: ignore[reportArgumentType]  any callable may be one
    made.filters["unbroken"] = unbroken
    made.globals["parts_of_a_case"] = PARTS  # pyright: ignore[reportArgumentType]
    made.globals["answer_words"] = {  # pyright: ignore[reportArgumentType]
        "candidate": "candidate", "not_candidate": "not a candidate", "unknown": "not known yet",
    }  # fmt: skip
    return made


def unbroken(text: str) -> Markup:
    """The text, with telephone numbers and dates that no line's end takes apart."""
    return Markup(_HYPHENED.sub(r'<span class="day">\g<0></span>', str(escape(text))))


def day_words(day: int, words: Mapping[str, str]) -> str:
    """A day since the procedure, as a heading says it."""
    return words["day_0"] if day == 0 else words["day_n"].format(n=day)


@cache
def words(language: str) -> dict[str, str]:
    """Words of the pages themselves in a language; English where one is missing."""
    english = document("care/pages_en")
    return english if language == "en" else {**english, **document(f"care/pages_{language}")}


@cache
def htmx() -> str:
    """The script's file where the package was built with it, else empty."""
    place = resources.files("basivert.edge.web") / "static" / "vendor" / HTMX
    return HTMX if place.is_file() else ""


def wished(request: Request) -> str:
    """The language that a stranger's link or browser asks for; nothing is looked up for it."""
    asked = request.query_params.get("language", "")
    if asked in LANGUAGES:
        return asked
    sent = request.headers.get("accept-language", "").split(",")
    first = (one.partition(";")[0].strip().partition("-")[0].casefold() for one in sent)
    return next((one for one in first if one in LANGUAGES), "en")


def page(request: Request, template: str, *, status: int = 200, **shown_here: Any) -> HTMLResponse:
    """A page with who is signed in, their menu and a token for its forms."""
    visit = getattr(request.state, "visit", None)
    language = shown_here.pop("language", visit.language if visit else "en")
    language = language if language in LANGUAGES else "en"
    always = {
        "language": language,
        "words": words(language),
        "htmx": htmx(),
        "here": request.url.path,
        "actor": visit.actor if visit else None,
        "csrf": visit.csrf if visit else "",
        "menu": visit.menu if visit else (),
        "home": visit.home if visit else "/",
        "said": None,
    }
    text = environment().get_template(template).render({**always, **shown_here})
    return HTMLResponse(text, status_code=status)
