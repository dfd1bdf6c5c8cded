"""What one C-arm can do, from its table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Point
from basivert.constants.model import Table
from basivert.errors import InputError
from basivert.fluoroscopy.carm import CArm, Detector, angles
from basivert.planning.views import past


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One C-arm: distances along the central ray, receptor, and how far it turns.

    most_primary_deg: turn of the receptor from straight above the prone back to either side.
    most_secondary_deg: its tilt to head or feet.
    """

    name: str
    edition: str
    source_detector_mm: float
    source_isocentre_mm: float
    detector: Detector
    most_primary_deg: float
    most_secondary_deg: float

    def placed(self, toward: Point, isocentre: Point) -> CArm:
        """The arm with its receptor in direction `toward` (3,) LPS from `isocentre` (3,) LPS mm."""
        primary, secondary = angles(toward)
        return CArm(
            primary_deg=primary, secondary_deg=secondary, isocentre=isocentre,
            source_isocentre_mm=self.source_isocentre_mm,
            source_detector_mm=self.source_detector_mm, detector=self.detector,
        )  # fmt: skip

    def beyond(self, view: CArm) -> str:
        """What this machine cannot do of a view, in words; empty where it can."""
        turn = abs(from_dorsal_deg(view.primary_deg))
        tilt = view.secondary_deg
        far_turn, far_tilt = past(turn, tilt, self.most_primary_deg, self.most_secondary_deg)
        said: list[str] = []
        if far_turn:
            said.append(
                f"needs {turn:.0f}° of turn to the side, the machine reaches "
                f"{self.most_primary_deg:.0f}°"
            )
        if far_tilt:
            way = "cranial" if tilt > 0 else "caudal"
            said.append(
                f"needs {abs(tilt):.0f}° of {way} tilt, the machine reaches "
                f"{self.most_secondary_deg:.0f}°"
            )
        return "; ".join(said)


def from_dorsal_deg(primary_deg: float) -> float:
    """Turn of the receptor from straight behind a prone patient, left +, −180…180, from DICOM."""
    return float((180.0 - primary_deg + 180.0) % 360.0 - 180.0)


def machine(table: Table) -> Machine:
    """A C-arm from its table, such as `carms/mobile`.

    Raises: InputError for a missing row or lengths that cannot be.
    """
    rows = {key: table[key].value for key in (
        "source_detector_mm", "source_isocentre_mm", "detector.side_mm", "detector.pixels",
        "limit.primary_deg", "limit.secondary_deg")}  # fmt: skip
    if not 0.0 < rows["source_isocentre_mm"] < rows["source_detector_mm"]:
        raise InputError(
            f"{table.name}: the isocentre does not lie between source and detector.",
            fix="Give both distances from the source in mm.",
        )
    side, pixels = rows["detector.side_mm"], int(np.rint(rows["detector.pixels"]))
    return Machine(
        name=table.name, edition=table.edition, source_detector_mm=rows["source_detector_mm"],
        source_isocentre_mm=rows["source_isocentre_mm"],
        detector=Detector(side_mm=(side, side), pixels=(pixels, pixels), offset_mm=(0.0, 0.0)),
        most_primary_deg=rows["limit.primary_deg"], most_secondary_deg=rows["limit.secondary_deg"],
    )  # fmt: skip
