"""The best of few turns is not always the best place: the next are refined too. No pictures."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.fluoroscopy import register
from basivert.fluoroscopy.bone import Cloud
from basivert.fluoroscopy.register import Bone
from basivert.fluoroscopy.scene import Scene
from basivert.fluoroscopy.search import Candidate

TABLE = builtin("registration")
POINT = Cloud(points=np.zeros((1, 3), np.float32), weights=np.ones(1, np.float32),
              centre=np.zeros(3))  # fmt: skip
KEPT = int(TABLE["search.kept_near"].value)


def place(shift: float, evidence: float) -> Candidate:
    pose = np.eye(4)
    pose[0, 3] = shift
    return Candidate(pose=pose, evidence=evidence)


@pytest.mark.parametrize(("true", "found"), [(0, True), (KEPT - 1, True), (KEPT, False)])
def test_a_later_place_may_turn_out_best(monkeypatch, true: int, found: bool) -> None:
    """Places in the order of the search; refined, the true one beats all."""
    tried = [place(10.0 * n, 0.5 - 0.01 * n) for n in range(KEPT + 1)]

    def refined(_scene, pose, *_):
        here = next(one for one in tried if one.pose is pose)
        return replace(here, evidence=1.0 if here is tried[true] else here.evidence)

    monkeypatch.setattr(register, "_rough", lambda *_: Scene(bone=POINT, views=()))
    monkeypatch.setattr(register, "candidates", lambda *_: list(tried))
    monkeypatch.setattr(register, "distinct", lambda _, some, __: some)
    monkeypatch.setattr(register, "refined", refined)
    best = register.roughly(
        Bone(name="L4", coarse=POINT, fine=POINT), (), np.eye(4), TABLE, np.random.default_rng(1),
    )  # fmt: skip
    assert (best.evidence == 1.0) == found
    assert best.pose[0, 3] == (10.0 * true if found else 0.0)
