"""Poses from files: read as written, refused by name where they cannot be used."""

import json

import numpy as np
import pytest

from basivert.edge.documents.pose_file import read_pose
from basivert.errors import InputError

TOOL = {"tip_ct_mm": [1.0, 2.0, 3.0], "axis_ct": [0.0, -1.0, 0.0], "axis_measured": False}
REGISTER = {
    "schema": "basivert.register/1", "verdict": "good", "level": "L4", "tool": TOOL,
    "plan": {"side": "left", "rank": 2}, "tool_words": "", "inputs": {"ct": "a", "ap.dcm": "c"},
}  # fmt: skip
BY_HAND = {"level": "l4", "tip_ct_mm": [1, 2, 3], "axis_ct": [0, -3, 4]}


def read(tmp_path, told):
    file = tmp_path / "pose.json"
    file.write_text(json.dumps(told))
    return read_pose(file, {"ct": "a"})


def test_a_registration_tells_level_plan_and_pose(tmp_path) -> None:
    found = read(tmp_path, REGISTER)
    assert (found.level, found.side, found.rank, found.measured) == ("L4", "left", 2, False)
    assert np.allclose(found.tip, [1, 2, 3])


def test_by_hand_the_axis_is_brought_to_length_one(tmp_path) -> None:
    found = read(tmp_path, BY_HAND)
    assert (found.level, found.side, found.rank) == ("L4", None, None)
    assert np.allclose(found.axis, [0.0, -0.6, 0.8])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (REGISTER | {"verdict": "doubtful"}, "is doubtful"),
        (REGISTER | {"tool": None, "tool_words": "One view only."}, "no tool. One view"),
        (REGISTER | {"inputs": {"ct": "b"}}, "another plan"),
        (BY_HAND | {"tip": 1}, "tip unknown"),
        (BY_HAND | {"tip_ct_mm": [1, 2]}, "not three numbers"),
        (BY_HAND | {"axis_ct": [0, 0, 0]}, "no direction"),
        (BY_HAND | {"side": "middle"}, "neither left nor right"),
        (BY_HAND | {"rank": 0}, "no place of a plan"),
        ([1], "holds no object"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(tmp_path, told, words) -> None:
    with pytest.raises(InputError, match=words):
        read(tmp_path, told)
