"""What single resources say: yes, no, or only a reason to ask."""

import datetime as dt

import pytest

from tests.edge.fhir.records import (
    CLINICAL,
    TODAY,
    VERIFIED,
    asks,
    bundle,
    concept,
    condition,
    observation,
    quantity,
    reading,
    values,
)

pytest.importorskip("fhir.resources", reason="fhir.resources not installed: basivert[fhir]")
WHOLE, PART = "84114007", "88805009"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"


@pytest.mark.parametrize(
    ("given", "answer", "asked"),
    [
        ({}, True, False),
        ({"clinical": "recurrence"}, True, False),
        ({"clinical": "relapse"}, True, False),
        ({"sure": None}, True, False),
        ({"clinical": "inactive"}, None, False),
        ({"clinical": "remission"}, None, False),
        ({"clinical": "resolved"}, None, False),
        ({"clinical": None}, None, True),
        ({"sure": "unconfirmed"}, None, True),
        ({"sure": "provisional"}, None, True),
        ({"sure": "differential"}, None, True),
        ({"sure": "entered-in-error", "clinical": None}, None, False),
        ({"sure": "refuted", "clinical": None}, False, False),
        ({"sure": "refuted", "clinical": None, "code": PART}, None, True),
        ({"abatementDateTime": "2020"}, None, True),
        ({"code": "195967001"}, None, False),
        ({"code": "1"}, None, False),
        ({"code": "I50.22", "system": ICD}, True, False),
        ({"code": "I51", "system": ICD}, None, False),
        ({"code": WHOLE, "system": "http://loinc.org"}, None, False),
    ],
)
def test_heart_failure_is_yes_no_or_open(given, answer, asked):
    found = reading(condition(**given))
    assert values(found).get("heart_failure") is answer
    assert ("heart_failure" in asks(found)) == asked
    assert len(found.kept) == 1


def statuses(name, *codes):
    return {name: {"coding": [{"system": system, "code": code} for system, code in codes]}}


LOCAL = "http://hospital.example/status"


@pytest.mark.parametrize(
    ("given", "answer", "asked"),
    [
        (statuses("verificationStatus", (LOCAL, "confirmed"), (VERIFIED, "refuted")), False, False),
        (statuses("verificationStatus", (VERIFIED, "confirmed"), (LOCAL, "refuted")), True, False),
        (
            statuses("verificationStatus", (VERIFIED, "confirmed"), (VERIFIED, "refuted")),
            None,
            True,
        ),
        (statuses("clinicalStatus", (LOCAL, "active"), (CLINICAL, "resolved")), None, False),
        (statuses("clinicalStatus", (LOCAL, "resolved"), (CLINICAL, "active")), True, False),
        (statuses("clinicalStatus", (CLINICAL, "active"), (CLINICAL, "resolved")), None, True),
    ],
)
def test_a_status_is_read_in_its_own_system_and_two_are_none(given, answer, asked):
    refuted = answer is False
    found = reading(condition(clinical=None if refuted else "active") | given)
    assert values(found).get("heart_failure") is answer
    assert ("heart_failure" in asks(found)) is asked


def test_weak_lungs_are_asked_about_not_concluded():
    found = reading(condition("13645005"))
    assert values(found) == {}
    assert asks(found) == {"weak_lungs"}


def test_an_active_diagnosis_stands_above_one_that_was_refuted():
    yes = condition(PART, id="c1", recordedDate="2020-01-01")
    no = condition(WHOLE, id="c2", sure="refuted", clinical=None, recordedDate="2026-01-01")
    for order in ((yes, no), (no, yes)):
        found = reading(*order)
        assert values(found) == {"heart_failure": True}
        assert found.facts["heart_failure"].origin == "FHIR Condition/c1"
        assert any(one.reference == "Condition/c2" for one in found.unmapped)


def pregnancy(code, on, name="o1"):
    return observation(
        "82810-3", on=on, id=name, valueCodeableConcept=concept("http://snomed.info/sct", code)
    )


@pytest.mark.parametrize(
    ("resources", "answer"),
    [
        ((pregnancy("77386006", "2026-11-01"),), True),
        ((pregnancy("60001007", "2026-11-20"),), False),
        ((pregnancy("60001007", "2026-10-28"),), None),  # 29 days
        ((pregnancy("77386006", "2026-01-30"),), True),  # 300 days
        ((pregnancy("77386006", "2026-01-29"),), None),
        ((pregnancy("77386006", "2026-11-27"),), None),  # tomorrow
        ((pregnancy("77386006", "2026-03-01"), pregnancy("60001007", "2026-11-20", "o2")), False),
        ((pregnancy("77386006", "2026-11-20"), pregnancy("60001007", "2026-11-20", "o2")), None),
        ((pregnancy("261665006", "2026-11-20"),), None),  # "unknown"
        # one day, told apart by their instants: 21:30 and 22:00 of UTC
        (
            (
                pregnancy("77386006", "2026-11-20T22:30:00+01:00"),
                pregnancy("60001007", "2026-11-20T22:00:00Z", "o2"),
            ),
            False,
        ),
        (
            (
                pregnancy("77386006", "2026-11-20T22:30:00Z"),
                pregnancy("60001007", "2026-11-20", "o2"),
            ),
            None,
        ),
    ],
)
def test_pregnancy_is_what_was_last_found_while_it_speaks_of_today(resources, answer):
    assert values(reading(*resources)).get("pregnant") is answer


