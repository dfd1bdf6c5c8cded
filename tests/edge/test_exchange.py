"""Files that others open, read back with readers that are not ours."""

import json

import nrrd
import numpy as np
import pytest
import trimesh
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkIOXML import vtkXMLPolyDataReader

from basivert.edge.imaging import plan_folder


@pytest.fixture(scope="module")
def folder(tmp_path_factory, case, planned):
    out = tmp_path_factory.mktemp("exchange") / "plan"
    with plan_folder.new(out) as work:
        plan_folder.write_plan(work, case, planned)
    return out


def test_vtk_reads_the_bone_with_its_walls(folder, planned):
    surface = planned.levels[0].vertebra.surface
    reader = vtkXMLPolyDataReader()
    reader.SetFileName(str(folder / "meshes" / "L4_bone.vtp"))
    reader.Update()
    mesh = reader.GetOutput()
    points = vtk_to_numpy(mesh.GetPoints().GetData())
    np.testing.assert_allclose(points, surface.vertices, atol=1e-3)
    faces = vtk_to_numpy(mesh.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    np.testing.assert_array_equal(faces, surface.faces)
    (name,) = (mesh.GetPointData().GetArrayName(n) for n in range(
        mesh.GetPointData().GetNumberOfArrays()))  # fmt: skip
    walls = vtk_to_numpy(mesh.GetPointData().GetArray(name))
    np.testing.assert_array_equal(walls, surface.wall)


def test_the_mesh_of_the_bone_holds_the_volume_of_the_surface(folder, planned):
    surface = planned.levels[0].vertebra.surface
    bone = trimesh.load(folder / "meshes" / "L4_bone.stl")
    own = trimesh.Trimesh(surface.vertices, surface.faces, process=False)
    assert bone.volume == pytest.approx(own.volume, rel=1e-4)


def test_another_nrrd_reader_finds_target_and_instrument_where_they_are(folder, planned):
    level = planned.levels[0]
    labels, header = nrrd.read(str(folder / "slicer" / "L4.seg.nrrd"))
    assert header["space"] == "left-posterior-superior"
    lps_from_index = np.eye(4)
    lps_from_index[:3, :3] = np.array(header["space directions"]).T
    lps_from_index[:3, 3] = header["space origin"]
    plan = level.plans[0]
    at = np.linalg.inv(lps_from_index) @ np.append(plan.path.curve_start, 1.0)
    names = {int(header[f"Segment{n}_LabelValue"]): header[f"Segment{n}_Name"] for n in range(4)}
    code = int(labels[tuple(np.rint(at[:3]).astype(int))])
    assert "instrument" in names[code] or "cannula" in names[code]
    inside = np.argwhere(labels > 0).mean(axis=0)
    middle = lps_from_index[:3, :3] @ inside + lps_from_index[:3, 3]
    assert np.linalg.norm(middle - level.vertebra.lps_from_body[:3, 3]) < 30.0


def test_markups_follow_slicers_schema(folder, planned):
    for side in ("left", "right"):
        text = (folder / "slicer" / f"L4_{side}.mrk.json").read_text(encoding="utf-8")
        document = json.loads(text)
        assert "markups-schema" in document["@schema"]
        for markup in document["markups"]:
            assert markup["coordinateSystem"] == "LPS"
            assert markup["coordinateUnits"] == "mm"
            for point in markup["controlPoints"]:
                assert len(point["position"]) == 3
        plan = next(p for p in planned.levels[0].plans if p.side == side)
        curve = next(m for m in document["markups"] if m["type"] == "Curve")
        last = curve["controlPoints"][-1]["position"]
        np.testing.assert_allclose(last, plan.path.tip, atol=1e-6)
