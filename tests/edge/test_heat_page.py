"""The page of the heat: whole, self-contained, and true to the burn."""

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from basivert.edge.documents import html, plots, washes
from basivert.edge.documents.html import rendered
from basivert.provenance import Provenance
from basivert.report.heat.document import heat_part, heat_report, with_heat
from basivert.report.model import Curve, Panel, Plot
from basivert.report.plan import plan_report
from basivert.workflow.plan_case import builtin_tables

MADE = Provenance(inputs={"ct": "a" * 64}, editions={"tissue": "x"}, versions={}, seed=7)


@pytest.fixture(scope="module")
def page(case, heats):
    return rendered(heat_report(case, heats, MADE))


class Balanced(HTMLParser):
    """Every element that is opened is closed, in order."""

    VOID = frozenset({"meta", "br", "img", "image", "path", "rect", "polyline", "i"})

    def __init__(self):
        super().__init__()
        self.open = []
        self.ids = []

    def handle_starttag(self, tag, attrs):
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        if tag not in self.VOID:
            assert self.open.pop() == tag


def test_the_page_is_whole_and_needs_nothing_else(page):
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    assert not re.search(r'(src|href)="(?!data:)', page)
    assert page.count("Research use only") >= 2


def test_every_dose_and_verdict_stands_on_the_page(page, heat):
    text = re.sub(r"<[^>]+>", " ", page)
    for dose in heat.doses:
        assert f"{dose.peak_degc:.1f}" in text
        assert dose.why.split(" (")[0] in text
    assert f"{heat.lesion.region.volume_ml:.2f}" in text
    assert "go" in text and "unknown" in text


def test_constants_from_memory_or_assumed_are_marked(page, heats):
    tables = (heats.protocol, heats.tables.damage, *(
        getattr(heats.tables.tissues, name) for name in heats.tables.tissues.__slots__
    ), heats.tables.log, heats.tables.adjustment)  # fmt: skip
    for word in ("recall", "assumption"):
        rows = sum(row.confidence == word for table in tables for row in table.rows.values())
        assert page.count(f'<span class="caution">{word}</span>') == rows > 0


def test_slices_carry_letters_a_scale_and_labelled_isotherms(page):
    figures = re.findall(r"<figure><svg viewBox.*?</figure>", page, re.S)
    assert len(figures) == 8
    for figure in figures:
        assert "10 mm" in figure
        for label in ("43 °C", "50 °C", "60 °C"):
            assert f">{label}</text>" in figure
        assert len(re.findall(r">[RLAPSI]{1,2}</text>", figure)) == 4


def test_the_plans_report_gains_the_heat_of_its_own_level(case, planned, heats):
    report = plan_report(case, planned, builtin_tables().anatomy.thresholds)
    (section,) = with_heat(
        report, heats, [heat_part(case, heat, heats.tables) for heat in heats.burns]
    ).sections
    assert len(section.heats) == len(heats.burns)
    assert section.pictures is report.sections[0].pictures


def test_the_wash_rises_in_lightness_and_is_clear_where_nothing_is_heated():
    degc = np.linspace(37.0, 90.0, 60)[None]
    colours = washes.coloured(degc)[0].astype(float)
    light = colours[:, :3] @ [0.2126, 0.7152, 0.0722]
    assert np.all(np.diff(light) > -1.0)
    assert colours[0, 3] == 0
    assert np.all(np.diff(colours[:, 3]) >= 0)


def test_a_colour_means_one_thing_in_a_picture_of_a_plan():
    meaning = {"bone": "bone", "canal": "canal", "shaft": "instrument", "active": "heating zone",
               "target": "hub", "foramen": "foramen, windows", "go": "enough", "caution": "little",
               "stop": "none"}  # fmt: skip
    assert len({html.COLOURS[style] for style in meaning}) == len(meaning)


def test_the_slice_survives_as_png():
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    read = np.asarray(Image.open(io.BytesIO(base64.b64decode(washes.png(pixels)))))
    np.testing.assert_array_equal(read, pixels)


@pytest.mark.parametrize(("low", "high"), [(37.0, 85.2), (0.0, 1.96), (614.0, 1080.0), (5.0, 5.0),
                                           (-3.2, 4.1), (0.0, 0.0)])  # fmt: skip
def test_ticks_are_round_and_enclose_what_they_measure(low, high):
    found = plots.ticks(low, high, 4)
    assert found[0] <= low and found[-1] >= high
    steps = np.diff(found)
    np.testing.assert_allclose(steps, steps[0])
    assert f"{steps[0]:.0e}"[0] in "125"


def test_names_of_curves_stand_apart_and_inside():
    wanted = [50.0, 50.5, 51.0, 90.0, 100.0]
    found = plots.apart(wanted, 0.0, 100.0)
    assert np.all(np.diff(found) >= plots.LINE_HEIGHT - 1e-9)
    assert found[0] >= 0.0 and found[-1] <= 100.0


def test_a_curve_is_drawn_where_its_ticks_say():
    x, y = np.array([0.0, 5.0, 10.0]), np.array([20.0, 30.0, 40.0])
    chart = plots.laid_out(Plot(
        title="", caption="", x_label="", spans=((0.0, 5.0, "half"),),
        panels=(Panel(y_label="", curves=(Curve(name="", x=x, y=y),)),),
    ))  # fmt: skip
    (panel,) = chart.panels
    drawn = np.array([p.split(",") for p in panel.lines[0].points.split()], float)
    down = {float(text): at for text, at in panel.ticks}
    across = {float(text): at for text, at in chart.ticks}
    np.testing.assert_allclose(drawn[:, 1], [down[v] for v in y], atol=0.06)
    assert drawn[-1, 0] == pytest.approx(across[10.0], abs=0.06)
    assert chart.spans[0][1] == pytest.approx((chart.left + chart.right) / 2)