@pytest.mark.parametrize(
    ("given", "months"),
    [
        ({"onsetDateTime": "2026-05-26"}, 6),
        ({"onsetDateTime": "2026-05-27"}, 5),
        ({"onsetDateTime": "2024-11-26T10:00:00+01:00"}, 24),
        ({"onsetPeriod": {"start": "2026-05-26"}}, 6),
        ({"onsetDateTime": "2025-11"}, None),  # 30 November at the latest: 11 months for certain
        ({"onsetDateTime": "2025-10"}, 12),
        ({"onsetDateTime": "2024"}, 22),
        ({"onsetDateTime": "2026"}, None),
        ({"onsetString": "for years"}, None),
        ({"recordedDate": "2020-11-26"}, 72),
        ({"recordedDate": "2026-01-01"}, None),
        ({"onsetDateTime": "2027-01-01"}, None),
        ({}, None),
    ],
)
def test_pain_lasts_since_its_start_where_that_is_certain(given, months):
    found = reading(condition("278860009", **given))
    assert values(found).get("pain_months") == months
    assert (months is None) == ("pain_months" in asks(found))


def test_an_answer_counts_only_in_its_own_system():
    yes, foreign = "77386006", "http://example.org/codes"
    other = pregnancy(yes, "2026-11-20") | {"valueCodeableConcept": concept(foreign, yes)}
    found = reading(other)
    assert values(found) == {} and asks(found) == {"pregnant"}
    own = observation("pregnant", system=foreign, valueBoolean=True)
    assert values(reading(own)) == {}
    assert values(reading(own | {"code": concept("urn:basivert:fact", "pregnant")})) == {
        "pregnant": True
    }


def test_a_limit_is_no_value_of_a_fact_of_ours_either():
    def told(**more):
        return reading(observation("conservative_care_months", system="urn:basivert:fact",
                                   valueQuantity=quantity(8, "mo", **more)))  # fmt: skip

    assert values(told()) == {"conservative_care_months": 8}
    assert values(told(comparator="<")) == {}
    assert asks(told(comparator="<")) == {"conservative_care_months"}


def test_of_two_back_pains_the_longer_counts():
    found = reading(
        condition("279039007", id="a", onsetDateTime="2026-01-26"),
        condition("M54.51", system=ICD, id="b", onsetDateTime="2020-11-26"),
    )
    assert values(found) == {"pain_months": 72}


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        ({"valueQuantity": quantity(44, "%")}, 44),
        ({"valueQuantity": quantity(44)}, None),  # 44 % or 44 of 50 points
        ({"valueQuantity": quantity(62)}, 62),
        ({"valueQuantity": quantity(22), "referenceRange": [{"high": quantity(50)}]}, 44),
        ({"valueQuantity": quantity(22), "referenceRange": [{"high": quantity(100)}]}, 22),
        ({"valueQuantity": quantity(22, "kg")}, None),
        ({"valueQuantity": quantity(120, "%")}, None),
        ({"valueQuantity": quantity(30, "%", comparator=">")}, None),
        ({"valueString": "much"}, None),
        ({"dataAbsentReason": {"text": "refused"}}, None),
        ({"valueQuantity": quantity(44, "%"), "status": "preliminary"}, None),
        ({"valueQuantity": quantity(44, "%"), "status": "entered-in-error"}, None),
    ],
)
def test_oswestry_is_percent_only_where_the_unit_says_so(value, answer):
    found = reading(observation("97909-6", **value))
    assert values(found).get("odi") == answer


def test_bone_density_is_the_lowest_of_the_latest_day():
    def score(name, code, value, on):
        return observation(code, id=name, on=on, valueQuantity=quantity(value, "{T-Score}"))

    found = reading(
        score("a", "80946-7", -3.0, "2020-01-01"),
        score("b", "80946-7", -1.62, "2021-11-10"),
        score("c", "80948-3", -1.48, "2021-11-10"),
    )
    assert values(found) == {"osteoporosis_t_score": -1.62}


def implant(**more):
    return {
        "resourceType": "Device", "id": "d1", "status": "active",
        "type": concept("http://snomed.info/sct", "14106009"),
        "patient": {"reference": "Patient/p1"}, **more,
    }  # fmt: skip


