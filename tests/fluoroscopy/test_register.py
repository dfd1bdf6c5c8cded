"""A vertebra is found where the frames have it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from benchmarks import registration as shared_frames
from benchmarks import registration_spoilt as spoilt

from basivert.constants.load import builtin
from basivert.edge.imaging.demo_ct import cache_folder
from basivert.fluoroscopy.alone import doubts, each_alone
from basivert.fluoroscopy.among import settled
from basivert.fluoroscopy.register import bone, judged, register
from basivert.fluoroscopy.scene import scene, step
from basivert.fluoroscopy.search import polished
from basivert.fluoroscopy.trust import flatness

TABLE = builtin("registration")


@pytest.fixture(scope="module")
def shared():
    if not (shared_frames.SHARED / "frames.npz").is_file():
        pytest.skip("the shared frames are not beside this checkout")
    if not any(Path(cache_folder()).glob("lidc-l1-l2-*")):
        pytest.skip("the demonstration's CT was not downloaded yet (basivert demo)")
    return shared_frames.definition()


@pytest.fixture(scope="module")
def second_lumbar(shared):
    return shared_frames.bones_of(shared_frames.demo_case(), TABLE)[0]


def test_l2_is_found_in_hard_frames_of_another_program(shared, second_lumbar) -> None:
    truth = shared.TRUTH["hard"]
    start = shared.rigid(*shared.starts(3)[2]) @ truth
    found = register(
        second_lumbar, shared_frames.frames_of(shared, "hard"), start, TABLE,
        np.random.default_rng(3),
    )  # fmt: skip
    assert shared.mtre(start, truth)[0] > 13.0
    assert shared.mtre(found.room_from_ct, truth)[0] < 1.0
    assert found.trust.verdict == "good"


def test_neighbours_that_stayed_do_not_draw_the_bone_that_moved(shared, second_lumbar) -> None:
    case, truth = shared_frames.demo_case(), shared.TRUTH["hard"]
    frames = shared_frames.frames_of(shared, "hard")
    # Where registration of the bone alone ends, from any start: 0.6 mm off.
    drawn = shared.rigid(np.array([0.5, -0.1, -0.2]), np.zeros(3)) @ truth
    fine = scene(second_lumbar.fine, frames, drawn, 6.0, "fine", TABLE)
    alone = judged(second_lumbar, frames, polished(fine, drawn, 260), 0.0, TABLE,
                   np.random.default_rng(3))  # fmt: skip
    others = [bone(case.ct, case.labels, name, TABLE) for name in ("L1", "L3")]
    found = settled(alone, second_lumbar, others, frames, TABLE, np.random.default_rng(3))
    assert shared.mtre(alone.room_from_ct, truth)[0] > 0.45
    assert shared.mtre(found.room_from_ct, truth)[0] < 0.42
    assert found.trust.verdict == alone.trust.verdict == "good"


def test_what_a_shove_leaves_hardly_depends_on_the_draw(shared, second_lumbar) -> None:
    """Against many independent shoves, which need no even spread."""
    truth, frames = shared.TRUTH["hard"], shared_frames.frames_of(shared, "hard")
    fine = scene(second_lumbar.fine, frames, truth, 6.0, "fine", TABLE)
    rng = np.random.default_rng(7)
    moves = rng.normal(size=(1500, 6))
    moves *= rng.uniform(4.0, 8.0, 1500)[:, None] / np.linalg.norm(moves, axis=1, keepdims=True)
    left = np.mean([fine.whole(step(move, truth, fine.bone)) for move in moves])
    found = [flatness(fine, truth, TABLE, np.random.default_rng(seed)) for seed in range(6)]
    assert found == pytest.approx([left / fine.whole(truth)] * 6, abs=0.02)


def test_mirrored_frames_are_not_called_good(shared, second_lumbar) -> None:
    frames = [
        replace(
            one, picture=np.ascontiguousarray(one.picture[:, ::-1]),
            seen=np.ascontiguousarray(one.seen[:, ::-1]),
        )
        for one in shared_frames.frames_of(shared, "clean")
    ]  # fmt: skip
    found = register(second_lumbar, frames, np.eye(4), TABLE, np.random.default_rng(3))
    assert found.trust.verdict != "good"


@pytest.mark.parametrize("through", ["memory", "files"])
def test_neighbours_that_moved_otherwise_do_not_make_right_frames_doubtful(
    shared, second_lumbar, through
) -> None:
    """Single views err by some degrees here.

    In the files' lateral the mirror image fits somewhere, half a level away, better than the frame.
    """
    frames = (
        shared_frames.frames_of(shared, "hard") if through == "memory"
        else spoilt.through_files(shared, spoilt.untouched, "uint16")
    )  # fmt: skip
    rng = np.random.default_rng(3)
    found = register(second_lumbar, frames, shared.TRUTH["hard"], TABLE, rng)
    assert found.trust.verdict == "good"
    for _ in range(3):
        by_itself = each_alone(second_lumbar, frames, found.room_from_ct, TABLE, rng)
        assert doubts(by_itself, TABLE) == ()
