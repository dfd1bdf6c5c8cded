"""A real CT against exact float64 ray integrals made by other code (`../shared`)."""

import json
from pathlib import Path

import numpy as np
import pytest

from basivert.constants.load import builtin
from basivert.edge.imaging.demo_ct import cache_folder
from basivert.edge.imaging.volumes import read_volume
from basivert.fluoroscopy.attenuation import Attenuation, attenuation
from basivert.fluoroscopy.carm import CArm, Detector
from basivert.fluoroscopy.project import line_integrals
from basivert.fluoroscopy.stack import axis, stacked

SHARED = Path(__file__).parents[2] / ".." / "shared" / "benchmarks" / "fluoroscopy"


@pytest.fixture(scope="module")
def scan():
    held = sorted(cache_folder().glob("lidc-l1-l2-*/cxr.nii.gz"))
    if not SHARED.is_dir() or not held:
        pytest.skip("the shared exact rays or the demonstration's CT are not on this machine")
    ct, _ = read_volume(held[0], "HU")
    labels, _ = read_volume(held[0].with_name("mask.nii.gz"), "label")
    return attenuation(ct, builtin("xray")), labels.values, np.load(SHARED / "reference_rays.npz")


# Full detail in slabs of four voxels, bones voxel by voxel.
@pytest.mark.parametrize(("kind", "voxels"), [("full", 4), ("bones", 1)])
@pytest.mark.parametrize("size", [256, 512])
def test_six_views_lie_within_half_a_percent_of_exact_rays(scan, kind, voxels, size) -> None:
    whole, labels, exact = scan
    told = json.loads((SHARED / "reference.json").read_text("utf-8"))
    codes = told["attenuation_60kev"]["bone_labels"]
    values = whole.values if kind == "full" else np.where(np.isin(labels, codes), whole.values, 0)
    volume = Attenuation(values=values, lps_from_index=whole.lps_from_index)
    stacks = {along: stacked(volume, along, voxels) for along in (0, 1)}
    for name, view in told["views"].items():
        machine = CArm(
            primary_deg=view["primary_deg"], secondary_deg=view["secondary_deg"],
            isocentre=np.array(told["isocentre_lps_mm"]), source_isocentre_mm=600.0,
            source_detector_mm=1000.0, detector=Detector(
                side_mm=(300.0, 300.0), pixels=(size, size), offset_mm=(0.0, 0.0)),
        )  # fmt: skip
        every = size // 64
        found = line_integrals(stacks[axis(volume, machine)], machine)
        found = found[every // 2 :: every, every // 2 :: every].astype(float)
        true = exact[f"{kind}/{name}/{size}/trilinear"].astype(float)
        assert np.corrcoef(found.ravel(), true.ravel())[0, 1] >= 0.9995, name
        assert np.sqrt(((found - true) ** 2).mean() / (true**2).mean()) <= 0.005, name
