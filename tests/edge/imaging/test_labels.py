"""Names given by the user or by a table beside the labels count before recognition."""

import pytest

from basivert.constants.load import builtin
from basivert.edge.imaging.labels import builtin_conventions, named_codes, our_name, read_map
from basivert.errors import LabelError
from tests.volume.spines import column

LIMITS = builtin("input")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("m.toml", 'L3 = 5\nL4 = 6\n"inferior_vena_cava" = 9\n'),
        ("m.json", '{"L3": 5, "vertebrae_L4": 6, "inferior_vena_cava": 9}'),
        ("m.csv", "name,code\nL3,5\nvertebra_L4,6\ninferior_vena_cava,9\n"),
        ("structures.csv", "group,structure,id\nb,vertebrae_L3,5\nb,vertebrae_L4,6\n"
                           "v,inferior_vena_cava,9\n"),
    ],
)  # fmt: skip
def test_maps_are_read_with_our_names(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    assert read_map(tmp_path / name) == {"L3": 5, "L4": 6, "vena_cava": 9}


@pytest.mark.parametrize(
    ("name", "text", "word"),
    [
        ("m.toml", "L3 =", "cannot be read"),
        ("m.json", "[1, 2]", "not a table"),
        ("m.json", '{"L3": "five"}', "whole numbers"),
        ("m.json", '{"L3": true}', "whole numbers"),
        ("m.toml", "L3 = 0", "above 0"),
        ("m.toml", "", "whole numbers"),
        ("m.toml", "L3 = 5\nL4 = 5", "one code two names"),
        ("m.csv", "a,b\n1,2\n", "columns"),
        ("m.csv", "name,code\nL3,x\n", "cannot be read"),
    ],
)
def test_unusable_maps_say_why(tmp_path, name, text, word):
    (tmp_path / name).write_text(text)
    with pytest.raises(LabelError, match=word) as caught:
        read_map(tmp_path / name)
    assert caught.value.fix


def test_a_missing_map_is_named(tmp_path):
    with pytest.raises(LabelError, match=r"gone\.toml"):
        read_map(tmp_path / "gone.toml")


def test_the_users_map_counts_before_all(tmp_path):
    _, labels = column((20, 21, 22))
    (tmp_path / "structures.csv").write_text("structure,id\nL1,20\nL2,21\nL3,22\n")
    (tmp_path / "mine.toml").write_text("L3 = 20\nL4 = 21\nL5 = 22\naorta = 52\n")
    file = tmp_path / "labels.nii.gz"
    code_of, who = named_codes(labels, file, tmp_path / "mine.toml", LIMITS)
    assert (code_of, who) == ({"L3": 20, "L4": 21, "L5": 22}, "mine.toml")
    code_of, who = named_codes(labels, file, None, LIMITS)
    assert code_of == {"L1": 20, "L2": 21, "L3": 22}
    assert who.startswith("structures.csv")


def test_a_table_that_does_not_know_all_codes_is_not_used(tmp_path):
    _, labels = column((20, 21, 22))
    (tmp_path / "structures.csv").write_text("structure,id\nL1,20\n")
    _, who = named_codes(labels, tmp_path / "labels.nii.gz", None, LIMITS)
    assert who == "VerSe"


def test_a_map_that_names_nothing_present_is_refused(tmp_path):
    _, labels = column((20, 21))
    (tmp_path / "mine.toml").write_text("L3 = 99\n")
    with pytest.raises(LabelError, match="20, 21"):
        named_codes(labels, tmp_path / "labels.nii.gz", tmp_path / "mine.toml", LIMITS)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [("vertebrae_L5", "L5"), ("l4", "L4"), ("S1", "S1"), ("spinal_cord", "cord"),
     ("aorta", "aorta")],
)  # fmt: skip
def test_names_of_other_programs(theirs, ours):
    assert our_name(theirs) == ours


def test_conventions_have_sources_and_names_of_their_own():
    names = [convention.name for convention in builtin_conventions()]
    assert len(set(names)) == len(names)
    assert {"verse", "totalsegmentator_v2", "totalspineseg", "phantom"} <= set(names)
