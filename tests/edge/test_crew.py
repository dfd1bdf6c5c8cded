"""Several vertebrae at once: the same plan, progress of the whole, and nothing goes on unseen."""

import json
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st

from basivert.edge.cli.crew import crew
from basivert.edge.cli.progress import Shown
from basivert.edge.codec import plan_document
from basivert.errors import Cancelled
from basivert.instruments.load import builtin_instrument
from basivert.workflow.plan_case import plan_case
from basivert.workflow.progress import together


def test_threads_plan_what_one_after_the_other_plans(case, planned):
    with ThreadPoolExecutor(2) as pool:
        made = plan_case(
            case, builtin_instrument("curved_bipolar"), seed=planned.provenance.seed,
            inputs=planned.provenance.inputs, versions=planned.provenance.versions,
            levels=[level.level for level in planned.levels], mapper=pool.map,
        )  # fmt: skip
    assert json.dumps(plan_document(made, None)) == json.dumps(plan_document(planned, None))


@given(st.lists(st.tuples(st.integers(0, 3), st.floats(0, 1)), min_size=1, max_size=30))
def test_progress_of_steps_at_once_is_their_mean(reports):
    said: list[float] = []
    steps = together(lambda done, _: said.append(done), 4)
    last = [0.0] * 4
    for number, done in reports:
        last[number] = done
        steps[number](done, "at work")
        assert said[-1] == pytest.approx(sum(last) / 4)


def test_a_thread_ends_where_it_next_reports_and_no_other_begins():
    say, begun, ended, failed = Shown(), Event(), Event(), Event()

    def work(task: str) -> None:
        if task == "late":
            ended.set()
            return
        begun.set()
        failed.wait(10.0)
        try:
            while True:
                say(0.5, "at work")
        except Cancelled:
            failed.clear()
            raise

    with pytest.raises(KeyboardInterrupt), crew(say, 1) as mapper:
        mapper(work, ["first", "late"])
        assert begun.wait(10.0)
        failed.set()
        raise KeyboardInterrupt
    assert not failed.is_set(), "the thread at work was not told to end"
    assert not ended.is_set(), "work began after the stop"
