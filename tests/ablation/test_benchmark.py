"""`python -m benchmarks ablation`: what programs rely on."""

import json
import sys
from pathlib import Path

import pytest
from benchmarks import ablation, ablation_reference

PEER = """
import argparse, json, sys
p = argparse.ArgumentParser()
p.add_argument("--case"); p.add_argument("--dim"); p.add_argument("--set", action="append")
o = p.parse_args()
assert o.dim == "3"
json.dump({{"wall_s": {{"total": 80.0}}, "cpu_s": 60.0, "peak_rss_mb": 1e3, "unknowns_heat": 9,
            "discretisation": {{}}, "versions": {{}}, "asked": o.set, "results": [
    {{"time_s": 60.0, "temperature_C": {{"r5": {one}}}}},
    {{"time_s": 90.0, "temperature_C": {{"r5": 50.0, "elsewhere": 0.0}}}}]}}, sys.stdout)
"""


def told(capsys, *words):
    assert ablation.main([*words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(autouse=True)
def once(monkeypatch):
    monkeypatch.setattr(ablation, "RUNS", 1)


@pytest.fixture()
def quick(tmp_path):
    """No reference, so that only the solver counts."""
    return ["--case", "A", "--shared", str(tmp_path), "--set", "duration=90"]


def test_a_changed_constant_means_what_it_says(capsys, quick):
    usual = told(capsys, *quick)
    twice = told(capsys, *quick, "--set", "voltage=64")
    less = told(capsys, *quick, "--set", "perfusion=300")
    one, two, three = (a["results"][-1]["temperature_C"]["r3"] - 37.0 for a in (usual, twice, less))
    assert two == pytest.approx(4 * one, rel=3e-3)
    assert three < one
    assert usual["results"][-1]["time_s"] == 90.0
    row = usual["results"][-1]
    assert row["power_W"] == pytest.approx(row["voltage_V"] ** 2 / row["resistance_ohm"])
    assert {"wall_s", "cpu_s", "peak_rss_mb", "energy_balance", "nodes"} <= set(usual)


def test_a_region_of_case_c_can_be_changed(capsys, tmp_path):
    words = ["--case", "C", "--angles", "8", "--shared", str(tmp_path), "--set", "duration=60"]
    usual = told(capsys, *words)["results"][-1]["temperature_C"]
    cold = told(capsys, *words, "--set", "cortical_k=3.2", "--set", "fat_perfusion=3300")
    changed = cold["results"][-1]["temperature_C"]
    assert changed["posterior_wall"] < usual["posterior_wall"]
    assert changed["gap_e2"] == pytest.approx(usual["gap_e2"], abs=0.2)


@pytest.mark.parametrize("words", [["--set", "mass=1"], ["--set", "k=warm"]])
def test_an_unknown_constant_or_no_number_ends_the_run(quick, words):
    with pytest.raises(SystemExit, match=r"mass|warm"):
        ablation.main([*quick, *words])


def test_an_impossible_constant_is_an_input_error(capsys, quick):
    assert ablation.main([*quick, "--set", "k=-1"]) == 3
    assert "impossible" in capsys.readouterr().err


def test_the_peer_runs_in_its_own_python_and_is_compared(capsys, quick, tmp_path):
    (tmp_path / "peer_ngsolve.py").write_text(PEER.format(one=40.0), encoding="utf-8")
    answer = told(capsys, *quick, "--peer", "--peer-python", sys.executable)
    rows = {f["name"]: f for f in answer["figures"]}
    assert rows["peer's wall time over ours"]["value"] == pytest.approx(80.0 / answer["wall_s"])
    # A grid with one angle is no three-dimensional solver: no ratio is claimed for it.
    assert rows["peer's processor time over ours"]["bound"] is None
    apart = max(
        abs(row["temperature_C"]["r5"] - other)
        for row, other in zip(answer["results"], (40.0, 50.0), strict=True)
    )
    assert rows["largest difference to the peer's temperatures"]["value"] == pytest.approx(apart)


def test_a_peer_that_is_not_there_is_told(capsys, quick, tmp_path):
    assert "no peer_ngsolve.py" in told(capsys, *quick, "--peer")["peer"]["skipped"]
    (tmp_path / "peer_ngsolve.py").write_text("raise SystemExit('no ngsolve')", encoding="utf-8")
    assert "no ngsolve" in told(capsys, *quick, "--peer")["peer"]["skipped"]
    gone = str(tmp_path / "python")
    assert "cannot be started" in told(capsys, *quick, "--peer", "--peer-python", gone)["peer"][
        "skipped"]  # fmt: skip


def test_every_listed_value_is_compared(tmp_path):
    values = {"60": {"T.r5": {"value": 40.0, "error": 0.1}, "power_W": {"value": 2.0, "error": 0.1},
                     "T50.volume_ml": {"value": 0.5, "error": 0.1},
                     "voltage_V": {"value": 30.0, "error": 0.1},
                     "T50.r_max_mm": {"value": 3.0, "error": 0.1}}}  # fmt: skip
    (tmp_path / "reference.json").write_text(json.dumps({"A": {"values": values}}))
    row = {"time_s": 60.0, "temperature_C": {"r5": 40.3}, "power_W": 1.9, "T50.volume_ml": 0.51,
           "voltage_V": 1.0, "T50.r_max_mm": 3.05}  # fmt: skip
    found = ablation_reference.differences("A", [row], tmp_path)
    worst = {k: ablation_reference.largest(found, k) for k in ablation_reference.UNITS}
    assert worst == pytest.approx({"temperature": 0.3, "power": 5.0, "volume": 2.0, "extent": 0.05})
    held = {f["name"]: f["holds"] for f in ablation_reference.figures(found)}
    assert held["largest error of temperature"] and not held["largest error of power"]


def test_the_shared_folder_is_given_or_in_the_environment(monkeypatch):
    monkeypatch.setenv(ablation_reference.ENVIRONMENT, "elsewhere")
    assert ablation_reference.folder() == Path("elsewhere")
    assert ablation_reference.folder(Path("here")) == Path("here")
