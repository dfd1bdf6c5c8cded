"""A year or a month is no day, and a time without a zone is no instant."""

import datetime as dt

import pytest

from basivert.edge.fhir.dates import day
from tests.edge.fhir.records import concept, observation, quantity, reading

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2024", "2024-01-01", "2024-12-31"), ("2024-02", "2024-02-01", "2024-02-29"),
        ("2023-02", "2023-02-01", "2023-02-28"), ("2024-05-07", "2024-05-07", "2024-05-07"),
        # The day as it was where it was written, not as it was in UTC.
        ("2024-05-07T23:30:00-06:00", "2024-05-07", "2024-05-07"),
    ],
)  # fmt: skip
def test_a_date_keeps_what_it_leaves_open(text, first, last):
    found = day(text)
    assert (str(found.first), str(found.last)) == (first, last)
    assert (found.exact is None) is (first != last)


def test_only_a_time_with_its_zone_is_an_instant():
    assert day("2024-05-07T23:30:00-06:00").moment == dt.datetime(2024, 5, 8, 5, 30, tzinfo=dt.UTC)
    assert day("2024-05-07T23:30:00").moment is None and day("2024-05-07").moment is None


SUBJECT = {"subject": {"reference": "Patient/p1"}}


@pytest.mark.parametrize(
    ("written", "on"),
    [("2024", None), ("2024-05", None), ("2024-05-07", dt.date(2024, 5, 7)), (None, None)],
)
def test_a_record_has_a_day_only_where_one_was_written(written, on):
    def at(name):
        return {} if written is None else {name: written}

    (medicine,) = reading({
        "resourceType": "MedicationStatement", "id": "m", "status": "active", **SUBJECT,
        "medicationCodeableConcept": {"text": "Warfarin"}, **at("effectiveDateTime"),
    }).medicines  # fmt: skip
    (done,) = reading({
        "resourceType": "Procedure", "id": "x", "status": "completed", **SUBJECT,
        "code": {"text": "Discectomy"}, **at("performedDateTime"),
    }).procedures  # fmt: skip
    found = reading(observation(on=written or "2024", valueQuantity=quantity(4)))
    assert medicine.on == done.on == on
    assert [one.on for one in found.observations] == [on]


def test_a_fact_has_a_day_only_where_one_was_written():
    implant = {"resourceType": "Procedure", "id": "x", "status": "completed", **SUBJECT,
               "code": concept("http://www.ama-assn.org/go/cpt", "33249")}  # fmt: skip
    for written, on in (("2024-05", None), ("2024-05-07", dt.date(2024, 5, 7))):
        fact = reading({**implant, "performedDateTime": written}).facts["implanted_electronics"]
        assert (fact.value, fact.on) == (True, on)
