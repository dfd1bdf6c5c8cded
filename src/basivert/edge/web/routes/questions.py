"""What patients ask before the procedure: open to everybody, each answer with its source."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from basivert.care.candidacy.questions import languages, questions
from basivert.edge.web import cookies
from basivert.edge.web.pages import page

router = APIRouter(prefix="/questions", include_in_schema=False)
ENGLISH = "en"


@router.get("")
def show(request: Request, language: str = ENGLISH) -> Response:
    """The page in a language that there is; English for another."""
    back = "/my" if cookies.cookie_of(request, cookies.PATIENT) else ""
    chosen = language if language in languages() else ENGLISH
    return page(
        request, "questions.html.j2", home=back or "/", asked=questions(chosen), language=chosen,
        languages=languages(), back=back,
    )  # fmt: skip
