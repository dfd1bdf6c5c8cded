"""A probe in its tissue, ready to be heated: everything that does not change with time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from basivert.ablation import assembly, damage, kernels, singular, skew
from basivert.ablation.blend import Blend, blend
from basivert.ablation.fitted import Fitted
from basivert.ablation.frame import Frame
from basivert.ablation.grid import Nodes
from basivert.ablation.linear import Operator
from basivert.ablation.model import Material, Physics, Probe, TissueMap

# Metres to millimetres: S/m → S/mm and W/m/K → W/mm/K; J/m³ → J/mm³.
PER_MM, PER_MM3 = 1e-3, 1e-9
# mL/min/kg → m³ of blood per s per kg.
FLOW = 1e-6 / 60


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """Coefficients of one problem, W, V, K, J, s; arrays (angles, s, r).

    heat: (edges, angles, s, r) heat conductances, see `kernels`; single precision, since reading
    them takes most of the time.  rim: conductance to the outer boundary.  storage: J/K.
    perfusion: W/K.  water: kg that can boil.  electric: as `heat`, at body temperature, S.
    fixed: potential is given (electrodes) or absent (inside the probe).  potential: at those nodes,
    per volt.
    sensor: (angles, s, r) weights that read the sensor.
    """

    frame: Frame
    nodes: Nodes
    heat: np.ndarray
    rim: np.ndarray
    storage: np.ndarray
    perfusion: np.ndarray
    water: np.ndarray
    electric: np.ndarray
    fixed: np.ndarray
    potential: np.ndarray
    sensor: np.ndarray

    @property
    def mesh(self) -> Fitted:
        """Where the nodes lie."""
        return Fitted(frame=self.frame, nodes=self.nodes)

    @property
    def sensors(self) -> np.ndarray:
        """The only sensor's weights, (1, angles, s, r)."""
        return self.sensor[None]

    def conduction(self, factor: np.ndarray) -> Conduction:
        """Field equations where σ at a node is `factor` times that at body temperature."""
        full, free = np.empty_like(self.electric), np.empty_like(self.electric)
        diagonal, right = np.empty_like(factor), np.empty_like(factor)
        kernels.reduced(
            self.electric, self.fixed, self.potential, factor, full, free, diagonal, right
        )
        return Conduction(full=full, operator=Operator(free, diagonal), right=right)

    def operator(self, diagonal: np.ndarray) -> Operator:
        """Heat conduction inside plus a diagonal, W/K."""
        return Operator(self.heat, diagonal)

    def alive(self, omega: np.ndarray) -> np.ndarray:
        """Share of each node's cell where Ω < 1."""
        share = np.empty(self.nodes.shape)
        damage.alive(omega, share)
        return share


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Conduction:
    """The field's equations for one volt; full: conductance of all edges, S."""

    full: np.ndarray
    operator: Operator
    right: np.ndarray

    def joule(self, potential: np.ndarray) -> tuple[np.ndarray, float]:
        """Heat of each node, W/V², and conductance, S."""
        heat = np.empty_like(potential)
        conductance = kernels.joule(self.full, potential, heat)
        return heat, conductance


def body(
    probe: Probe, frame: Frame, nodes: Nodes, tissue: TissueMap,
    materials: Sequence[Material], physics: Physics,
) -> Body:  # fmt: skip
    """Coefficients of a probe in its tissue.

    Raises: InputError when the tissue map names a material that does not exist.
    """
    cells = assembly.corners(nodes)
    mix = blend(tissue, frame, cells, _inside(probe, cells), len(materials))
    shape = _shape(frame, nodes, cells)
    metal = (physics.probe_k_w_mk * PER_MM, physics.probe_j_m3k * PER_MM3)
    k = _column((m.k_w_mk * PER_MM for m in materials), metal[0])
    store = _column((m.rho_kg_m3 * m.c_j_kgk * PER_MM3 for m in materials), metal[1])
    flow = _column(
        (m.perfusion_ml_min_kg * FLOW * m.rho_kg_m3 * physics.blood_j_m3k * PER_MM3
         for m in materials), 0.0,
    )  # fmt: skip
    water = _column((m.rho_kg_m3 * m.water * PER_MM3 for m in materials), 0.0)
    sigma = _column((m.sigma_s_m * PER_MM for m in materials), 0.0)
    heat, rim = _quarters(nodes, cells, mix, k, shape)
    electric, _ = _quarters(nodes, cells, mix, sigma, shape)
    _sharpen(electric, probe, nodes, cells)
    fixed, potential = _metal(probe, nodes)
    return Body(
        frame=frame, nodes=nodes, heat=_edges(heat, shape), rim=rim,
        storage=_contents(nodes, cells, mix, store, shape),
        perfusion=_contents(nodes, cells, mix, flow, shape),
        water=_contents(nodes, cells, mix, water, shape),
        electric=_edges(electric, shape), fixed=fixed, potential=potential,
        sensor=_sensor(probe, nodes),
    )  # fmt: skip


