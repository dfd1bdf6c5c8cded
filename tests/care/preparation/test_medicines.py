"""Names of medicines: known ones are found, likenesses are only offered, nothing is dropped."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.preparation.matching import Entry, matched
from basivert.care.preparation.medicines import catalogue, plain
from basivert.errors import InputError, RecordError

from .made import TABLES, made

KNOWN = TABLES.known


def found(text, **given_):
    return matched(Entry(text=text, **given_), KNOWN)


@pytest.mark.parametrize(
    ("text", "names", "dose"),
    [
        ("Plavix 75 mg daily", {"clopidogrel"}, "75 mg"), ("ELIQUIS", {"apixaban"}, ""),
        ("eliquis® 5mg twice a day", {"apixaban"}, "5mg"),
        ("baby aspirin 81 mg", {"aspirin"}, "81 mg"), ("ASA 100", {"aspirin"}, "100"),
        ("Aggrenox", {"aspirin", "dipyridamole"}, ""),
        ("hydrocodone-acetaminophen 5-325", {"hydrocodone", "acetaminophen"}, "5-325"),
        ("Percocet 5/325 as needed", {"oxycodone", "acetaminophen"}, "5/325"),
        ("metoprolol succinate ER 50 mg", {"metoprolol"}, "50 mg"),
        ("St John’s Wort", {"st_johns_wort"}, ""), ("st. johns wort", {"st_johns_wort"}, ""),
        ("Omega-3 1 g", {"fish_oil"}, "1 g"),
        ("insulin glargine 20 units", {"insulin"}, "20 units"),
        ("Ozempic 0.5 mg weekly", {"semaglutide_weekly"}, "0.5 mg"),
        ("Rybelsus", {"semaglutide_daily"}, ""), ("semaglutide", {"semaglutide"}, ""),
        ("Janumet", {"sitagliptin", "metformin"}, ""),
        ("warfarin and ginkgo", {"warfarin", "ginkgo"}, ""),
        ("hierba de San Juan", {"st_johns_wort"}, ""), ("vitamina E", {"vitamin_e"}, ""),
    ],
)  # fmt: skip
def test_names_brands_doses_and_combinations(text, names, dose):
    (one,) = found(text)
    assert one.certainty == "exact" and not one.needs_confirmation
    assert {each.name for each in one.medicines} == names
    assert (one.dose, one.unread) == (dose, "")


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Eliqis", "eliquis"), ("clopidogril 75 mg", "clopidogrel"), ("warfrin", "warfarin"),
        ("Xeralto 20", "xarelto"), ("ibuprophen", "ibuprofen"), ("Gabapentine", "gabapentin"),
        ("ginko biloba", "ginkgo biloba"),
    ],
)  # fmt: skip
def test_a_misspelling_is_a_guess_and_nothing_follows_from_it(text, meant):
    (one,) = found(text)
    assert (one.certainty, one.needs_confirmation, one.medicines) == ("guess", True, ())
    assert one.candidates[0].split(" (")[0] == meant
    (taken,) = made([text]).medicines
    assert taken.asked == () and "must confirm" in taken.questions[0]


def test_a_generic_name_is_said_once_in_a_guess():
    (one,) = found("metformine 500")
    assert one.candidates[0] == "metformin"


def test_a_person_confirms_a_guess():
    (one,) = found("Eliqis 5 mg", confirmed="Eliquis", confirmed_by="Nurse Ray")
    assert (one.certainty, [each.name for each in one.medicines]) == ("confirmed", ["apixaban"])
    with pytest.raises(RecordError, match="apixaban"):
        found("Eliqis", confirmed="apixban", confirmed_by="Nurse Ray")


@pytest.mark.parametrize(
    "text",
    ["Leucovorin 100 MG Injection", "moon dust", "xyz", "75 mg daily", "???", "potassium", "ab"],
)
def test_an_unknown_name_is_asked_never_dropped(text):
    (taken,) = made([text]).medicines
    assert taken.match.certainty == "unknown"
    assert text in taken.questions[0] and "not recognised: ask" in taken.questions[0]
    assert any(text in one.what for one in made([text]).findings if one.code == "not-recognised")


def test_words_beside_a_name_are_kept():
    (one,) = found("Aspirin 81 (heart stent)")
    assert (one.certainty, one.unread) == ("exact", "heart stent")
    sure, guess = found("aspirin and plavics")
    assert [each.name for each in sure.medicines] == ["aspirin"]
    assert guess.certainty == "guess" and guess.candidates[0] == "plavix (clopidogrel)"


@given(st.text(max_size=60).filter(str.strip))
def test_every_entry_becomes_a_match_and_only_known_names_are_acted_on(text):
    results = found(text)
    assert results
    for one in results:
        assert bool(one.medicines) == (not one.needs_confirmation)
    words = f" {plain(text)} "
    for medicine in (each for one in results for each in one.medicines):
        names = {name for name, parts in KNOWN.by_name.items() if medicine in parts}
        assert any(f" {name} " in words for name in names)


def test_every_name_of_the_catalogue_is_found_again():
    for name, parts in KNOWN.by_name.items():
        (one,) = found(name)
        assert one.medicines == parts


@pytest.mark.parametrize(
    ("given_", "word"),
    [
        ("Plavix", "list"), ([1], "Plavix 75 mg"), ([{"txt": "a"}], "text"),
        ([{"text": " "}], "no text"),
        ([{"text": "a", "confirmed": "aspirin"}], "confirmed_by"), ([{"text": 1}], "as text"),
    ],
)  # fmt: skip
def test_a_slip_in_the_list_is_an_error(given_, word):
    with pytest.raises(RecordError, match=word):
        made(given_)


@pytest.mark.parametrize(
    ("row", "word"),
    [
        ({"b": {"names": ["A"], "classes": ["x"]}}, "two medicines"),
        ({"b": {"names": [], "classes": ["y"]}}, "no class y"),
        ({"b": {"names": [], "classes": ["x"], "dose": 1}}, "dose"),
    ],
)
def test_a_wrong_catalogue_is_refused(row, word):
    document = {"edition": "t", "about": "", "class": {"x": "X"},
                "medicine": {"a": {"names": [], "classes": ["x"]}, **row}}  # fmt: skip
    with pytest.raises(InputError, match=word):
        catalogue(document)