def test_a_pacemaker_in_use_is_implanted_one_on_a_shelf_is_not_known():
    assert values(reading(implant())) == {"implanted_electronics": True}
    for changes in ({"status": "inactive"}, {"patient": None}, {"status": None}):
        given = {key: value for key, value in implant(**changes).items() if value is not None}
        found = reading(given)
        assert values(found) == {} and asks(found) == {"implanted_electronics"}


def test_a_device_in_use_is_found_through_its_statement():
    use = {
        "resourceType": "DeviceUseStatement", "id": "u1", "status": "active",
        "subject": {"reference": "Patient/p1"}, "device": {"reference": "Device/d1"},
    }  # fmt: skip
    loose = {key: value for key, value in implant().items() if key != "patient"}
    found = reading(use, loose)
    assert values(found) == {"implanted_electronics": True}


@pytest.mark.parametrize("status", ["completed", "not-done", "in-progress", "stopped", "unknown"])
def test_every_procedure_is_listed_with_its_own_status(status):
    done = {"resourceType": "Procedure", "id": "x", "status": status,
            "subject": {"reference": "Patient/p1"}, "code": {"text": "Discectomy"}}  # fmt: skip
    (one,) = reading(done).procedures
    assert (one.what, one.status, one.origin) == ("Discectomy", status, "FHIR Procedure/x")


def test_an_implantation_that_was_not_done_says_nothing():
    done = {"resourceType": "Procedure", "id": "x", "status": "not-done",
            "subject": {"reference": "Patient/p1"},
            "code": concept("http://www.ama-assn.org/go/cpt", "33249")}  # fmt: skip
    assert values(reading(done)) == {}
    assert values(reading({**done, "status": "completed"})) == {"implanted_electronics": True}
    assert asks(reading({**done, "status": "in-progress"})) == {"implanted_electronics"}


def drug(**more):
    return {"resourceType": "MedicationStatement", "id": "m1", "status": "active",
            "subject": {"reference": "Patient/p1"},
            "medicationCodeableConcept": {"text": "Warfarin 5 MG"}, **more}  # fmt: skip


@pytest.mark.parametrize("status", ["active", "not-taken", "unknown", "stopped", "on-hold"])
def test_a_medicine_keeps_its_status(status):
    (one,) = reading(drug(status=status)).medicines
    assert (one.name, one.status) == ("Warfarin 5 MG", status)


def test_a_medicine_is_named_by_the_resource_it_points_to():
    inside = {"resourceType": "Medication", "id": "in", "code": {"text": "Apixaban"}}
    bare = {key: one for key, one in drug().items() if key != "medicationCodeableConcept"}
    held = {**bare, "contained": [inside], "medicationReference": {"reference": "#in"}}
    assert [one.name for one in reading(held).medicines] == ["Apixaban"]
    beside = reading({**bare, "medicationReference": {"reference": "Medication/in"}}, inside)
    assert [one.name for one in beside.medicines] == ["Apixaban"]
    (lost,) = reading({**bare, "medicationReference": {"reference": "Medication/9"}}).unmapped
    assert "does not say which medicine" in lost.why


@pytest.mark.parametrize(
    ("born", "age"),
    [("1976-11-26", 50), ("1976-11-27", 49), ("1976", None), ("1976-12", 49), ("2027-01-01", None)],
)
def test_age_is_whole_years_where_the_birth_date_settles_it(born, age):
    found = reading({"resourceType": "Patient", "id": "p1", "birthDate": born})
    assert values(found).get("age_years") == age
    assert (age is None) == ("age_years" in asks(found))


def test_of_an_answer_and_a_question_in_one_code_the_answer_holds():
    both = {"coding": [{"system": "http://snomed.info/sct", "code": "443165006"},
                       {"system": ICD, "code": "S32.010A"}]}  # fmt: skip
    found = reading(condition() | {"code": both})
    assert values(found) == {"spine_fracture_or_tumour": True}


def test_a_proposal_is_no_medicine_taken():
    order = {"resourceType": "MedicationRequest", "id": "r", "status": "active",
             "subject": {"reference": "Patient/p1"},
             "medicationCodeableConcept": {"text": "Apixaban"}}  # fmt: skip
    assert len(reading({**order, "intent": "order"}).medicines) == 1
    assert reading({**order, "intent": "proposal"}).medicines == ()
    assert reading({**order, "intent": "order", "doNotPerform": True}).medicines == ()


def test_nothing_in_a_file_is_a_fact_by_its_absence():
    found = reading(bundle({"resourceType": "Patient", "id": "p1", "gender": "male"}))
    assert values(found) == {}


def test_the_day_of_reading_is_an_argument():
    pain = condition("278860009", onsetDateTime="2026-01-26")
    assert values(reading(pain, today=TODAY))["pain_months"] == 10
    assert values(reading(pain, today=dt.date(2027, 1, 26)))["pain_months"] == 12
