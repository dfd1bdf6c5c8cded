"""Tables of lesions and of what structures at risk get."""

from __future__ import annotations

from basivert.ablation.patient.model import Heat
from basivert.ablation.patient.outcome import Dose, Lesion
from basivert.ablation.uncertainty.model import Quantity
from basivert.constants.model import Table
from basivert.estimate import Estimate, proportion
from basivert.report.heat import names
from basivert.report.model import Cell, Sheet
from basivert.report.sources import in_words

NO_VERDICT = "none"


def dose_sheet(heat: Heat, damage: Table) -> Sheet:
    """Every structure at risk: temperature, dose, damage, distance, verdict and its limit."""
    laws = list(heat.moments[-1].log_omega)
    columns = (
        "Structure", "Verdict and limit", "Peak, °C", "CEM43, min", "Lesion to structure, mm",
        "Chance to stay a go", *(f"Ω, {law} law" for law in laws),
    )  # fmt: skip
    return Sheet(
        title="What structures at risk get", columns=columns,
        rows=tuple(_dose_row(heat, dose, laws, damage) for dose in heat.doses),
        note="Hottest point of each structure over the whole burn, constants as tabled; below it "
        "the interval over all uncertainties. Negative distance: the lesion (default endpoint) "
        "reaches into it. Chance: share of samples below the limits of a go. "
        "Dura and roots are not seen in a CT: their places are assumed."
        + ("" if heat.uncertainty else " No samples were drawn: intervals are not known."),
    )  # fmt: skip


def _dose_row(heat: Heat, dose: Dose, laws: list[str], damage: Table) -> tuple[Cell, ...]:
    margin = heat.lesion.margins_mm.get(dose.structure)
    verdict = dose.verdict or ""
    return (
        Cell(text=names.structure(dose.structure)),
        Cell(text=verdict or NO_VERDICT, grade=verdict, note=in_words(dose.why)),
        Cell(text=f"{dose.peak_degc:.1f}", note=_range(heat, f"{dose.structure}.peak_degc", 1)),
        Cell(text=names.significant(dose.cem43_min), note=_minutes(heat, dose.structure)),
        Cell(text="no lesion" if margin is None else f"{margin:.1f}",
             note=_range(heat, f"{dose.structure}.margin_mm", 1)),
        _chance(heat, dose, damage),
        *(Cell(text=names.significant(dose.omega[law])) for law in laws),
    )  # fmt: skip


def _range(heat: Heat, name: str, digits: int) -> str:
    found = quantity(heat, name)
    return "" if found is None else names.interval(found.estimate, digits)


def quantity(heat: Heat, name: str) -> Quantity | None:
    """Distribution of one number, None where no samples were drawn."""
    return None if heat.uncertainty is None else heat.uncertainty.quantities.get(name)


def _minutes(heat: Heat, structure: str) -> str:
    """CEM43 spans decades: its ends with significant digits."""
    found = quantity(heat, f"{structure}.cem43_min")
    if found is None:
        return ""
    low, high = (names.significant(v) for v in (found.estimate.low, found.estimate.high))
    return f"{100 * found.estimate.level:.0f} %: {low} to {high}"


def _chance(heat: Heat, dose: Dose, damage: Table) -> Cell:
    if dose.verdict is None:
        return Cell(text="no limit")
    found = chance(heat, dose, damage)
    if found is None:
        return Cell(text="unknown")
    return Cell(
        text=f"{100 * found.value:.1f} %",
        note=f"95 %: {100 * found.low:.1f} to {100 * found.high:.1f}",
    )


def chance(heat: Heat, dose: Dose, damage: Table) -> Estimate | None:
    """Probability that a structure stays below the limits of a go; None where it is not known."""
    sampled = heat.uncertainty
    if sampled is None or dose.structure not in sampled.safety:
        return None
    if dose.kind != "bone":
        return sampled.safety[dose.structure].p_safe
    column = list(sampled.quantities).index(f"{dose.structure}.cem43_min")
    below = sampled.outputs[:, column] < damage["limit.bone_cem43"].value
    return proportion(int(below.sum()), len(below), "samples below the limit; Wilson interval")


