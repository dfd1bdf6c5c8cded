"""Published intervals, side by side; the clinic chooses, the prescriber decides."""

import dataclasses
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.preparation.advice import earliest_stop
from basivert.care.preparation.prepare import chosen_lists
from basivert.care.preparation.stop_lists import overridden, stop_list
from basivert.errors import InputError

from .made import TABLES, asked, made, option

# Days as the named source gives them; shared facts of the project, sections 5 and 8.
PUBLISHED = [
    ("warfarin", "asra_2018", (5, 5)), ("acenocoumarol", "asra_2018", (3, 3)),
    ("apixaban", "asra_2018", (3, 3)), ("rivaroxaban", "asra_2018", (3, 3)),
    ("clopidogrel", "asra_2018", (7, 7)), ("prasugrel", "asra_2018", (7, 10)),
    ("ticagrelor", "asra_2018", (5, 5)), ("ibuprofen", "asra_2018", (1, 1)),
    ("diclofenac", "asra_2018", (1, 1)), ("ketorolac", "asra_2018", (1, 1)),
    ("etodolac", "asra_2018", (2, 2)), ("indomethacin", "asra_2018", (2, 2)),
    ("naproxen", "asra_2018", (4, 4)), ("meloxicam", "asra_2018", (4, 4)),
    ("nabumetone", "asra_2018", (6, 6)), ("oxaprozin", "asra_2018", (10, 10)),
    ("piroxicam", "asra_2018", (10, 10)), ("cilostazol", "asra_2018", (2, 2)),
    ("fondaparinux", "asra_2018", (4, 4)), ("aspirin", "sir_2019", (3, 5)),
    ("clopidogrel", "sir_2019", (5, 5)), ("prasugrel", "sir_2019", (7, 7)),
    ("warfarin", "epstein_2019", (5, 5)), ("apixaban", "epstein_2019", (2, 2)),
    ("rivaroxaban", "epstein_2019", (3, 3)), ("aspirin", "epstein_2019", (7, 10)),
    ("naproxen", "spine_surgery", (3, 3)), ("ketorolac", "spine_surgery", (3, 3)),
    ("ticlopidine", "spine_surgery", (14, 14)), ("aspirin", "spine_surgery", (7, 7)),
    ("ibuprofen", "one_clinic", (2, 2)), ("dabigatran", "one_clinic", (7, 7)),
    ("empagliflozin", "sglt2_2020", (3, 3)), ("ertugliflozin", "sglt2_2020", (4, 4)),
    ("garlic", "herbs_review", (7, 7)), ("ginseng", "herbs_review", (7, 7)),
    ("echinacea", "herbs_asa", (14, 14)),
]  # fmt: skip


def test_the_first_date_of_any_list_is_the_one_to_ask_before():
    # Aspirin: 3 to 5, 7, and 7 to 10 days; of these the longest. The procedure is on 21 December.
    found = earliest_stop([asked("aspirin")])["aspirin"]
    assert found.latest.date() == dt.date(2026, 12, 11)
    assert found.last_full_day == dt.date(2026, 12, 10)


@pytest.mark.parametrize(("name", "listed", "days"), PUBLISHED)
def test_published_days(name, listed, days):
    before = option(name, listed).before
    assert before.unit == "days" and (before.low, before.high) == days


@pytest.mark.parametrize(
    ("name", "listed", "facts", "hours"),
    [
        ("heparin", "asra_2018", {"heparin_route": "intravenous"}, 6),
        ("heparin", "asra_2018", {"heparin_route": "subcutaneous"}, 24),
        ("enoxaparin", "asra_2018", {"lmwh_dose": "prophylactic"}, 12),
        ("enoxaparin", "asra_2018", {"lmwh_dose": "therapeutic"}, 24),
        ("ginkgo", "herbs_review", {}, 36),
        ("apixaban", "sir_2019", {"creatinine_clearance": 50}, 48),
        ("apixaban", "sir_2019", {"creatinine_clearance": 49}, 72),
        ("rivaroxaban", "sir_2019", {}, 48),
        ("dabigatran", "asra_2018", {"kidney_disease": False}, 96),
    ],
)
def test_hours_doses_and_cases(name, listed, facts, hours):
    assert option(name, listed, facts=facts).before.hours[1] == hours


@pytest.mark.parametrize(
    ("name", "listed", "facts", "action"),
    [
        ("celecoxib", "asra_2018", {}, "continue"), ("celecoxib", "spine_surgery", {}, "stop"),
        ("sertraline", "asra_2018", {}, "continue"),
        ("phenelzine", "nervous_system", {}, "continue"),
        ("lisinopril", "heart_and_sugar", {}, "hold_that_day"),
        ("metoprolol", "heart_and_sugar", {}, "continue"),
        ("Lantus", "heart_and_sugar", {}, "decide"),
        ("oxycodone", "pain_and_steroids", {}, "continue"), ("Ozempic", "glp1_2023", {}, "stop"),
        ("Victoza", "glp1_2023", {}, "hold_that_day"), ("Ozempic", "glp1_2024", {}, "continue"),
        ("aspirin", "asra_2018", {"aspirin_reason": "secondary_prevention"}, "decide"),
        ("aspirin", "asra_2018", {"aspirin_reason": "primary_prevention"}, "stop"),
    ],
)  # fmt: skip
def test_actions(name, listed, facts, action):
    assert option(name, listed, facts=facts).action == action


def test_what_is_not_known_leaves_every_case_open_and_is_said():
    (advice,) = [one for one in asked("Pradaxa").advice if one.listed == "asra_2018"]
    assert [one.before.high for one in advice.options] == [4, 6]
    assert advice.open_facts == ("kidney_disease",)
    (taken,) = made(["Pradaxa"]).medicines
    assert "Not known: kidney disease." in taken.questions[0]


