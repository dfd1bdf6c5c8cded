"""The patient's page: same in every language, sourced, and easy to read."""

import re

import pytest

from basivert.care.candidacy.questions import languages, questions, translated
from basivert.constants.load import document
from basivert.errors import InputError

ASKED = {
    "what", "pain", "how", "same", "not_candidate", "benefits", "risks", "recovery", "ask",
}  # fmt: skip


def words(text):
    return re.findall(r"[A-Za-zÀ-ÿ]+", text)


def paragraphs(language):
    return [part.text for one in questions(language).questions for part in one.answer]


def sentences(texts):
    return sum(max(1, len(re.findall(r"[.?!](?:\s|$)", text))) for text in texts)


def english_syllables(word):
    word = re.sub(r"(?:[^laeiouy]es|[^aeiouytd]ed|[^aeiouyl]e)$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", word)))


def spanish_syllables(word):
    return max(1, len(re.findall(r"[aeiouáéíóúü]+", word.lower())))


def test_every_language_answers_the_same_questions_from_the_same_sources():
    assert languages() == ("en", "es")
    pages = [document(f"care/questions/{language}") for language in languages()]
    assert {one["key"] for one in pages[0]["question"]} == ASKED
    rows = [
        [(one["key"], [part["sources"] for part in one["part"]]) for one in page["question"]]
        for page in pages
    ]
    assert rows[0] == rows[1]
    assert {page["language"] for page in pages} == {"en", "es"}


@pytest.mark.parametrize("language", languages())
def test_sources_are_said_in_the_language_of_the_page(language):
    there = {one for row in questions(language).questions for part in row.answer
             for one in part.sources}  # fmt: skip
    kept = {one for row in document(f"care/questions/{language}")["question"]
            for part in row["part"] for one in part["sources"]}  # fmt: skip
    said = document(f"care/questions/{language}")["said"]
    assert set(said) <= kept
    assert not [one for one in there if one == "ours" or re.search(r"\d{4}-\d\d-\d\d", one)]
    if language == "es":
        assert not [one for one in there if re.search(r"\b(of|the|and|read|reviewed)\b", one)]


def test_numbers_are_the_same_in_every_language():
    def numbers(text):
        return sorted(re.findall(r"\d+(?:\.\d+)?", text.replace(",", ".")))

    for one, two in zip(paragraphs("en"), paragraphs("es"), strict=True):
        assert numbers(one) == numbers(two), one


def test_english_is_for_a_reading_age_of_about_12():
    """Flesch-Kincaid grade of at most 6 (age 11 to 12). Source: Kincaid 1975."""
    texts = paragraphs("en")
    said = [word for text in texts for word in words(text)]
    syllables = sum(map(english_syllables, said))
    grade = 0.39 * len(said) / sentences(texts) + 11.8 * syllables / len(said) - 15.59
    assert grade <= 6.0


def test_spanish_is_easy():
    """Szigriszt-Pazos on the INFLESZ scale: 65 to 80 is fairly easy. Source: Barrio-Cantalejo 2008."""  # noqa: E501
    texts = paragraphs("es")
    said = [word for text in texts for word in words(text)]
    syllables = sum(map(spanish_syllables, said))
    ease = 206.835 - 62.3 * syllables / len(said) - len(said) / sentences(texts)
    assert ease >= 65.0


def test_what_the_page_must_say():
    told = {one.key: " ".join(part.text for part in one.answer) for one in
            questions("en").questions}  # fmt: skip
    for risk in ("bleeding", "infection", "nerve damage", "more back pain"):
        assert risk in told["risks"]
    for reason in ("pregnant", "pacemaker", "infection", "heart", "lungs"):
        assert reason in told["not_candidate"]
    assert "over 101 °F (38.3 °C)" in told["recovery"]
    assert "Nobody can say how it will be for you" in told["benefits"]


def test_a_page_that_lacks_a_source_is_refused():
    page = document("care/questions/en")
    page["question"][0]["part"][0]["sources"] = []
    with pytest.raises(InputError, match="what"):
        translated(page)
    with pytest.raises(InputError, match="en, es"):
        questions("fr")
