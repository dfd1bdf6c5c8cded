"""The bony border of the neural foramina against the virtual patient's exact shape."""

import numpy as np
import pytest

from basivert.ablation.patient.foramina import REACH_MM, foramina
from basivert.ablation.patient.structures import structures
from basivert.geometry.rigid import inverse, moved
from basivert.phantom.shapes import bone
from basivert.report.heat import names


@pytest.fixture(scope="module")
def found(vertebra):
    return foramina(vertebra)


def body(vertebra, points):
    return moved(inverse(vertebra.lps_from_body), points)


def test_each_side_has_one_above_and_one_below(found, vertebra):
    assert set(found) == {f"foramen_{s}_{w}" for s in ("left", "right") for w in ("above", "below")}
    for name, points in found.items():
        sign = 1.0 if "left" in name else -1.0
        assert np.all(sign * body(vertebra, points)[:, 0] > 0)


def test_the_border_lies_on_the_true_bone(found, spine):
    truth = spine.vertebrae["L4"]
    for points in found.values():
        depth = bone(truth.spec, moved(inverse(truth.lps_from_body), points))[0]
        assert np.median(np.abs(depth)) < 0.5
        assert np.percentile(np.abs(depth), 95) < 1.5


@pytest.mark.parametrize("side", ["left", "right"])
def test_it_begins_at_the_pedicles_own_height_and_goes_on_to_the_body_and_behind(
    found, vertebra, side
):
    pedicle = vertebra.pedicles[side]
    centre, half = body(vertebra, pedicle.centre), pedicle.height_mm.value / 2
    below = body(vertebra, found[f"foramen_{side}_below"])
    above = body(vertebra, found[f"foramen_{side}_above"])
    roof = below[np.hypot(*(below - centre)[:, :2].T) < 3.0]
    floor = above[np.hypot(*(above - centre)[:, :2].T) < 3.0]
    assert roof[:, 2].mean() == pytest.approx(centre[2] - half, abs=1.5)
    assert floor[:, 2].mean() == pytest.approx(centre[2] + half, abs=1.5)
    assert np.all(below[:, 2] < centre[2]) and np.all(above[:, 2] > centre[2])
    # In front the back of the body, behind the arch, on both sides of the pedicle's middle.
    wall = vertebra.posterior_wall.y_mm(below[:, 0], below[:, 2])
    assert np.any(np.abs(below[:, 1] - wall) < 2.0)
    assert np.ptp(below[:, 1]) > 5.0
    assert np.all(np.linalg.norm(below - below.mean(axis=0), axis=1) < 2 * REACH_MM)


def test_the_lesions_margin_to_it_is_reported_without_a_verdict(heat, vertebra, case, tables):
    made = structures(vertebra, case, tables.tissues.layers)
    rules = {n: s for n, s in made.items() if n.startswith("foramen_")}
    assert len(rules) == 4
    assert all(names.structure(n).endswith("bony border") for n in rules)
    for name, one in rules.items():
        dose = next(d for d in heat.doses if d.structure == name)
        assert dose.verdict is None
        surface = heat.lesion.region.surface
        away = np.linalg.norm(one.points[:, None] - surface[None], axis=2).min()
        assert heat.lesion.margins_mm[name] == pytest.approx(away, abs=1e-6)
        assert away > 0.0
