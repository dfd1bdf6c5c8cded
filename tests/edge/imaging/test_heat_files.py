"""Files of the heat, read back with readers that are not ours."""

import nrrd
import numpy as np
import pytest
import trimesh
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

from basivert.edge.imaging import heat_files


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sampled):
    out = tmp_path_factory.mktemp("heat")
    heat_files.write(out, sampled)
    return out


@pytest.fixture(scope="module")
def head(sampled):
    planned = sampled.setup.planned
    return f"{sampled.setup.vertebra.level}_{planned.side}_{planned.rank}"


def opened(file):
    values, header = nrrd.read(str(file))
    assert header["space"] == "left-posterior-superior"
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = np.array(header["space directions"]).T
    lps_from_index[:3, 3] = header["space origin"]
    return values, lps_from_index, header


def spots(values, lps_from_index, count=60):
    """Voxels that are anywhere, and where they lie."""
    rng = np.random.default_rng(7)
    index = np.stack([rng.integers(0, n, count) for n in values.shape], axis=1)
    return index, index @ lps_from_index[:3, :3].T + lps_from_index[:3, 3]


@pytest.mark.parametrize(("name", "what"), [
    ("temperature_degc", lambda r: r.temperature_degc),
    ("log10_cem43_min", lambda r: np.log10(r.cem43_min)),
    ("ln_omega_skin", lambda r: np.log(r.omega["skin"])),
])  # fmt: skip
def test_another_reader_finds_the_solvers_values_at_their_places(folder, head, sampled, name, what):
    values, lps_from_index, header = opened(folder / f"{head}_{name}.nrrd")
    index, points = spots(values, lps_from_index)
    read = what(sampled.moments[-1].sampled(points))
    np.testing.assert_allclose(values[tuple(index.T)], read, rtol=1e-4, atol=2e-3)
    assert np.ptp(read) > 1.0
    assert "research use only" in header["content"]


def test_the_hottest_voxel_lies_at_the_electrodes(folder, head, sampled):
    values, lps_from_index, _ = opened(folder / f"{head}_temperature_degc.nrrd")
    at = np.array(np.unravel_index(int(values.argmax()), values.shape))
    hottest = lps_from_index[:3, :3] @ at + lps_from_index[:3, 3]
    active = sampled.setup.planned.path.active
    assert np.linalg.norm(hottest - active, axis=1).min() < 6.0


def test_probabilities_keep_their_places(folder, head, sampled):
    values, lps_from_index, _ = opened(folder / f"{head}_p_dead.nrrd")
    grid = sampled.setup.map
    np.testing.assert_allclose(lps_from_index, grid.lps_from_index, atol=1e-6)
    at = np.argmin(np.linalg.norm(grid.points - (sampled.lesion.region.centre + 5.0), axis=1))
    index = np.rint(np.linalg.inv(lps_from_index) @ np.append(grid.points[at], 1.0)).astype(int)
    assert values[tuple(index[:3])] == pytest.approx(sampled.uncertainty.p_dead[at], abs=1e-6)
    safe, *_ = opened(folder / f"{head}_p_safe.nrrd")
    np.testing.assert_allclose(safe, 1.0 - values, atol=1e-6)


def test_no_probabilities_without_samples(tmp_path, heat):
    heat_files.write(tmp_path, heat)
    assert not list(tmp_path.glob("*_p_*.nrrd"))


def probe_ml(heat):
    (probe,) = heat.setup.probes
    return np.pi * probe.radius_mm**2 * heat.lesion.region.lengths_mm[0] / 1e3


def test_the_segmentation_holds_the_lesions_volume_and_its_names(folder, head, sampled):
    """The probe's own place counts as dead in the file, but not in the reported volume."""
    labels, lps_from_index, header = opened(folder / f"{head}_lesion.seg.nrrd")
    voxel_ml = abs(np.linalg.det(lps_from_index[:3, :3])) / 1e3
    volume = float((labels == 1).sum()) * voxel_ml
    told = sampled.lesion.region.volume_ml
    assert 0.98 * told < volume < 1.02 * (told + probe_ml(sampled))
    assert header["Segment0_Name"] == "lesion"
    assert int(header["Segment0_LabelValue"]) == 1
    largest = max(les.region.volume_ml for les in sampled.lesions)
    either = float((labels > 0).sum()) * voxel_ml
    assert 0.98 * largest < either < 1.02 * (largest + probe_ml(sampled))


def test_meshes_hold_the_lesions_volume_in_its_place(folder, head, sampled):
    region = sampled.lesion.region
    solid = trimesh.load(folder / f"{head}_lesion.stl")
    assert solid.is_watertight
    assert region.volume_ml < solid.volume / 1e3 < 1.03 * (region.volume_ml + probe_ml(sampled))
    np.testing.assert_allclose(solid.center_mass, region.centre, atol=0.5)
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(folder / f"{head}_lesion.vtp"))
    reader.Update()
    mesh = reader.GetOutput()
    points = vtk_to_numpy(mesh.GetPoints().GetData())
    faces = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    assert trimesh.Trimesh(points, faces).volume == pytest.approx(solid.volume, rel=1e-4)
    omega = sampled.moments[-1].sampled(points.astype(float)).omega["skin"]
    assert abs(np.median(np.log(omega))) < 0.2
