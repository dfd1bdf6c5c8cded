"""Schemathesis sends what the description allows and what it forbids: never a fault of ours."""

import pytest
from hypothesis import HealthCheck, given, settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from schemathesis.checks import not_a_server_error  # noqa: E402

from basivert.edge.store.engine import open_store  # noqa: E402
from basivert.edge.web import rates  # noqa: E402
from basivert.edge.web.app import create_app  # noqa: E402
from basivert.edge.web.settings import Settings  # noqa: E402


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """The pages, with programs counted less strictly: here it is faults that are looked for."""
    most = rates.MOST["api"]
    rates.MOST["api"] = 1_000_000
    store = open_store(str(tmp_path_factory.mktemp("fuzz") / "clinic.db"))
    pages = create_app(store, Settings(hosts=("testserver",)))

    async def from_this_machine(scope, receive, send):
        if scope["type"] == "http":
            scope = {**scope, "client": ("127.0.0.1", 5000)}
        await pages(scope, receive, send)

    yield from_this_machine
    store.close()
    rates.MOST["api"] = most


@pytest.fixture(scope="module")
def schema(app):
    return schemathesis.openapi.from_asgi("/openapi.json", app)


@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("at", ["/api/candidacy", "/api/triage", "/api/outcomes/score"])
def test_nothing_that_is_sent_is_a_fault_of_the_server(schema, at, mode):
    """What the description allows is answered or refused in words; so is what it forbids."""
    seen = set()

    @given(schema[at]["POST"].as_strategy(generation_mode=mode))
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
    def sent(case):
        answer = case.call()
        seen.add(answer.status_code)
        case.validate_response(answer, checks=[not_a_server_error])

    sent()
    assert seen <= {200, 405, 413, 415, 422}, seen
    assert (200 if mode is schemathesis.GenerationMode.POSITIVE else 422) in seen


def test_the_whole_description_is_tried(schema):
    found = {each.ok().label for each in schema.get_all_operations()}
    assert found == {"POST /api/candidacy", "POST /api/triage", "POST /api/outcomes/score"}
