"""Virtual patients from a TOML file, and as files."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from basivert.constants.load import builtin
from basivert.edge.imaging.meshes import write_stl
from basivert.errors import InputError
from basivert.geometry.rigid import moved
from basivert.phantom.model import VertebraTruth, VirtualSpine, Wish
from basivert.phantom.render import Scanner, render
from basivert.phantom.shapes import pedicle_axis, plate_normal, posterior_wall
from basivert.phantom.spine import ORDER, hub_lps, make_spine
from basivert.phantom.truth import canal_border, true_mesh
from basivert.volume.model import Case, Volume
from basivert.workflow.progress import Progress, part, silent

PATIENT = {"seed", "levels", "scoliosis_deg", "pedicle_scale", "foramen", "sclerosis_hu",
           "cancellous_hu", "transitional"}  # fmt: skip
SCANNER = {"spacing_mm", "blur_mm", "noise_hu", "turn_deg"}

LABELS_FILE = "labels_phantom.nii.gz"
TRUTH_STEP_MM = 0.5
# Of the whole time: until the scan is drawn, and until it is written.
RENDERED, WRITTEN = 0.4, 0.45
CANAL_RAYS = 72


@dataclass(frozen=True, slots=True, kw_only=True)
class PhantomSpec:
    """A virtual patient and how it is scanned."""

    wish: Wish
    scanner: Scanner


def read_spec(path: Path) -> PhantomSpec:
    """A spec file with the tables [patient] and [scanner]. Raises InputError."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as cause:
        raise InputError(f"{path} cannot be read: {cause.strerror}.") from cause
    except tomllib.TOMLDecodeError as cause:
        raise InputError(f"{path.name} is not TOML: {cause}.") from cause
    patient, scanner = document.get("patient", {}), document.get("scanner", {})
    _complete(path.name, "patient", patient, PATIENT)
    _complete(path.name, "scanner", scanner, SCANNER)
    unknown = [level for level in patient["levels"] if level not in ORDER]
    if unknown or not patient["levels"]:
        raise InputError(f"Levels {unknown or 'none'} are not among {', '.join(ORDER)}.")
    if patient["foramen"] not in ("single", "double", "absent", "mixed"):
        raise InputError(f"foramen = {patient['foramen']!r} is not single, double, absent, mixed.")
    if len(scanner["spacing_mm"]) != 3 or min(scanner["spacing_mm"]) <= 0:
        raise InputError(f"spacing_mm = {scanner['spacing_mm']} is not three lengths above 0.")
    patient["levels"] = tuple(patient["levels"])
    scanner["spacing_mm"] = tuple(float(edge) for edge in scanner["spacing_mm"])
    return PhantomSpec(wish=Wish(**patient), scanner=Scanner(**scanner, seed=patient["seed"]))


def _complete(name: str, table: str, rows: dict[str, Any], wanted: set[str]) -> None:
    if wrong := sorted(wanted ^ set(rows)):
        raise InputError(
            f"{name}: [{table}] misses or does not know {', '.join(wrong)}.",
            fix="Compare it with docs/phantom.example.toml.",
        )


def virtual_case(seed: int) -> Case:
    """The demonstration's virtual patient, L3 to L5."""
    wish = Wish(
        seed=seed, levels=("L3", "L4", "L5"), scoliosis_deg=6.0, pedicle_scale=1.0,
        foramen="single", sclerosis_hu=120.0, cancellous_hu=150.0, transitional=False,
    )  # fmt: skip
    scanner = Scanner(spacing_mm=(0.8, 0.8, 1.0), blur_mm=0.55, noise_hu=18.0, turn_deg=0.0,
                      seed=seed)  # fmt: skip
    return render(make_spine(wish, builtin("morphometry"), builtin("targets")), scanner)


def write_patient(folder: Path, spec: PhantomSpec, say: Progress = silent) -> None:
    """CT and labels as NIfTI, truth.json, and the true surface of each vertebra as STL."""
    spine = make_spine(spec.wish, builtin("morphometry"), builtin("targets"))
    case = render(spine, spec.scanner, part(say, 0.0, RENDERED))
    say(RENDERED, "writing CT and labels")
    write_volume(folder / "ct.nii.gz", case.ct)
    write_volume(folder / LABELS_FILE, case.labels.volume)
    surfaces = part(say, WRITTEN, 1.0)
    for number, (level, truth) in enumerate(spine.vertebrae.items()):
        surfaces(number / len(spine.vertebrae), f"true surface of {level}")
        write_stl(folder / f"truth_{level}.stl", *true_mesh(truth, TRUTH_STEP_MM))
    text = json.dumps(truth_document(spine), indent=1, allow_nan=False)
    (folder / "truth.json").write_text(text, "utf-8")


def write_volume(file: Path, volume: Volume) -> None:
    """A volume as NIfTI; the file's frame is made from LPS by the writer."""
    import SimpleITK as sitk

    image = sitk.GetImageFromArray(np.ascontiguousarray(volume.values.transpose(2, 1, 0)))
    image.SetSpacing(volume.spacing_mm.tolist())
    image.SetDirection((volume.lps_from_index[:3, :3] / volume.spacing_mm).ravel().tolist())
    image.SetOrigin(volume.lps_from_index[:3, 3].tolist())
    sitk.WriteImage(image, str(file), useCompression=True)


def truth_document(spine: VirtualSpine) -> dict[str, Any]:
    """The exact truth in LPS mm."""
    vertebrae = []
    for level, truth in spine.vertebrae.items():
        lps, spec = truth.lps_from_body, truth.spec
        turn = lps[:3, :3]
        openings = [[o.x_mm, float(posterior_wall(spec, np.asarray(o.x_mm))), o.z_mm]
                    for o in spec.openings]  # fmt: skip
        vertebrae.append({
            "level": level, "lps_from_body": lps.tolist(), "hub_mm": hub_lps(truth).tolist(),
            "upper_normal": (
                turn @ plate_normal(spec.upper_tilt_deg, spec.upper_lean_deg)
            ).tolist(),
            "lower_normal": (-turn @ plate_normal(spec.lower_tilt_deg, 0.0)).tolist(),
            "foramen_mm": [moved(lps, np.array(o)).tolist() for o in openings],
            "canal_mm": _canal(truth),
            "pedicles": {side: {
                "centre_mm": moved(lps, np.array([p.x_mm, p.y_mm, p.z_mm])).tolist(),
                "axis": (turn @ pedicle_axis(p)).tolist(), "width_mm": p.width_mm,
                "height_mm": p.height_mm} for side, p in spec.pedicles.items()},
        })  # fmt: skip
    return {"schema": "basivert.truth/1", "research_use_only": True, "frame": "LPS mm",
            "seed": spine.wish.seed, "vertebrae": vertebrae}  # fmt: skip


def _canal(truth: VertebraTruth) -> list[list[float]]:
    """Border of the canal at the pedicles' height, LPS mm; open directions are left out."""
    height = float(np.mean([one.z_mm for one in truth.spec.pedicles.values()]))
    turn = np.linspace(0.0, 2.0 * np.pi, CANAL_RAYS, endpoint=False)
    border = canal_border(truth.spec, height, turn)
    border = border[np.isfinite(border[:, 0])]
    inside = np.column_stack([border, np.full(len(border), height)])
    return moved(truth.lps_from_body, inside).tolist()
