"""What a burn does, in sentences that are read at a glance."""

from __future__ import annotations

from basivert.ablation.patient.model import Heat
from basivert.ablation.patient.outcome import SEVERITY, Dose
from basivert.report.heat import names
from basivert.report.heat.doses import quantity

VERDICTS = {
    "go": "All structures at risk stay within their limits.",
    "caution": "Caution: a structure at risk is warmed beyond its first limit.",
    "stop": "Stop: a structure at risk is heated beyond its limit.",
}


def sentences(heat: Heat) -> tuple[str, ...]:
    """Lesion, hub, dura, and every other structure that is not a go."""
    return (_lesion(heat), _hub(heat), *_doses(heat), VERDICTS[heat.verdict])


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
    return (
        "The nerve's hub lies in it with probability "
        f"{heat.lesion.coverage:.2f}{_between(heat, 'coverage', 2)}; the hub is inferred, not seen."
    )


def _doses(heat: Heat) -> list[str]:
    """The dura always; others in the order of their gravity when they are not a go."""
    judged = [d for d in heat.doses if d.verdict is not None]
    told = [d for d in judged if d.structure == "dura" or d.verdict != "go"]
    told.sort(key=lambda d: (d.structure != "dura", -SEVERITY.index(d.verdict or "go")))
    return [_dose(heat, d) for d in told]


def _dose(heat: Heat, dose: Dose) -> str:
    name = names.structure(dose.structure)
    safe = "" if heat.uncertainty is None or dose.structure not in heat.uncertainty.safety else (
        f"; stays within the limits in "
        f"{100 * heat.uncertainty.safety[dose.structure].p_safe.value:.0f} % of samples"
    )  # fmt: skip
    if dose.verdict == "go":
        return (
            f"{name} stays at {dose.peak_degc:.1f} °C"
            f"{_between(heat, f'{dose.structure}.peak_degc', 1)}: go{safe}."
        )
    return (
        f"{name} reaches {dose.peak_degc:.1f} °C"
        f"{_between(heat, f'{dose.structure}.peak_degc', 1)}: {dose.verdict} ({dose.why}){safe}."
    )


def _between(heat: Heat, name: str, digits: int) -> str:
    found = quantity(heat, name)
    return "" if found is None else f" ({names.interval(found.estimate, digits)})"
