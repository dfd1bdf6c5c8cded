"""Burns of the heat benchmarks' virtual patients lie where they claim to lie."""

import numpy as np
import pytest
from benchmarks.heat_patients import CANCELLOUS, CORTICAL, DISC, NERVE, TISSUES, burn


@pytest.fixture(scope="module")
def case():
    return burn(1, 1)


def test_electrodes_lie_in_spongy_bone_near_the_hub(case):
    depth = np.concatenate(
        [[0], np.cumsum(np.linalg.norm(np.diff(case.probes[0].line, axis=0), axis=1))]
    )
    zone = case.probes[0].line[depth < 9.0]
    assert np.all(case.tissue(zone) == CANCELLOUS)
    assert np.linalg.norm(zone.mean(axis=0) - case.hub.mean(axis=0)) < 5.0
    # The shaft comes in from behind, through bone.
    assert case.tissue(case.insertions[0].entry[None])[0] in (CANCELLOUS, CORTICAL)


def test_structures_lie_in_their_tissue(case):
    found = {name: case.tissue(points) for name, points in case.structures.items()}
    for name in ("root left", "root right"):
        assert np.mean(found[name] == NERVE) > 0.7
    for name in ("upper endplate", "lower endplate"):
        assert set(found[name]) <= {CORTICAL, DISC}
    assert not {CANCELLOUS, CORTICAL} & set(found["canal"][:: len(found["canal"]) // 3])
    assert set(case.tissue(case.hub)) <= {CANCELLOUS, TISSUES.index("fat")}
