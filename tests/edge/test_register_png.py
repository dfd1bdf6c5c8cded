"""Simulated PNGs go through a person's window, and `basivert register` reads them as before it."""

import json

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from basivert.edge.documents.xray_marks import WINDOW_KEY, monitor_pixels, pixels, write_png
from basivert.edge.imaging.frame_picture import read_picture
from basivert.edge.imaging.plan_folder import write_plan
from basivert.errors import InputError
from basivert.fluoroscopy.image import usual_exposure
from basivert.fluoroscopy.tools import Stage, straight_mm, tools
from basivert.workflow.fluoro_frame import fluoro_tables, patient_of, picture
from tests.edge.shots import PLATE, TABLE, XRAY, run, view


@pytest.fixture(scope="module")
def best(planned):
    return max(planned.levels[0].plans, key=lambda plan: plan.worth)


@pytest.fixture(scope="module")
def frames(case, planned, best):
    """AP and lateral with the introducer at its planned end."""
    stage = Stage(depth_mm=straight_mm(best.path), deployed_mm=0.0, inside="stylet")
    drawn = tools(best.path, best.instrument, stage, XRAY)
    patient, tables = patient_of(case.ct, fluoro_tables()), fluoro_tables()
    centre = planned.levels[0].vertebra.lps_from_body[:3, 3]
    return [picture(patient, drawn, view(primary, centre, tilt), usual_exposure(XRAY), tables, 1)
            for primary, tilt in ((180.0, -10.0), (90.0, 5.0))]  # fmt: skip


@pytest.mark.parametrize(("bits", "most"), [(8, 0.03), (16, 0.001)])
def test_a_windowed_png_is_read_as_the_greys_before_the_window(
    frames, tmp_path, bits, most
) -> None:
    frame, file = frames[1], tmp_path / "a.png"
    write_png(file, monitor_pixels(frame, "L4", bits), frame.window)
    read = read_picture(file, TABLE)
    before, through = pixels(frame, "L4", 16) / 65535, np.asarray(Image.open(file)) / read.full
    seen = frame.known & frame.free
    off = np.abs(read.values / read.full - before)[seen]
    # The blackest metal lies where the sigmoid is flattest: there 8 bits tell less.
    assert np.quantile(off, 0.999) < most
    # What a person sees is another picture: tissue and air do not glare.
    assert np.mean(before[seen] > 0.95) > 0.05
    letters = (before == 1.0) & (through == 1.0)
    assert not np.any(through[seen & ~letters] > 0.9)


def test_the_tool_comes_back_from_windowed_pngs(
    case, planned, best, frames, tmp_path, monkeypatch, capsys
) -> None:
    write_plan(tmp_path, case, planned, {"virtual_seed": 5})
    rows, files = [], []
    for name, frame in zip(("ap", "lateral"), frames, strict=True):
        files.append(tmp_path / f"{name}.png")
        write_png(files[-1], monitor_pixels(frame, name, 8), frame.window)
        rows.append({
            "primary_deg": frame.carm.primary_deg, "secondary_deg": frame.carm.secondary_deg,
            "source_detector_mm": 1020, "source_isocentre_mm": 620,
            "detector_side_mm": list(PLATE.side_mm),
            "isocentre_lps_mm": frame.carm.isocentre.tolist(),
        })  # fmt: skip
    (tmp_path / "carm.json").write_text(json.dumps(rows))
    run(tmp_path, case, monkeypatch, files, level_check=False, carm=tmp_path / "carm.json")
    found = json.loads(capsys.readouterr().out)
    assert found["verdict"] == "good"
    assert np.linalg.norm(np.array(found["tool"]["tip_ct_mm"]) - best.path.curve_start) < 1.0


def test_a_broken_window_is_named(tmp_path) -> None:
    text = PngInfo()
    text.add_text(WINDOW_KEY, "0.5 wide")
    values = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(values).save(tmp_path / "a.png", pnginfo=text)
    with pytest.raises(InputError, match="not four numbers"):
        read_picture(tmp_path / "a.png", TABLE)
