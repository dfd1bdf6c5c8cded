"""The C-arm: where source and detector stand, and where a point falls on the picture.

Angles are DICOM XA, patient-based (PS3.3 C.8.7.5): they say where the image receptor stands.
Primary 0 is in front of the chest, +90 at the patient's left, ±180 behind the back; secondary + is
towards the head. A patient lies prone with the receptor above the back: primary ±180.
The picture is seen from the receptor: columns grow along `across`, rows along `down` (to the feet).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.arrays import Affine, Matrix, Point, Points, frozen
from basivert.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """The image receptor: size of its sides in mm and its pixels, rows (down) first.

    offset_mm: (down, across) of its centre from where the central ray meets it.
    """

    side_mm: tuple[float, float]
    pixels: tuple[int, int]
    offset_mm: tuple[float, float]

    def __post_init__(self) -> None:
        if min(self.side_mm) <= 0 or min(self.pixels) < 1:
            raise InputError(
                f"A detector of {self.side_mm} mm with {self.pixels} pixels cannot be.",
                fix="Give sides above 0 mm and at least one pixel each way.",
            )

    @property
    def pitch_mm(self) -> tuple[float, float]:
        """Distance between pixel centres (down, across), mm, at the detector."""
        return self.side_mm[0] / self.pixels[0], self.side_mm[1] / self.pixels[1]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CArm:
    """One position of the C-arm about the patient.

    isocentre: (3,) LPS mm, the point of the patient that both axes of the arm turn about; moving
        the table moves it.
    source_isocentre_mm, source_detector_mm: distances along the central ray.
    """

    primary_deg: float
    secondary_deg: float
    isocentre: Point
    source_isocentre_mm: float
    source_detector_mm: float
    detector: Detector

    def __post_init__(self) -> None:
        if not 0.0 < self.source_isocentre_mm < self.source_detector_mm:
            raise InputError(
                f"The isocentre at {self.source_isocentre_mm:g} mm from the source does not lie "
                f"between source and detector ({self.source_detector_mm:g} mm).",
                fix="Give both distances in mm, as the machine's sheet names them.",
            )
        if not abs(self.secondary_deg) <= 90.0:
            raise InputError(
                f"A secondary angle of {self.secondary_deg:g}° is outside −90…90°.",
                fix="Cranial is positive, caudal negative; past the head turn the primary by 180°.",
            )
        object.__setattr__(self, "isocentre", frozen(np.asarray(self.isocentre, dtype=float)))

    @property
    def axes(self) -> tuple[Point, Point, Point]:
        """Unit LPS directions: along the columns, down the rows, from source to receptor."""
        a, b = np.radians(self.primary_deg), np.radians(self.secondary_deg)
        toward = np.array([np.sin(a) * np.cos(b), -np.cos(a) * np.cos(b), np.sin(b)])
        down = np.array([np.sin(a) * np.sin(b), -np.cos(a) * np.sin(b), -np.cos(b)])
        return np.array([np.cos(a), np.sin(a), 0.0]), down, toward

    @property
    def source(self) -> Point:
        """(3,) LPS mm, the focal spot."""
        return self.isocentre - self.source_isocentre_mm * self.axes[2]

    @property
    def lps_from_pixel(self) -> Affine:
        """(4, 4): (column, row, 0, 1) of a pixel's centre → LPS mm on the detector."""
        across, down, toward = self.axes
        pitch_down, pitch_across = self.detector.pitch_mm
        rows, columns = self.detector.pixels
        off_down, off_across = self.detector.offset_mm
        first = (
            self.source
            + self.source_detector_mm * toward
            + (off_down - 0.5 * (rows - 1) * pitch_down) * down
            + (off_across - 0.5 * (columns - 1) * pitch_across) * across
        )
        affine = np.eye(4)
        affine[:3] = np.column_stack([pitch_across * across, pitch_down * down, toward, first])
        return affine

    @property
    def magnification(self) -> float:
        """How much larger than life the plane of the isocentre appears on the detector."""
        return self.source_detector_mm / self.source_isocentre_mm

    @property
    def projection(self) -> Matrix:
        """(3, 4) matrix: LPS mm, homogeneous → (column, row, 1) times a depth.

        The depth is the distance from the source along the central ray, mm.
        """
        pitch_down, pitch_across = self.detector.pitch_mm
        rows, columns = self.detector.pixels
        off_down, off_across = self.detector.offset_mm
        inner = np.array([
            [self.source_detector_mm / pitch_across, 0.0,
             0.5 * (columns - 1) - off_across / pitch_across],
            [0.0, self.source_detector_mm / pitch_down, 0.5 * (rows - 1) - off_down / pitch_down],
            [0.0, 0.0, 1.0],
        ])  # fmt: skip
        turned = np.stack(self.axes)
        return inner @ np.column_stack([turned, -turned @ self.source])

    def pixel(self, points: Points) -> np.ndarray:
        """Where points (n, 3) LPS mm fall: (n, 2) column and row; pixel centres are whole."""
        ahead = points @ self.projection[:, :3].T + self.projection[:, 3]
        return ahead[:, :2] / ahead[:, 2:]

    def scale(self, points: Points) -> np.ndarray:
        """(n,) millimetres in the patient that one mm on the detector stands for at each point."""
        return ((points - self.source) @ self.axes[2]) / self.source_detector_mm


def angles(toward: Point) -> tuple[float, float]:
    """Primary and secondary angle, degrees, with the receptor in direction `toward` (3,) LPS."""
    x, y, z = toward / np.linalg.norm(toward)
    return float(np.degrees(np.arctan2(x, -y))), float(np.degrees(np.arcsin(np.clip(z, -1, 1))))
