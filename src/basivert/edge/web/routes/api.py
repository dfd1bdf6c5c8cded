"""For programs on this machine: the command line's answers to what is sent; nothing is stored."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from basivert.care.candidacy.editions import DEFAULT, candidate_facts, edition
from basivert.care.candidacy.entered import entered
from basivert.care.outcomes.rules import outcome_rules
from basivert.care.outcomes.scoring import odi, pain
from basivert.care.recovery.words import words
from basivert.edge.candidacy_codec import candidacy_document, considered
from basivert.edge.care_codec.score import score_document
from basivert.edge.care_codec.triage import answered
from basivert.edge.record_file import record_of
from basivert.edge.web import api_schema, rates
from basivert.edge.web.site import site_of
from basivert.errors import ForbiddenError

router = APIRouter(prefix="/api", tags=["programs"])
Record = dict[str, Any]
RULES = Query(description="The rule set that answers.", json_schema_extra={
    "enum": api_schema.rule_sets(),
})  # fmt: skip
INSTRUMENTS = {"odi": odi, "nrs": pain}


@router.post(
    "/candidacy", openapi_extra=api_schema.body(api_schema.candidacy()),
    responses=api_schema.answers(
        "Candidate, not a candidate or unknown, with reasons.", "answer", "reasons", "missing",
        "rules_edition",
    ),
)  # fmt: skip
async def candidacy(request: Request, rules: Annotated[str, RULES] = DEFAULT) -> Response:
    """What `basivert candidacy FILE --json` answers to the body."""

    def told(record: Record) -> Record:
        known, today = candidate_facts(), dt.datetime.now().astimezone().date()
        chosen = edition(rules, known)
        facts = entered(record, known, origin="entered", today=today)
        return candidacy_document(considered(facts, chosen, known))

    return await _answer(request, told)


@router.post(
    "/triage", openapi_extra=api_schema.body(api_schema.triage()),
    responses=api_schema.answers(
        "Emergency, call now, call today, all right or incomplete.", "answer", "missing",
        "rules_edition",
    ),
)  # fmt: skip
async def triage(request: Request, language: Literal["en", "es"] = "en") -> Response:
    """What `basivert triage FILE --json` answers to the body."""
    return await _answer(request, lambda record: answered(record, words(language)))


@router.post(
    "/outcomes/score",
    openapi_extra=api_schema.body(api_schema.scores()),
    responses=api_schema.answers("A score, or unknown.", "instrument", "answer", "score"),
)
async def score(request: Request, instrument: Literal["odi", "nrs"]) -> Response:
    """What `basivert outcomes score odi|nrs FILE --json` answers to the body."""
    return await _answer(
        request, lambda record: score_document(INSTRUMENTS[instrument](record, outcome_rules()))
    )


async def _answer(request: Request, told: Callable[[Record], Record]) -> Response:
    """The document for a body of JSON that a program on this machine sends, not too often."""
    host = request.client.host if request.client else ""
    if not _here(host):
        raise ForbiddenError(
            "Only programs on this machine may ask.", fix="Use the command line, or sign in."
        )
    # Other sites' pages cannot send this type without asking first, which nobody answers.
    kind = request.headers.get("content-type", "").partition(";")[0].strip().casefold()
    if kind != "application/json":
        raise HTTPException(415)
    body = await request.body()
    made = await run_in_threadpool(_made, request, host, body, told)
    return JSONResponse(made)


def _made(request: Request, host: str, body: bytes, told: Callable[[Record], Record]) -> Record:
    rates.check(site_of(request).store, f"api:{host}")
    return told(record_of(body, "The body"))


def _here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
