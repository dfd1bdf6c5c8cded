"""Tables of what decides a result, how good the surrogate is, and whether energy adds up."""

from __future__ import annotations

from basivert.ablation.patient.model import Heat
from basivert.ablation.uncertainty.model import HeatUncertainty, Index
from basivert.report.heat import names
from basivert.report.heat.doses import quantity
from basivert.report.model import Card, Cell, Row, Sheet

# What the indices are shown of, and how many inputs.
ASKED = (
    ("coverage", "Hub in the lesion"), ("volume_ml", "Volume"),
    ("dura.peak_degc", "Temperature of the dura"),
)  # fmt: skip
MOST_ROWS = 10
# A share smaller than this changes nothing anyone would act on.
LEAST_SHARE, LEAST_SHOWN = 0.01, 0.005
# An index this many standard errors above 0 is not taken for one of nothing.
SURE_SD = 2.0


def influence_sheet(heat: Heat) -> tuple[Sheet, ...]:
    """Sobol indices of the main results, the most important input first; none without samples."""
    asked = [(name, words) for name, words in ASKED if quantity(heat, name) is not None]
    if heat.uncertainty is None or not asked:
        return ()
    table = {name: {i.factor: i for i in heat.uncertainty.quantities[name].indices}
             for name, _ in asked}  # fmt: skip
    factors: dict[str, float] = {}
    for found in (i for indices in table.values() for i in indices.values() if _sure(i)):
        factors[found.factor] = max(found.total, factors.get(found.factor, 0.0))
    first = sorted((f for f in factors if factors[f] >= LEAST_SHARE), key=lambda f: -factors[f])
    rows = [
        (Cell(text=names.factor(f)), *(_index(table[name].get(f)) for name, _ in asked))
        for f in first[:MOST_ROWS]
    ]
    rows.append((
        Cell(text="Not explained by the indices"),
        *(Cell(text=f"{heat.uncertainty.quantities[n].unexplained:.2f}") for n, _ in asked),
    ))  # fmt: skip
    return (Sheet(
        title="What decides the result", columns=("Input", *(words for _, words in asked)),
        rows=tuple(rows),
        note="Total Sobol index ± one standard error: the share of a result's variance that an "
        "input takes part in; shares overlap, so that they may sum to more than 1. Below it the "
        "share that it explains alone. A dash: no more than chance would give. "
        f"{_surrogate(heat.uncertainty)}",
    ),)  # fmt: skip


def _sure(found: Index) -> bool:
    """Whether an input does anything that samples could tell from chance."""
    return found.total >= SURE_SD * found.total_sd


def _index(found: Index | None) -> Cell:
    if found is None or found.total < LEAST_SHOWN or not _sure(found):
        return Cell(text="–")
    return Cell(text=f"{found.total:.2f} ± {found.total_sd:.2f}", note=f"alone {found.first:.2f}")


def _surrogate(sampled: HeatUncertainty) -> str:
    e = sampled.error
    cut = "" if sampled.cut == 0.0 else (
        f" In {100 * sampled.cut:.1f} % of samples the lesion leaves the region looked at."
    )  # fmt: skip
    return (
        f"{sampled.samples} samples (seed {sampled.seed}) on a surrogate made from {e.runs} "
        f"coarse solves ({e.failed} failed). Against {e.checks} full solves that it had not seen: "
        f"temperature {e.rms_degc:.2f} °C RMS, {e.largest_degc:.2f} °C at most; volume "
        f"{100 * e.rms_volume:.1f} %, power {100 * e.rms_power:.1f} % RMS.{cut}"
    )


def log_sheet(heat: Heat) -> tuple[Sheet, ...]:
    """Log against model; none where no log was given."""
    if heat.comparison is None:
        return ()
    return (Sheet(
        title="The generator's log against the model that repeats it",
        columns=("Quantity", "RMS difference", "Largest difference", "At", "Log ÷ model"),
        rows=tuple(
            (Cell(text=row.quantity.capitalize()), Cell(text=f"{row.rms:.3g} {row.unit}"),
             Cell(text=f"{row.largest:.3g} {row.unit}"), Cell(text=f"{row.when_s / 60:.1f} min"),
             Cell(text=f"{row.ratio:.3f}"))
            for row in heat.comparison.disagreements
        ),
        note="What disagrees beyond its limit is among the warnings above.",
    ),)  # fmt: skip


def energy_card(heat: Heat) -> Card:
    """Where the energy went, and how large the computation was."""
    b, e = heat.balance, heat.effort
    parts = (("Stored as heat", b.stored_j), ("Carried away by blood", b.perfused_j),
             ("Conducted out of the region", b.conducted_j))  # fmt: skip
    return Card(
        title="Energy balance of this run",
        rows=(
            Row(name="Given by the generator", value=f"{b.given_j:.0f} J"),
            *(Row(name=name, value=f"{joule:.0f} J", note=f"{100 * joule / b.given_j:.1f} %")
              for name, joule in parts),
            Row(name="Missing", value=f"{100 * b.error:.3f} %",
                note="a run that misses 0.5 % or more is an error, not a picture"),
            Row(name="Grid", value=f"{e.nodes} nodes, {e.steps} steps",
                note=f"{e.field_sweeps} sweeps of the electric field, {e.heat_sweeps} of heat"),
        ),
    )  # fmt: skip