def _column(tissues: Iterable[float], metal: float) -> np.ndarray:
    return np.array([*tissues, metal])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Shape:
    """Fine cells against a straight cylinder's: (3, …) metric and (…) stretch.

    mixed: correlations of crossing grid lines in the nodes' corners (`skew`); None if straight.
    """

    metric: np.ndarray
    stretch: np.ndarray
    mixed: np.ndarray | None


def _shape(frame: Frame, nodes: Nodes, cells: assembly.Corners) -> _Shape:
    grid = np.meshgrid(*cells.middles, indexing="ij", sparse=True)
    size = np.broadcast_shapes(*(g.shape for g in grid))
    if frame.line is None:
        return _Shape(metric=np.ones((3, *size)), stretch=np.ones(size), mixed=None)
    own, volume, mixed = skew.metric(frame.jacobian(*grid).reshape(-1, 3, 3))
    corners = skew.corners(mixed, nodes)
    return _Shape(metric=own.reshape(3, *size), stretch=volume.reshape(size), mixed=corners)


def _inside(probe: Probe, cells: assembly.Corners) -> np.ndarray:
    """Which fine cells are the probe."""
    turn, s, r = np.meshgrid(*cells.middles, indexing="ij", sparse=True)
    within = (r < probe.radius_mm) & (s > 0.0)
    return np.broadcast_to(within, np.broadcast_shapes(turn.shape, within.shape))


def _quarters(
    nodes: Nodes, cells: assembly.Corners, mix: Blend, value: np.ndarray, shape: _Shape
) -> tuple[np.ndarray, np.ndarray]:
    """Quarters (3, 4, …) of the plain edges between unknowns, and the way to the boundary."""
    angles, along, across = nodes.shape
    kr, kt = np.empty((4, *nodes.shape)), np.empty((4, *nodes.shape))
    ks = np.empty((4, angles, along + 1, across))
    conductivity = mix.conductivity(value) * shape.metric
    turn = np.pi / angles
    assembly.conductances(conductivity, cells.edges_r, cells.edges_s, turn, kr, kt, ks)
    rim = np.zeros(nodes.shape)
    rim[:, :, -1] += kr[..., -1].sum(axis=0)
    rim[:, 0] += ks[:, :, 0].sum(axis=0)
    rim[:, -1] += ks[:, :, -1].sum(axis=0)
    kr[..., -1] = 0.0
    inner = np.concatenate([ks[:, :, 1:-1], np.zeros((4, angles, 1, across))], axis=2)
    return np.stack([kr, kt, inner]), rim


def _edges(quarters: np.ndarray, shape: _Shape) -> np.ndarray:
    """All kinds of edges, (edges, angles, s, r)."""
    if shape.mixed is None:
        return quarters.sum(axis=1).astype(np.float32)
    return skew.coupled(shape.mixed, quarters).astype(np.float32)


def _contents(
    nodes: Nodes, cells: assembly.Corners, mix: Blend, value: np.ndarray, shape: _Shape
) -> np.ndarray:
    out = np.empty(nodes.shape)
    turn = np.pi / nodes.angles
    density = mix.mean(value) * shape.stretch
    assembly.contents(density, cells.edges_r, cells.edges_s, turn, out)
    return out


def _sharpen(quarters: np.ndarray, probe: Probe, nodes: Nodes, cells: assembly.Corners) -> None:
    """Give electric conductances the exact field at each electrode's ends."""
    for electrode in probe.electrodes:
        for end, away in ((electrode.start_mm, -1.0), (electrode.end_mm, 1.0)):
            across, along = singular.factors(
                nodes.radii, nodes.depths, cells.edges_r[::2], cells.edges_s[1::2],
                probe.radius_mm, end, away, end == 0.0,
            )  # fmt: skip
            quarters[0][..., :-1] *= across
            quarters[2][:, :, :-1] *= along


def _metal(probe: Probe, nodes: Nodes) -> tuple[np.ndarray, np.ndarray]:
    """Where the potential is given or absent, and its value per volt."""
    fixed = np.zeros(nodes.shape, bool)
    potential = np.zeros(nodes.shape)
    near = 1e-6
    tip = nodes.tip - 1
    for electrode in probe.electrodes:
        on = (nodes.depths >= electrode.start_mm - near) & (nodes.depths <= electrode.end_mm + near)
        fixed[:, on, nodes.surface] = True
        potential[:, on, nodes.surface] = electrode.potential
        if electrode.start_mm == 0.0:
            fixed[:, tip, : nodes.surface] = True
            potential[:, tip, : nodes.surface] = electrode.potential
    fixed[:, tip + 1 :, : nodes.surface] = True
    return fixed, potential


def _sensor(probe: Probe, nodes: Nodes) -> np.ndarray:
    """Linear weights that read the mean around the surface at the sensor's depth."""
    weights = np.zeros(nodes.shape)
    after = int(np.clip(np.searchsorted(nodes.depths, probe.sensor_mm), 1, len(nodes.depths) - 1))
    low, high = nodes.depths[after - 1 : after + 1]
    share = (probe.sensor_mm - low) / (high - low)
    weights[:, after - 1, nodes.surface] = (1 - share) / nodes.angles
    weights[:, after, nodes.surface] = share / nodes.angles
    return weights
