"""What a burn does, in sentences that are read at a glance."""

from __future__ import annotations

from basivert.ablation.patient.model import Heat
from basivert.ablation.patient.outcome import SEVERITY, Dose
from basivert.constants.model import Table
from basivert.estimate import Estimate
from basivert.report.heat import names
from basivert.report.heat.doses import chance, quantity
from basivert.report.sources import in_words

VERDICTS = {
    "go": "With the constants as tabled all structures at risk stay within their limits.",
    "caution": "Caution: with the constants as tabled a structure is warmed past its first limit.",
    "stop": "Stop: with the constants as tabled a structure is heated past its limit.",
}


SPREAD = (
    "Each number is that of the constants as tabled; its interval lets constants, place of the "
    "probe, protocol and endpoint vary together."
)
# A go that holds in fewer samples than this is said not to be sure.
SURE = 0.95


def sentences(heat: Heat, damage: Table) -> tuple[str, ...]:
    """Lesion, hub, dura, and every other structure that is not surely a go."""
    spread = () if heat.uncertainty is None else (SPREAD,)
    return (_lesion(heat), _hub(heat), *_doses(heat, damage), VERDICTS[heat.verdict], *spread)


def _lesion(heat: Heat) -> str:
    lesion = heat.lesion
    rule = names.endpoint(lesion.endpoint)
    if lesion.region is None:
        return f"No lesion by the default endpoint ({rule})."
    size = " × ".join(f"{v:.0f}" for v in lesion.region.lengths_mm)
    return (
        f"Lesion {size} mm, {lesion.region.volume_ml:.1f} ml"
        f"{_between(heat, 'volume_ml', 1)} by the default endpoint ({rule})."
    )


def _hub(heat: Heat) -> str:
    found = quantity(heat, "coverage")
    spread = "" if found is None else (
        f", and {found.mean:.2f} on average over all uncertainties"
        f" ({names.interval(found.estimate, 2)})"
    )  # fmt: skip
    return (
        f"The nerve's hub lies in it with probability {heat.lesion.coverage:.2f} if the probe lies "
        f"exactly as planned{spread}; the hub is inferred, not seen."
    )


def _doses(heat: Heat, damage: Table) -> list[str]:
    """The dura always; then what is not a go, the gravest first, and what may not stay one."""
    judged = [(d, chance(heat, d, damage)) for d in heat.doses if d.verdict is not None]
    told = [
        (d, p) for d, p in judged
        if d.structure == "dura" or d.verdict != "go" or (p is not None and p.value < SURE)
    ]  # fmt: skip
    told.sort(key=lambda t: (t[0].structure != "dura", -SEVERITY.index(t[0].verdict or "go")))
    return [_dose(heat, *t) for t in told]


def _dose(heat: Heat, dose: Dose, stays: Estimate | None) -> str:
    reached = f"{dose.peak_degc:.1f} °C{_between(heat, f'{dose.structure}.peak_degc', 1)}"
    name = names.structure(dose.structure)
    if dose.verdict != "go":
        return f"{name} reaches {reached}: {dose.verdict} ({in_words(dose.why)})."
    share = "" if stays is None else (
        f"; with all uncertainties it stays a go in {100 * stays.value:.1f} % of samples"
    )  # fmt: skip
    return f"{name} stays at {reached}: go{share}."


def _between(heat: Heat, name: str, digits: int) -> str:
    found = quantity(heat, name)
    return "" if found is None else f" ({names.interval(found.estimate, digits)})"
