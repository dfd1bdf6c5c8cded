"""The names a program uses: few, light to import, and the same to a type checker."""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import basivert

ROOT = Path(__file__).parents[2]


def test_public_names_are_few_and_load():
    assert len(basivert.__all__) <= 30
    for name in basivert.__all__:
        assert getattr(basivert, name).__name__ == name


def test_stub_and_module_name_the_same_things_from_the_same_places():
    stub = ast.parse((ROOT / "src" / "basivert" / "__init__.pyi").read_text(encoding="utf-8"))
    named = {
        alias.asname: node.module
        for node in stub.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert named == basivert._HOME


def test_import_is_light():
    code = "import sys, json, basivert; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"numpy", "scipy", "SimpleITK", "pydicom"} & set(json.loads(done.stdout))


def test_a_wrong_name_is_an_attribute_error():
    assert not hasattr(basivert, "plan_everything")


def test_the_examples_of_the_docs_run():
    """Plan and heat; the last block, intervals, takes a minute and is left out."""
    text = (ROOT / "docs" / "library.md").read_text(encoding="utf-8")
    plan, heat, _ = re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", plan + heat], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert re.search(r"L4 left (transpedicular|extrapedicular) ", done.stdout)
    assert re.search(r"^(go|caution|stop) \d\.\d+ 0\.\d+$", done.stdout, flags=re.MULTILINE)
