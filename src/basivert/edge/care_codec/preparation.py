"""`checklist.json`: a preparation for programs."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

from basivert.care.preparation.advice import Advice, LastDose, Option
from basivert.care.preparation.checklist import Item
from basivert.care.preparation.prepare import Preparation, Taken
from basivert.care.preparation.questions import span_words

SCHEMA = "basivert.preparation/1"


def preparation_document(made: Preparation) -> dict[str, Any]:
    """The document; every moment carries the clinic's offset."""
    begin, medicines = made.request.begin, made.medicines
    return {
        "schema": SCHEMA, "research_use_only": True,
        "procedure": {
            "start": begin.at.isoformat(), "zone": begin.zone,
            "start_utc": begin.at.astimezone(dt.UTC).isoformat(),
        },
        "lists": dict(made.chosen), "editions": dict(made.editions),
        "medicines": None if medicines is None else [_taken(one) for one in medicines],
        "checklist": [_item(one) for one in made.items],
        "left_out": [asdict(one) for one in made.left_out],
        "findings": [asdict(one) for one in made.findings],
    }  # fmt: skip


def _taken(one: Taken) -> dict[str, Any]:
    match = one.match
    return {
        "text": match.entry.text, "certainty": match.certainty,
        "needs_confirmation": match.needs_confirmation, "candidates": list(match.candidates),
        "confirmed_by": match.entry.confirmed_by, "dose": match.dose, "unread": match.unread,
        "prescriber": match.entry.prescriber, "origin": match.entry.origin or None,
        "questions": list(one.questions),
        "contains": [
            {
                "name": asked.medicine.shown, "rxnorm": asked.medicine.rxnorm or None,
                "classes": list(asked.medicine.classes), "lists_disagree": asked.disagree,
                "lists": [_advice(advice) for advice in asked.advice],
            }
            for asked in one.asked
        ],
    }  # fmt: skip


def _advice(one: Advice) -> dict[str, Any]:
    return {
        "list": one.listed, "edition": one.edition, "in_use": one.chosen, "title": one.title,
        "source": one.source, "confidence": one.confidence, "condition": one.condition,
        "not_known": list(one.open_facts), "options": [_option(option) for option in one.options],
    }  # fmt: skip


def _option(one: Option) -> dict[str, Any]:
    return {
        "action": one.action, "case": one.case,
        "before": span_words(one.before) if one.before else None,
        "restart_after": span_words(one.restart) if one.restart else None,
        "last_dose_longest": _last(one.earliest), "last_dose_shortest": _last(one.latest),
    }  # fmt: skip


def _last(one: LastDose | None) -> dict[str, str] | None:
    if one is None:
        return None
    return {"by": one.latest.isoformat(), "last_full_day": one.last_full_day.isoformat()}


def _item(one: Item) -> dict[str, Any]:
    done = one.done
    return {
        "name": one.name, "owner": one.owner, "due": one.due.isoformat(), "what": one.wording,
        "source": one.source, "confidence": one.confidence, "settled": one.settled.name.lower(),
        "open": one.open, "overdue": one.overdue,
        "done": {"by": done.by, "at": done.at.isoformat()} if done else None,
    }  # fmt: skip
