"""A case's burn or burns by the solver, and how hot it ever got."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.ablate import ablate
from basivert.ablation.burns import SampledControl
from basivert.ablation.fields import Fields
from basivert.ablation.model import Course, Watch, unwatched
from basivert.ablation.protocol import Protocol
from basivert.ablation.treatment import treat
from basivert.ablation.uncertainty.model import HeatCase
from basivert.arrays import Points, Vector


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Burnt:
    """What all burns of a case did.

    final: state at the end.  hottest_degc: of the shape of `final`'s mesh, the largest of the
    temperatures at all times looked at.  given_j: energy.
    """

    final: Fields
    hottest_degc: np.ndarray
    course: Course
    given_j: float

    def peaks(self, points: Points) -> Vector:
        """(n,) hottest temperature at (n, 3) points, LPS mm, °C."""
        return self.final.mesh.reader(points)(self.hottest_degc, self.final.body_degc)


def burnt(case: HeatCase, watch: Watch = unwatched) -> Burnt:
    """Run a case's drive or protocol; `watch` as for `ablate`.

    Raises: as `ablate` and `treat`.
    Assumes: tissue is hottest when a heating ends or at a quarter of the rest after it.
    """
    drive, goods = case.drive, (case.probes, case.tissue, case.materials, case.physics)
    if isinstance(drive, Protocol):
        begun, looks = 0.0, []
        for one in drive.drives:
            looks += [begun + t for t in _looks(one)]
            begun += one.duration_s
        whole = treat(*goods, drive, moments_s=tuple(looks), resolution=case.resolution,
                      watch=watch)  # fmt: skip
        return _burnt(whole.moments, whole.course, whole.balance.given_j)
    looks = _looks(drive) if isinstance(drive, SampledControl) else drive.kinks_s
    inside = tuple(t for t in looks if 0 < t < drive.duration_s)
    done = ablate(*goods, drive, moments_s=inside, resolution=case.resolution, watch=watch)
    return _burnt(done.moments, done.course, done.balance.given_j)


def _looks(drive: SampledControl) -> tuple[float, ...]:
    """Times at which tissue may be hottest, s."""
    rest = drive.burn.cool_down_s
    return (drive.heating_s, *(drive.heating_s + q * rest / 4 for q in range(1, 4) if rest > 0))


def _burnt(moments: tuple[Fields, ...], course: Course, given_j: float) -> Burnt:
    final = moments[-1]
    hottest = final.temperature_degc.copy()
    for earlier in moments[:-1]:
        hottest = np.maximum(hottest, _on(earlier, final))
    return Burnt(final=final, hottest_degc=hottest, course=course, given_j=given_j)


def _on(earlier: Fields, final: Fields) -> np.ndarray:
    """Temperature at the nodes of `final`."""
    if earlier.mesh is final.mesh:
        return earlier.temperature_degc
    mesh = final.mesh
    return earlier.sampled(mesh.places).temperature_degc.reshape(mesh.shape)
