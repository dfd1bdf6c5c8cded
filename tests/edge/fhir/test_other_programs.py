"""Emitted FHIR before programs that are not ours: a validator, a server, a client."""

import json
import subprocess
import urllib.request
from pathlib import Path

import pytest

from basivert.edge.fhir.case import case
from basivert.edge.fhir.read import read
from basivert.edge.fhir.write import bundle
from tests.edge.fhir.cases import NOW, WHOLE
from tests.edge.fhir.records import TODAY, observation, quantity, values

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def whole():
    return bundle(case(WHOLE), now=NOW)


def errors(folder, resources):
    words = ["node", str(HERE / "validator.cjs"), str(folder)]
    done = subprocess.run(
        words, input=json.dumps(resources), capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def test_the_npm_validator_finds_no_error(node_folder, whole):
    resources = [one["resource"] for one in whole["entry"]]
    assert errors(node_folder, [*resources, whole]) == [[]] * (len(resources) + 1)


def test_the_npm_validator_would_find_a_wrong_code(node_folder):
    wrong = observation(valueQuantity=quantity(4)) | {"status": "nonsense"}
    (found,) = errors(node_folder, [wrong])
    assert found


@pytest.fixture
def server(node_folder):
    words = ["node", str(HERE / "server.mjs"), str(node_folder)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as running:
        try:
            port = running.stdout.readline().strip()
            assert port, "the FHIR server did not start"
            yield f"http://127.0.0.1:{port}"
        finally:
            running.terminate()


def post(server, body):
    request = urllib.request.Request(
        server + "/", json.dumps(body).encode(), {"Content-Type": "application/fhir+json"}
    )
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_a_server_takes_the_transaction_and_a_client_reads_it_back(server, whole):
    fhirpy = pytest.importorskip("fhirpy", reason="fhirpy not installed: pip install fhirpy")
    answer = post(server, whole)
    assert answer["type"] == "transaction-response"
    assert {one["response"]["status"] for one in answer["entry"]} <= {"200", "201"}

    client = fhirpy.SyncFHIRClient(server)
    (patient,) = client.resources("Patient").fetch_all()
    kinds = {one["resource"]["resourceType"] for one in whole["entry"]}
    back = [one for kind in sorted(kinds) for one in client.resources(kind).fetch_all()]
    assert len(back) == len(whole["entry"])
    # The server gave new ids, and put them wherever an entry was pointed to.
    text = json.dumps([one.serialize() for one in back])
    assert "urn:uuid" not in text
    here = {f"{one.resource_type}/{one.id}" for one in back}
    for one in client.resources("Procedure").fetch_all():
        assert one["subject"]["reference"] == f"Patient/{patient.id}"
        assert {part["reference"] for part in one.get("partOf", [])} <= here

    entries = [{"resource": one.serialize()} for one in back]
    searched = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    found = read(json.dumps(searched), "x", today=TODAY)
    assert found.rejected == ()
    assert values(found) == values(read(json.dumps(whole), "x", today=TODAY))


def test_a_second_transaction_adds_to_the_same_patient(server, whole):
    fhirpy = pytest.importorskip("fhirpy", reason="fhirpy not installed: pip install fhirpy")
    post(server, whole)
    answer = post(server, whole)
    client = fhirpy.SyncFHIRClient(server)
    (patient,) = client.resources("Patient").fetch_all()
    made = [one["resource"] for one in answer["entry"] if "resource" in one]
    subjects = {one["subject"]["reference"] for one in made if "subject" in one}
    assert subjects == {f"Patient/{patient.id}"}
    assert len(client.resources("Questionnaire").fetch_all()) == 2
