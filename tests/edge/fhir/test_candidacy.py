"""From a health record to the answer on candidacy, and the answer back into FHIR."""

import json

import pytest

from basivert.care.candidacy.editions import edition
from basivert.care.candidacy.entered import entered
from basivert.edge.candidacy_codec import candidacy_document, considered
from basivert.edge.fhir.facts_document import facts_document
from basivert.edge.fhir.read import builtin_codes, read
from basivert.edge.fhir.write import bundle
from tests.edge.fhir.cases import NOW, made
from tests.edge.fhir.records import TODAY

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")


def decided(shared, name):
    (file,) = (shared / "fhir" / "synthea_r4").glob(f"{name}_*.json")
    found = read(file.read_text("utf-8"), file.name, today=TODAY)
    known = builtin_codes()[1]
    facts = entered(facts_document(found.facts), known, origin="entered")
    return candidacy_document(considered(facts, edition("label_2019", known), known))


@pytest.mark.parametrize(
    ("name", "answer"), [("Randolph_Wisoky", "not_candidate"), ("Jacki_Feil", "unknown")]
)
def test_a_record_decides_only_what_it_says(shared, name, answer):
    document = decided(shared, name)
    assert document["answer"] == answer
    whole = bundle(made(verdict=document), now=NOW)
    (one,) = [e["resource"] for e in whole["entry"] if "Guidance" in e["resource"]["resourceType"]]
    assert one["status"] == ("data-required" if answer == "unknown" else "success")
    assert bool(one.get("dataRequirement")) == bool(document["missing"])
    assert document["rules_edition"] in json.dumps(one)
