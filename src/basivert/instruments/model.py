"""Instruments as data: every dimension with its source, assumptions marked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Dimension:
    """One dimension of a product. `assumed` is true where no public value was found."""

    value: float
    unit: str
    tolerance: float
    assumed: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A bare length of the probe that gives current.

    start_mm, end_mm: from the tip backwards; 0 includes the tip's face.
    potential: share of the generator's voltage (−0.5 and 0.5 for a bipolar pair); on the other
        probe of a pair the sign is the opposite.
    """

    start_mm: float
    end_mm: float
    potential: float
    assumed: bool
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """One family of access instruments with its probe.

    kind: how it reaches the target. `curved`: straight introducer, then an arc of set radius.
        `articulating`: straight, then a bend of chosen radius. `bipedicular`: one straight probe
        through each pedicle. `tined`: the same with tines that spread at each tip.
    introducer_diameter_mm: outer diameter of what passes the pedicle.
    introducer_length_mm: usable length from skin.
    curve_diameter_mm: outer diameter of the part that leaves the introducer.
    curve_radius_mm: pre-set radius; for `articulating` the smallest; 0 for straight kinds.
    curve_reach_mm: (shortest, longest) length outside the introducer.
    active_mm: length of the probe, back from its tip, that heats.
    lesion_radius_mm: radius about the active zone assumed reached by heat until it is computed.
    tip_gap_mm: (smallest, largest) distance between the tips of a pair; 0 for single probes.
    tine_spread_mm: how far the tine tips stand off the probe's axis; 0 where there are none.
    tines: number of tines on each probe; 0 where there are none.
    probe_diameter_mm: of the part that heats; with tines, of one tine.
    sensor_mm: distance of the temperature sensor from the tip, along the probe.
    contacts: bare metal of the probe, from the tip backwards.
    """

    name: str
    title: str
    kind: Literal["curved", "articulating", "bipedicular", "tined"]
    introducer_diameter_mm: Dimension
    introducer_length_mm: Dimension
    curve_diameter_mm: Dimension
    curve_radius_mm: Dimension
    curve_reach_mm: tuple[Dimension, Dimension]
    active_mm: Dimension
    lesion_radius_mm: Dimension
    tip_gap_mm: tuple[Dimension, Dimension]
    tine_spread_mm: Dimension
    tines: int
    probe_diameter_mm: Dimension
    sensor_mm: Dimension
    contacts: tuple[Contact, ...]
    source: str
    edition: str

    @property
    def paired(self) -> bool:
        """Whether one probe goes through each pedicle and heat arises between the two."""
        return self.kind in ("bipedicular", "tined")

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Names of the dimensions that no public source gives."""
        named = {
            "introducer diameter": self.introducer_diameter_mm,
            "introducer length": self.introducer_length_mm,
            "curve diameter": self.curve_diameter_mm,
            "curve radius": self.curve_radius_mm,
            "shortest deployment": self.curve_reach_mm[0],
            "longest deployment": self.curve_reach_mm[1],
            "active length": self.active_mm,
            "lesion radius": self.lesion_radius_mm,
            "probe diameter": self.probe_diameter_mm,
            "place of the sensor": self.sensor_mm,
        }
        if self.paired:
            named["smallest tip distance"], named["largest tip distance"] = self.tip_gap_mm
            named["tine spread"] = self.tine_spread_mm
        found = [name for name, dimension in named.items() if dimension.assumed]
        if any(contact.assumed for contact in self.contacts):
            found.append("electrodes")
        return tuple(found)
