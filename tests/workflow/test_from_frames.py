"""What frames tell, and what the search for the bone is given."""

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.errors import InputError
from basivert.fluoroscopy.frame import Frame
from basivert.fluoroscopy.register import Registered, bone
from basivert.fluoroscopy.trust import Trust
from basivert.workflow import standing
from basivert.workflow.from_frames import Wanted, along_sd_mm, told
from basivert.workflow.progress import silent
from tests.edge.shots import view

TABLE = builtin("registration")


def test_the_seed_draws_and_what_is_hidden_stays_hidden(case, planned, monkeypatch) -> None:
    """What the search for the bone is given, by two runs of one seed and one of another."""
    given = []

    def stop(own, frames, start, angles, table, rng):
        given.append((rng.random(), frames[0].seen))
        raise InputError("stopped here")

    monkeypatch.setattr(standing, "placed", stop)
    level = planned.levels[0]
    carm = view(180.0, level.vertebra.lps_from_body[:3, 3])
    seen = np.ones(carm.detector.pixels, bool)
    seen[:20] = False
    frame = Frame(picture=np.zeros(seen.shape, np.float32), seen=seen, carm=carm)
    for seed in (3, 3, 4):
        wanted = Wanted(
            vertebra=level.vertebra, path=level.plans[0].path, start=np.eye(4), angles="exact",
            instrument=level.plans[0].instrument, neighbours=(), seed=seed,
        )  # fmt: skip
        with pytest.raises(InputError, match="stopped"):
            told(case, [frame], [True], wanted, TABLE, silent)
    (one, hidden), (again, _), (other, _) = given
    assert one == again != other
    assert not hidden[:20].any()
    assert hidden[20:].all()


@pytest.mark.parametrize(("angle", "times"), [(90.0, 1.0), (30.0, 2.0)])
def test_a_second_view_tells_the_depth_by_the_sine_of_its_angle(case, angle, times) -> None:
    own = bone(case.ct, case.labels, "L4", TABLE)
    found = Registered(
        name="L4", room_from_ct=np.eye(4), evidence=0.4, by_view=(0.4, 0.4), rival=0.2,
        trust=Trust(probability=0.99, flatness=0.4, verdict="good"),
    )  # fmt: skip
    sd = along_sd_mm(own, found, (), angle, TABLE)
    assert sd == pytest.approx(times * TABLE["views.pointing"].value)
