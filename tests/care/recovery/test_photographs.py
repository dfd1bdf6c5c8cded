"""A photograph's record cannot be wrong in what is cheap to check."""

import pytest

from basivert.care.recovery.photographs import Photograph
from basivert.errors import RecordError

GOOD = {"sha256": "0f" * 32, "mime": "image/jpeg", "day": 3, "by": "patient"}


def test_a_photograph_keeps_what_it_is():
    assert Photograph(**GOOD).sha256 == "0f" * 32


@pytest.mark.parametrize(
    ("change", "word"),
    [({"sha256": "0F" * 32}, "SHA"), ({"sha256": "0f"}, "SHA"), ({"mime": "image/svg+xml"}, "svg"),
     ({"day": -1}, "-1"), ({"by": " "}, "who")],
)  # fmt: skip
def test_a_wrong_one_is_refused(change, word):
    with pytest.raises(RecordError, match=word):
        Photograph(**{**GOOD, **change})
