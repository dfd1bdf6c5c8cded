"""Meshes of bone and instrument as STL and VTP, LPS mm."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np

from basivert.anatomy.model import Partial
from basivert.geometry.rigid import unit
from basivert.planning.model import CasePlan
from basivert.planning.model import Path as Way

SIDES = 24
VTK_TYPES = {"Float32": "<f4", "Int32": "<i4", "Int64": "<i8"}
STL_RECORD = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])


def write(folder: Path, case_plan: CasePlan) -> None:
    """Bone of every vertebra and instrument of every first-ranked plan."""
    folder.mkdir()
    for level in case_plan.levels:
        if isinstance(level.vertebra, Partial):
            continue
        surface = level.vertebra.surface
        write_stl(folder / f"{level.level}_bone.stl", surface.vertices, surface.faces)
        write_vtp(folder / f"{level.level}_bone.vtp", surface.vertices, surface.faces,
                  {"wall": surface.wall})  # fmt: skip
        for plan in level.plans:
            if plan.rank == 1:
                write_stl(folder / f"{level.level}_{plan.side}_instrument.stl", *tube(plan.path))


def tube(path: Way) -> tuple[np.ndarray, np.ndarray]:
    """Closed tube about a path: vertices (n, 3) LPS mm and faces (m, 3), normals outwards."""
    line, radius = path.centre_line, path.radius_mm
    way = unit(np.gradient(line, axis=0))
    side = unit(np.cross(way, np.array([0.0, 0.0, 1.0])))
    over = np.cross(way, side)
    turn = np.linspace(0.0, 2.0 * np.pi, SIDES, endpoint=False)
    ring = np.cos(turn)[None, :, None] * side[:, None] + np.sin(turn)[None, :, None] * over[:, None]
    vertices = (line[:, None] + radius[:, None, None] * ring).reshape(-1, 3)
    row, column = np.meshgrid(np.arange(len(line) - 1), np.arange(SIDES), indexing="ij")
    a = (row * SIDES + column).ravel()
    b = (row * SIDES + (column + 1) % SIDES).ravel()
    first, last = len(vertices), len(vertices) + 1
    ends = np.arange(SIDES)
    after = (ends + 1) % SIDES
    base = (len(line) - 1) * SIDES
    faces = np.concatenate([
        np.stack([a, b, a + SIDES], axis=1), np.stack([b, b + SIDES, a + SIDES], axis=1),
        np.stack([np.full(SIDES, first), after, ends], axis=1),
        np.stack([np.full(SIDES, last), base + ends, base + after], axis=1),
    ])  # fmt: skip
    return np.concatenate([vertices, line[:1], line[-1:]]), faces


def write_stl(file: Path, vertices: np.ndarray, faces: np.ndarray) -> None:
    """Binary STL."""
    corners = vertices[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    records = np.zeros(len(faces), STL_RECORD)
    records["normal"] = normal / np.maximum(length, 1e-12)
    records["corners"] = corners
    head = b"basivert, LPS mm, research use only".ljust(80, b" ")
    file.write_bytes(head + np.uint32(len(faces)).tobytes() + records.tobytes())


def write_vtp(
    file: Path, vertices: np.ndarray, faces: np.ndarray, point_data: dict[str, np.ndarray]
) -> None:
    """VTK XML PolyData, binary in base64."""

    def array(name: str, kind: str, values: np.ndarray, parts: int = 1) -> str:
        raw = np.ascontiguousarray(values, VTK_TYPES[kind]).tobytes()
        text = base64.b64encode(np.uint32(len(raw)).tobytes() + raw).decode("ascii")
        return (f'<DataArray type="{kind}" Name="{name}" NumberOfComponents="{parts}" '
                f'format="binary">{text}</DataArray>')  # fmt: skip

    data = "".join(array(name, "Int32", values) for name, values in point_data.items())
    offsets = 3 * np.arange(1, len(faces) + 1)
    file.write_text(
        '<?xml version="1.0"?><VTKFile type="PolyData" version="0.1" byte_order="LittleEndian" '
        'header_type="UInt32">'
        f'<PolyData><Piece NumberOfPoints="{len(vertices)}" NumberOfVerts="0" NumberOfLines="0" '
        f'NumberOfStrips="0" NumberOfPolys="{len(faces)}"><PointData>{data}</PointData>'
        f"<Points>{array('points', 'Float32', vertices, 3)}</Points><Polys>"
        f"{array('connectivity', 'Int64', faces)}{array('offsets', 'Int64', offsets)}"
        "</Polys></Piece></PolyData></VTKFile>",
        encoding="utf-8",
    )