def lesion_sheet(heat: Heat, priors: Table, damage: Table) -> Sheet:
    """Volume, axes and coverage under each endpoint side by side."""
    rows = [_lesion_row(heat, lesion, priors, not n) for n, lesion in enumerate(heat.lesions)]
    if heat.uncertainty is not None:
        rows.append(_all_row(heat))
    return Sheet(
        title="Lesion, by endpoint",
        columns=("Endpoint", "Volume, ml", "Longest × middle × shortest, mm",
                 "Hub in the lesion, probability", "Belief", "Source"),
        rows=tuple(rows), note=f"{disagreement(heat)} {damage_note(damage)}",
    )  # fmt: skip


def _lesion_row(heat: Heat, lesion: Lesion, priors: Table, default: bool) -> tuple[Cell, ...]:
    rule, region = lesion.endpoint, lesion.region
    row = priors[f"endpoint.{rule.name}.threshold"]
    weight = priors[f"endpoint.{rule.name}.weight"]
    return (
        Cell(text=names.endpoint(rule), note="default endpoint" if default else ""),
        Cell(text="none" if region is None else f"{region.volume_ml:.2f}",
             note=_median(heat, "volume_ml", rule.name)),
        Cell(text="none" if region is None
             else " × ".join(f"{v:.1f}" for v in region.lengths_mm)),
        Cell(text=f"{lesion.coverage:.2f}", note=_median(heat, "coverage", rule.name)),
        Cell(text=f"{weight.value:.2f}", note=f"{in_words(weight.source)} ({weight.confidence})"),
        Cell(text=in_words(row.source), note=row.confidence),
    )  # fmt: skip


def _median(heat: Heat, name: str, endpoint: str) -> str:
    found = quantity(heat, name)
    if found is None or endpoint not in found.by_endpoint:
        return ""
    return f"median of its samples: {found.by_endpoint[endpoint]:.2f}"


def _all_row(heat: Heat) -> tuple[Cell, ...]:
    assert heat.uncertainty is not None
    q = heat.uncertainty.quantities
    lengths = [q[f"length_{n}_mm"].estimate for n in (1, 2, 3)]
    return (
        Cell(text="All, by belief", note=f"median of {heat.uncertainty.samples} samples"),
        Cell(text=f"{q['volume_ml'].estimate.value:.2f}", note=_range(heat, "volume_ml", 2)),
        Cell(text=" × ".join(f"{e.value:.1f}" for e in lengths),
             note="90 %: " + ", ".join(f"{e.low:.1f} to {e.high:.1f}" for e in lengths)),
        Cell(text=f"{q['coverage'].estimate.value:.2f}",
             note=f"{_range(heat, 'coverage', 2)}; mean {q['coverage'].mean:.2f}"),
        Cell(text="1.00"), Cell(text="all constants, pose, protocol and endpoint vary together"),
    )  # fmt: skip


def disagreement(heat: Heat) -> str:
    """How far the endpoints differ on this very temperature field."""
    volumes = [les.region.volume_ml for les in heat.lesions if les.region is not None]
    if len(volumes) < 2:
        return "Fewer than two endpoints find a lesion here."
    return (
        f"On this one temperature field the endpoints differ {max(volumes) / min(volumes):.1f}-"
        "fold in volume; over published endpoints it is about threefold."
    )


def damage_note(damage: Table) -> str:
    """Why the default is the default, and which law is never shown."""
    general = damage["arrhenius.general.log10_frequency"]
    return (
        "Default: the skin law. No law for this nerve was found; this one "
        "dates from measured burns, stays silent at body temperature, and asks for 50.2 °C over "
        "15 min, as does the 50 °C rule. The general law is computed but draws no lesion "
        f"({in_words(general.source)})."
    )
