"""Records are read whole or refused with the place."""

import pytest

from basivert.edge.record_file import LARGEST_BYTES, read_record
from basivert.errors import RecordError


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"a": 1,\n "b" 2}', "line 2"), ("[1]", "no object"), ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "NaN"), ("", "not JSON"), ("[" * 100_000, "nested"),
        ('{"a": "' + "x" * LARGEST_BYTES + '"}', "larger"),
    ],
)  # fmt: skip
def test_a_broken_record_says_where(tmp_path, text, word):
    place = tmp_path / "record.json"
    place.write_text(text, encoding="utf-8")
    with pytest.raises(RecordError, match=word):
        read_record(place)


def test_a_record_from_another_system_is_read(tmp_path):
    place = tmp_path / "record.json"
    place.write_bytes(b'\xef\xbb\xbf{"note": "\xc3\xa9", "day": 3}')
    assert read_record(place) == {"note": "é", "day": 3}
    place.write_bytes(b'{"note": "\xe9"}')
    with pytest.raises(RecordError, match="UTF-8"):
        read_record(place)
    with pytest.raises(RecordError, match="No such file"):
        read_record(tmp_path / "none.json")
