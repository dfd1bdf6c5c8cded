"""Step sheets in the report: what is drawn lies where the C-arm puts it, and is said in words."""

import re

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.edge.documents.html import rendered
from basivert.report.plan import plan_report
from basivert.report.steps.document import Sheets, with_steps
from basivert.report.steps.pictures import FIELD_MM, PIXELS, narrowed
from basivert.workflow.fluoro_frame import fluoro_tables
from basivert.workflow.step_sheet import plan_sheets, sheet_tables


@pytest.fixture(scope="module")
def sheets(planned):
    return plan_sheets(planned, sheet_tables())


@pytest.fixture(scope="module")
def report(case, planned, sheets):
    made = plan_report(case, planned, builtin("thresholds"))
    rays = fluoro_tables()
    return with_steps(made, case, Sheets(sheets=sheets, xray=rays.xray, spectrum=rays.spectrum))


@pytest.fixture(scope="module")
def part(report):
    (part,) = report.sections[0].steps
    return part


def test_the_best_plan_of_each_vertebra_has_a_sheet(planned, sheets):
    (sheet,) = sheets
    worth = {plan.side: plan.worth for plan in planned.levels[0].plans if plan.rank == 1}
    assert worth[sheet.way.side] == max(worth.values())


def test_the_instruments_tip_is_drawn_where_the_c_arm_puts_it(sheets, part):
    (sheet,) = sheets
    step = next(step for step in sheet.steps if step.key == "isthmus")
    entry = next(entry for entry in part.entries if entry.number == step.number)
    ap = entry.pictures[step.views.index("ap")]
    carm = narrowed(sheet.presets["ap"].carm)
    tip = (carm.pixel(step.tip[None])[0] + 0.5) * FIELD_MM / PIXELS
    shaft = next(shape for shape in ap.shapes if shape.style == "shaft")
    # The band's front edge goes through the tip; its width is the introducer's, enlarged.
    edges = shaft.points[[len(shaft.points) // 2 - 1, len(shaft.points) // 2]]
    np.testing.assert_allclose(edges.mean(axis=0), tip, atol=0.05)
    wide = np.linalg.norm(np.diff(edges, axis=0)) * carm.scale(step.tip[None])[0] * (
        carm.magnification)  # fmt: skip
    assert wide == pytest.approx(sheet.way.instrument.introducer_diameter_mm.value, abs=0.02)


def test_en_face_draws_the_shaft_as_a_dot_inside_the_oval(part, sheets):
    (sheet,) = sheets
    number = next(step.number for step in sheet.steps if step.key == "isthmus")
    picture = part.entries[number - 1].pictures[0]
    dots = [shape.points for shape in picture.shapes if shape.style == "shaft"]
    rim = next(shape.points for shape in picture.shapes if shape.style == "rim")
    for dot in dots:
        np.testing.assert_allclose(dot.mean(axis=0), dots[0].mean(axis=0), atol=0.05)
    centre = dots[0].mean(axis=0)
    reach = np.linalg.norm(rim - centre, axis=1)
    assert reach.min() > 1.0


def test_bone_is_dark_where_the_vertebra_stands(part, sheets):
    """The rendered body lies under its own drawn endplates."""
    pixels = dict(part.backgrounds)[f"{part.name}-ap"].astype(float)
    picture = part.entries[0].pictures[0]
    plates = np.concatenate([s.points for s in picture.shapes if s.style == "plate"])
    low, high = (plates.min(axis=0) * PIXELS / FIELD_MM, plates.max(axis=0) * PIXELS / FIELD_MM)
    rows, columns = slice(int(low[1]), int(high[1])), slice(int(low[0]), int(high[0]))
    assert pixels[rows, columns].mean() < pixels[:, :15].mean() - 60


def test_the_page_holds_every_step_and_each_grey_picture_once(report, part, sheets):
    page = rendered(report)
    (sheet,) = sheets
    for step in sheet.steps:
        assert f"{step.number}. {step.title}".replace("'", "&#39;") in page
    for name, _ in part.backgrounds:
        assert page.count(f'id="{name}"') == 1
    used = set(re.findall(r'<use href="#([^"]+)"', page))
    assert used <= {name for name, _ in part.backgrounds}
    assert used
    assert "The lateral view deceives by" in page
    assert "not a dose received" in page


def test_letters_say_left_and_right_as_seen_from_behind(part):
    ap = part.entries[0].pictures[0]
    assert ap.letters[0].startswith("L")
    assert ap.letters[1].startswith("R")
    assert ap.letters[2].startswith("S")


@pytest.mark.parametrize("view", ["ap", "lateral"])
def test_metal_is_rendered_where_the_outline_is_drawn(part, sheets, view):
    """Two codes: analytic chords through capsules, and the drawn band."""
    (sheet,) = sheets
    step = next(step for step in sheet.steps if step.key == "tip")
    pictures = part.entries[step.number - 1].pictures
    drawn, seen = (pictures[step.views.index(view) + n] for n in (0, len(step.views)))
    band = next(shape.points for shape in drawn.shapes if shape.style == "shaft")
    half = len(band) // 2
    line = (band[:half] + band[half:][::-1]) / 2
    inside = ((line > 4.0) & (line < FIELD_MM - 4.0)).all(axis=1)
    # Along the straight part, well inside the picture, against both sides two widths away.
    at = np.flatnonzero(inside)[: int(0.5 * inside.sum())]
    wide = np.linalg.norm(band[half:][::-1][at] - band[:half][at], axis=1)[:, None]
    way = np.gradient(line, axis=0)[at]
    aside = np.column_stack([-way[:, 1], way[:, 0]])
    aside = aside / np.linalg.norm(aside, axis=1, keepdims=True)

    def grey(points):
        index = np.clip((points / seen.mm_per_pixel).astype(int), 0, PIXELS - 1)
        return seen.pixels[index[:, 1], index[:, 0]].astype(float).mean()

    middle = grey(line[at])
    assert middle < grey(line[at] + 1.5 * wide * aside) - 30
    assert middle < grey(line[at] - 1.5 * wide * aside) - 30


KEY = re.compile(r"\b(tech|seed|L5)\.[a-z]|\[(read|part|recall|assumption)\]")


def test_sources_are_told_in_words(part):
    said = [entry.source for entry in part.entries]
    said += [row.note for card in part.cards for row in card.rows]
    for text in said:
        assert not KEY.search(text), text
