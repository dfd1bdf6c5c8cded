"""Words of the command line that several commands share."""

import pytest

from basivert.edge.cli.choices import side_of, sides_of
from basivert.errors import InputError


def test_a_side_is_one_of_three_words() -> None:
    assert [side_of(word) for word in ("auto", "left", "right")] == [None, "left", "right"]
    assert sides_of("auto") == ("left", "right")
    with pytest.raises(InputError, match="'both' is unknown"):
        side_of("both")