def test_the_three_editions_on_glp1_stand_side_by_side_and_none_is_chosen():
    one = asked("Trulicity")
    assert {each.listed for each in one.advice} == {"glp1_2023", "glp1_2024", "glp1_2025"}
    assert one.chosen == () and one.disagree
    chosen = asked("Trulicity", lists=("asra_2018", "glp1_2024"))
    assert [each.listed for each in chosen.chosen] == ["glp1_2024"]


@pytest.mark.parametrize(
    ("name", "disagree"),
    [("apixaban", True), ("clopidogrel", True), ("aspirin", True), ("naproxen", True),
     ("metformin", True), ("warfarin", False), ("ticagrelor", False), ("metoprolol", False)],
)  # fmt: skip
def test_lists_that_disagree_are_told(name, disagree):
    assert asked(name).disagree is disagree


def test_the_clinics_list_comes_first_and_the_others_stay():
    one = asked("clopidogrel", lists=("sir_2019",))
    assert one.advice[0].listed == "sir_2019" and one.advice[0].chosen
    assert {"asra_2018", "epstein_2019", "spine_surgery"} <= {each.listed for each in one.advice}


def test_nothing_is_said_without_ask_before_you_stop():
    names = list(TABLES.known.by_name)
    for name, taken in zip(names, made(names).medicines, strict=True):
        assert len(taken.questions) == len(taken.asked) >= 1, name
        for words in taken.questions:
            assert words.startswith("Ask the prescriber before you stop ")


def test_recalled_rows_are_marked_unverified():
    (taken,) = made(["ticagrelor"]).medicines
    assert taken.questions[0].count("[recalled, not verified]") == 2  # ASRA and SIR


def test_analogy_and_source_are_part_of_each_list():
    assert "analogy" in TABLES.lists["asra_2018"].note
    for one in TABLES.lists.values():
        assert one.source and one.edition
        assert {row.confidence for row in one.rows.values()} <= {"read", "recall", "part"}


def test_a_clinic_changes_a_row_and_the_edition_says_so():
    own = {"edition": "Lakeside 3", "source": "our sheet",
           "row": {"clopidogrel": {"before": {"days": 6}, "confidence": "clinic"}}}  # fmt: skip
    base = TABLES.lists["asra_2018"]
    changed = overridden(base, own, TABLES.known, TABLES.facts)
    assert changed.edition == "2018 + Lakeside 3"
    assert changed.overridden == {"clopidogrel": base.rows["clopidogrel"]}
    tables = dataclasses.replace(TABLES, lists={**TABLES.lists, "asra_2018": changed})
    assert option("Plavix", "asra_2018", tables=tables).before.high == 6
    assert "2018 + Lakeside 3" in made(["Plavix"], tables=tables).medicines[0].questions[0]


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"clopidogrl": {}}, "clopidogrel"), ({"aspirin": {"before": {"days": 6}}}, "confidence"),
        ({"aspirin": {"before": {"weeks": 1}, "confidence": "x"}}, "no span"),
        ({"aspirin": {"before": {"days": [3, 1]}, "confidence": "x"}}, "no span"),
        ({"aspirin": {"before": {"doses": 2}, "confidence": "x"}}, "doses_a_day"),
        ({"aspirin": {"action": "decide", "before": {"days": 2}, "confidence": ""}}, "only a stop"),
        ({"aspirin": {"action": "stop", "confidence": "x"}}, "needs before"),
        ({"aspirin": {"action": "halt", "confidence": "x"}}, "hold_that_day"),
    ],
)  # fmt: skip
def test_a_wrong_list_is_refused(row, word):
    head = dict.fromkeys(("name", "topic", "title", "edition", "body", "source", "note"), "t")
    with pytest.raises(InputError, match=word):
        stop_list({**head, "row": row}, TABLES.known, TABLES.facts)


def test_one_list_for_each_topic():
    with pytest.raises(InputError, match="same question"):
        chosen_lists(("asra_2018", "sir_2019"), TABLES.lists)
    with pytest.raises(InputError, match="asra_2018"):
        chosen_lists(("asra_208",), TABLES.lists)


WITH_CASES = ["aspirin", "heparin", "enoxaparin", "dabigatran", "apixaban", "semaglutide"]
CASE_FACTS = {
    "aspirin_reason": "primary_prevention", "heparin_route": "intravenous",
    "lmwh_dose": "prophylactic", "kidney_disease": True, "creatinine_clearance": 40,
    "glp1_form": "daily",
}  # fmt: skip


@given(
    st.sampled_from(WITH_CASES),
    st.dictionaries(st.sampled_from(sorted(CASE_FACTS)), st.booleans(), max_size=6),
)
def test_learning_a_fact_only_narrows_what_a_list_may_mean(name, drawn):
    more = {key: CASE_FACTS[key] for key in drawn}
    few = {key: CASE_FACTS[key] for key, kept in drawn.items() if kept}
    before, after = asked(name, facts=few), asked(name, facts=more)
    for one, other in zip(before.advice, after.advice, strict=True):
        assert set(other.options) <= set(one.options)
        assert set(other.open_facts) <= set(one.open_facts)
        assert bool(one.open_facts) == (len(one.options) > 1)


def test_aspirin_for_pain_is_not_the_same_as_for_prevention():
    """The list speaks of prevention; what it does not speak of is left to the doctors."""
    assert option("aspirin", "asra_2018", facts={"aspirin_reason": "pain"}).action == "decide"
