"""Why a turn is not told: one reason at a time against a fit that has none. No pictures."""

from dataclasses import replace

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.fluoroscopy import curve as searched
from basivert.fluoroscopy.arcs import Arc
from basivert.fluoroscopy.curve_fit import Fit
from basivert.fluoroscopy.curve_search import Kit
from basivert.fluoroscopy.triangulate import Shaft

TABLE = builtin("registration")
KIT = Kit(shaft_mm=2.1, curve_mm=1.05, bend_mm=20.0, bend_sd_mm=2.0, longest_mm=33.0)
X, Y = np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])
ARC = Arc(start=np.zeros(3), axis=X, zero=Y, turn=0.0, deployed_mm=20.0, radius_mm=20.0)
FIT = Fit(arc=ARC, covariance=np.diag([0.01] * 8), shown=1.0, ends=2, apart=0.5, off_mm=0.08)


def at(row: str) -> float:
    return TABLE[f"curve.{row}"].value


def why(monkeypatch, fit: Fit, *, others=(), measured: bool = True) -> str | None:
    """Words for a fit; others: score and fit of each further turn. None: no curve at all."""
    fits = [fit, *(other for _, other in others)]
    firsts = [replace(ARC, turn=one.arc.turn) for one in fits]
    scores = [18.0, *(score for score, _ in others)]
    monkeypatch.setattr(searched, "sought", lambda *_, **__: list(zip(scores, firsts, strict=True)))
    by_turn = {first.turn: one for first, one in zip(firsts, fits, strict=True)}
    monkeypatch.setattr(searched, "fitted", lambda first, *_: by_turn[first.turn])
    shaft = Shaft(point=np.zeros(3), axis=X, across=Y, measured=measured)
    found = searched.curve([], [], shaft, KIT, TABLE)
    return None if found is None else found.unknown


def changed(**arc) -> Fit:
    return replace(FIT, arc=replace(ARC, **arc))


def test_a_good_fit_is_told(monkeypatch) -> None:
    assert why(monkeypatch, FIT) == ""


@pytest.mark.parametrize(
    ("fit", "words"),
    [
        (changed(deployed_mm=at("least_length") - 0.1), "look out"),
        (replace(FIT, covariance=np.diag([np.radians(at("most_sd") + 1.0) ** 2] * 8)), "end-on"),
        (changed(start=X * (at("most_slid") + 0.1)), "begins 4 mm from"),
        (replace(FIT, off_mm=at("most_left") + 0.01), "0.3 mm beside its shadows"),
        (replace(FIT, ends=1), "its end at one place"),
        (replace(FIT, apart=at("most_apart") + 0.1), "its end at one place"),
        (changed(radius_mm=20.0 - 2.0 * at("most_bend") - 0.1), "its radius comes out"),
        (changed(radius_mm=20.0 + 2.0 * at("most_bend") + 0.1), "its radius comes out"),
    ],
)
def test_one_reason_is_enough(monkeypatch, fit: Fit, words: str) -> None:
    told = why(monkeypatch, fit)
    assert told is not None
    assert words in told


@pytest.mark.parametrize("fit", [replace(FIT, shown=0.5), replace(FIT, ends=0)])
def test_what_hardly_shows_is_no_curve(monkeypatch, fit: Fit) -> None:
    assert why(monkeypatch, fit) is None


@pytest.mark.parametrize(
    ("score", "rival", "told"),
    [
        (17.0, {}, False),
        (14.0, {}, True),  # The search tells them apart.
        (17.0, {"off_mm": 0.2}, True),  # Fitted, it lies further from its shadows.
        (17.0, {"shown": 0.4}, True),  # Fitted, it hardly shows.
    ],
)
def test_a_rival_counts_where_it_fits_as_well(monkeypatch, score, rival, told) -> None:
    other = replace(FIT, arc=replace(ARC, turn=np.pi), **rival)
    words = why(monkeypatch, FIT, others=[(score, other)])
    assert (words == "") == told


def test_a_rival_that_ends_in_the_same_place_is_none(monkeypatch) -> None:
    away = replace(ARC, turn=2.0)
    monkeypatch.setattr(searched, "sought", lambda *_, **__: [(18.0, ARC), (17.9, away)])
    monkeypatch.setattr(searched, "fitted", lambda *_: FIT)
    shaft = Shaft(point=np.zeros(3), axis=X, across=Y, measured=True)
    found = searched.curve([], [], shaft, KIT, TABLE)
    assert found is not None
    assert not found.unknown


@pytest.mark.parametrize(("off", "told"), [(-0.01, True), (0.01, False)])
def test_a_shaft_that_is_not_measured_asks_for_a_close_fit(monkeypatch, off, told) -> None:
    fit = replace(FIT, off_mm=at("most_left_open") + off)
    assert (why(monkeypatch, fit, measured=False) == "") == told
