"""`basivert fhir case`: a stored case as FHIR, for whoever runs the machine."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from basivert.edge.cli.clinic import opened
from basivert.edge.cli.fhir import tell_bundle, write_json
from basivert.edge.fhir.write import bundle
from basivert.edge.fhir_of import case_of
from basivert.edge.store import cases
from basivert.edge.store.actor import operator
from basivert.edge.whole_file import whole_file


def write_case(number: int, url: str | None, out: Path, *, as_json: bool) -> None:
    """Write one case of the database as a transaction; the trail keeps that it was done."""
    with whole_file(out) as place, opened(url, None) as store:
        with store.reading(operator()) as work:
            clinic = cases.clinic_of(work, number)
        with store.reading(operator(clinic)) as work:
            made = bundle(case_of(work, number), now=dt.datetime.now().astimezone())
        write_json(place, made)
    tell_bundle(made, out, as_json=as_json)
