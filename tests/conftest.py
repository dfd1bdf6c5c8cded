"""One virtual patient, made once, that most tests look at."""

from pathlib import Path

import pytest
from hypothesis import settings

from basivert.constants.load import builtin
from basivert.instruments.load import DEFAULT, builtin_instrument
from basivert.phantom.model import Wish
from basivert.phantom.render import Scanner, render
from basivert.phantom.spine import make_spine
from basivert.workflow.plan_case import plan_case
from tests.heats import heat, heats, sampled

__all__ = ["heat", "heats", "sampled"]

# The first call of a loop compiles it: how long an example takes says nothing.
settings.register_profile("compiled", deadline=None)
settings.load_profile("compiled")


def pytest_xdist_auto_num_workers(config):
    """A worker on each core for the whole suite; where parts are named, none but this process."""
    whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    return None if whole else 0


def pytest_collection_modifyitems(items):
    """Two workers start at the beginning and in the middle: there the longest tests come first."""
    longest = [one for one in items if one.get_closest_marker("longest")]
    others = [one for one in items if not one.get_closest_marker("longest")]
    half = len(others) // 2
    items[:] = [*longest[::2], *others[:half], *longest[1::2], *others[half:]]


def wish(**changes) -> Wish:
    usual = dict(seed=11, levels=("L4",), scoliosis_deg=8.0, pedicle_scale=1.0, foramen="single",
                 sclerosis_hu=0.0, cancellous_hu=150.0, transitional=False)  # fmt: skip
    return Wish(**{**usual, **changes})


def scanner(**changes) -> Scanner:
    usual = dict(spacing_mm=(0.8, 0.8, 1.0), blur_mm=0.5, noise_hu=12.0, turn_deg=5.0, seed=2)
    return Scanner(**{**usual, **changes})


@pytest.fixture(scope="session")
def spine():
    return make_spine(wish(), builtin("morphometry"), builtin("targets"))


@pytest.fixture(scope="session")
def case(spine):
    return render(spine, scanner())


@pytest.fixture(scope="session")
def planned(case):
    return plan_case(
        case,
        builtin_instrument(DEFAULT),
        seed=5,
        inputs={"ct": "0" * 64},
        versions={"basivert": "0"},
    )


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(__file__).parents[1] / ".." / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared real scans are not beside this checkout")
    return folder
