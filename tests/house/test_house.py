"""The house: one-way imports, style, light start-up, and docs that name what there is."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from basivert import errors
from basivert.errors import BasivertError

ROOT = Path(__file__).parents[2]
HEAVY = (
    "numpy",
    "scipy",
    "SimpleITK",
    "pydicom",
    "skimage",
    "PIL",
    "jinja2",
    "jaxtyping",
    "sqlalchemy",
    "alembic",
    "psycopg",
)


def run(*command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def tool(name):
    return str(Path(sys.executable).parent / name)


def test_imports_point_one_way_and_the_core_is_pure():
    done = run(tool("lint-imports"))
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("command", [("check",), ("format", "--check")])
def test_style(command):
    done = run(sys.executable, "-m", "ruff", *command, "src", "tests", "benchmarks")
    assert done.returncode == 0, done.stdout


def test_start_up_loads_nothing_heavy():
    code = "import sys, json, basivert.edge.cli.app; print(json.dumps(sorted(sys.modules)))"
    loaded = set(json.loads(run(sys.executable, "-c", code).stdout))
    assert not loaded & set(HEAVY)


def test_shapes_are_checked_in_tests():
    from basivert.geometry.grids import interpolated

    with pytest.raises(Exception, match="world_from_index"):
        interpolated(np.zeros((2, 2, 2)), np.eye(3), np.zeros((1, 3)), outside=0.0)


def test_every_command_and_exit_code_is_documented():
    from basivert.edge.cli.app import app

    text = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    for command in app.registered_commands:
        assert f"basivert {command.callback.__name__}" in text
    for group in app.registered_groups:
        for command in group.typer_instance.registered_commands:
            name = command.name or command.callback.__name__.replace("_", "-")
            assert f"basivert {group.name} {name}" in text
    for kind in vars(errors).values():
        if isinstance(kind, type) and issubclass(kind, BasivertError):
            assert f"| {kind.exit_code} |" in text


def test_ci_runs_exactly_the_readme_test_command():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    last = (ROOT / ".ci" / "run").read_text(encoding="utf-8").strip().splitlines()[-1]
    assert last in readme


def test_benchmark_tables_are_those_of_the_results():
    from benchmarks.tables import readme

    text = (ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8")
    assert readme(text) == text


@pytest.mark.longest
def test_types_are_strict():
    """Undefined names and wrong types, in the benchmarks too, which no other test runs."""
    done = run(sys.executable, "-m", "pyright", "--pythonpath", sys.executable)
    if "error" not in done.stdout + done.stderr and done.returncode not in (0, 1):
        pytest.skip(f"the type checker cannot start here: {done.stderr.strip()[-200:]}")
    assert done.returncode == 0, done.stdout
