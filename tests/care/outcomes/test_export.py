"""Nobody stands alone in what leaves the clinic, and nothing there says who it is."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.care.outcomes.deidentify import age_class, anonymous, export
from basivert.care.outcomes.reading import registry
from basivert.care.outcomes.rules import outcome_rules
from basivert.edge.documents.registry_export import write_export

from .simulated import clinic

RULES = outcome_rules()
NAMES = ("a", "b", "c")
ROWS = st.lists(st.fixed_dictionaries({name: st.sampled_from("xyz") for name in NAMES}))


@pytest.fixture(scope="module")
def document():
    return clinic(120, 4)


@pytest.fixture(scope="module")
def made(document):
    return export(registry(document, RULES), RULES, np.random.default_rng(7))


@given(ROWS, st.integers(2, 6))
def test_every_combination_is_shared_by_k(rows, k):
    kept, smallest = anonymous(rows, NAMES, k)
    sizes = Counter(tuple(row[name] for name in NAMES) for row in kept)
    assert all(size >= k for size in sizes.values())
    assert smallest == min(sizes.values(), default=0)
    # Fewer than k are left out, and no cell says another thing than before.
    assert len(rows) - len(kept) < k
    before = Counter(tuple(row.items()) for row in rows)
    for row in kept:
        assert any(all(v is None or v == dict(old)[n] for n, v in row.items()) for old in before)


@pytest.mark.parametrize(
    ("age", "group"),
    [(51, "50-54"), (54.9, "50-54"), (55, "55-59"), (89.9, "85-89"), (90, "90+"), (103, "90+")],
)
def test_old_ages_are_one_class(age, group):
    assert age_class(float(age), 5, 90) == group


def test_what_leaves_names_nobody(document, made):
    text = str(made.tables)
    assert not any(patient["id"] in text for patient in document["patients"])
    assert "procedure" not in text and "site" not in text
    names = RULES["export"]["hiding"]["identifying"]
    sizes = Counter(tuple(row[n] for n in names) for row in made.tables["patients"])
    assert min(sizes.values()) >= 5 and made.k == min(sizes.values())
    assert len(made.tables["patients"]) + made.left_out == 120
    kinds = Counter(k for k, _ in {(r["kind"], r["patient"]) for r in made.tables["events"]})
    assert all(n >= 5 for kind, n in kinds.items() if kind != "rare")


def test_scores_come_out_as_they_went_in(document, made):
    if made.left_out:
        pytest.skip("patients were left out")
    entered = Counter(
        (s["instrument"], s["day"], float(s.get("value", 2 * s.get("total", 0))))
        for p in document["patients"] for s in p["scores"]
    )  # fmt: skip
    told = Counter((r["instrument"], r["day"], r["value"]) for r in made.tables["scores"])
    assert told == entered


def test_every_column_is_in_the_dictionary(made):
    for name, rows in made.tables.items():
        for row in rows:
            assert list(row) == list(RULES["export"]["table"][name])


def test_csv_and_parquet_say_the_same(tmp_path, made):
    parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")
    pytest.importorskip("pyarrow.csv")
    import csv

    write_export(tmp_path, made, RULES, parquet=True)
    for name, rows in made.tables.items():
        assert parquet.read_table(tmp_path / f"{name}.parquet").to_pylist() == list(rows)
        with (tmp_path / f"{name}.csv").open(encoding="utf-8", newline="") as text:
            read = list(csv.DictReader(text))
        assert read == [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows]
    schema = parquet.read_schema(tmp_path / "patients.parquet")
    assert schema.field("followed").metadata[b"unit"] == b"years"


def alike(gone, *, bleeding):
    """Twenty patients who are alike, but for why they left and how often each bled."""
    patients = [
        {"id": f"p{n}", "procedure_day": 0, "scores": [],
         "events": [{"kind": "bleeding", "grade": 1, "day": 3}] * times,
         **({"left": {"day": 100, "why": "withdrawn"}} if n < gone else {})}
        for n, times in enumerate((*bleeding, *[0] * (20 - len(bleeding))))
    ]  # fmt: skip
    held = registry({"as_of_day": 300, "patients": patients}, RULES)
    return export(held, RULES, np.random.default_rng(1)).tables


def test_nobody_of_90_or_more_leaves_with_an_age_of_their_own():
    ages = [*[88.5] * 5, *[90.0] * 5, *[93.0] * 5, *[101.0] * 5]
    patients = [{"id": f"p{n}", "procedure_day": 0, "scores": [], "age_years": age}
                for n, age in enumerate(ages)]  # fmt: skip
    held = registry({"as_of_day": 300, "patients": patients}, RULES)
    rows = export(held, RULES, np.random.default_rng(1)).tables["patients"]
    assert Counter(row["age"] for row in rows) == {"85-89": 5, "90+": 15}


@pytest.mark.parametrize(("gone", "shown"), [(4, set()), (5, {"withdrawn"})])
def test_why_fewer_than_five_left_is_not_told(gone, shown):
    rows = alike(gone, bleeding=())["patients"]
    assert {row["left"] for row in rows} - {None} == shown
    assert {row["left_day"] for row in rows} - {None} == ({100} if shown else set())


@pytest.mark.parametrize(
    ("bleeding", "kind"),
    [((1, 1, 1, 1), "rare"), ((1, 1, 1, 1, 1), "bleeding"), ((7,), "rare"), ((2, 2, 2), "rare")],
)
def test_harm_is_rare_by_how_many_patients_had_it(bleeding, kind):
    events = alike(0, bleeding=bleeding)["events"]
    assert len(events) == sum(bleeding)
    assert {row["kind"] for row in events} == {kind}
