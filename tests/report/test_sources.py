"""Sources are told in words."""

import re

import pytest

from basivert.constants.load import builtin
from basivert.report.sources import WORDS, in_words


@pytest.mark.parametrize("key", WORDS)
def test_a_key_is_replaced_by_its_words_only_where_it_stands_alone(key):
    assert in_words(f"13 min ({key}); {key}.") == f"13 min ({WORDS[key]}); {WORDS[key]}."
    assert in_words(f"x.{key}, {key}s") == f"x.{key}, {key}s"


def test_no_limit_of_the_heat_is_told_by_a_key():
    for row in builtin("damage").rows.values():
        told = in_words(row.source)
        assert not re.search(r"(limit|damage)\.[a-z]", told), told
