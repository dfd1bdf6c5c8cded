"""The suggested change of a burn, or why none serves."""

from __future__ import annotations

from basivert.ablation.change import Adjustment, Change, Reached, Refusal
from basivert.report.heat import names
from basivert.report.model import Cell, Sheet

SECONDS_A_MINUTE = 60.0


def change_sheet(found: Adjustment | Refusal | None) -> tuple[Sheet, ...]:
    """As planned and changed side by side; none where no coverage was asked for."""
    if found is None:
        return ()
    if isinstance(found, Adjustment):
        title, note = f"Smallest change that serves: {in_words(found.change)}", ""
    else:
        title, note = f"No change serves; best: {in_words(found.best)}", f"{found.why} "
    return (Sheet(
        title=title, columns=("", "As planned", "Changed"),
        rows=_rows(found.now, found.verified),
        note=f"{note}Checked by a full solve of exactly this change, {found.solves} solves in all; "
        "default endpoint, constants as tabled. Roll is seen along the introducer, inwards.",
    ),)  # fmt: skip


def in_words(change: Change) -> str:
    """Like `1.5 mm deeper, hold 2 min longer`."""
    parts = [
        (change.depth_mm, f"{abs(change.depth_mm):.1f} mm",
         "deeper", "less deep"),
        (change.roll_deg, f"roll {abs(change.roll_deg):.0f}°", "clockwise", "anticlockwise"),
        (change.hold_s, f"hold {abs(change.hold_s) / SECONDS_A_MINUTE:.0f} min",
         "longer", "shorter"),
    ]  # fmt: skip
    told = [f"{size} {more if value > 0 else less}" for value, size, more, less in parts if value]
    return ", ".join(told) or "none is needed"


def _rows(now: Reached, then: Reached) -> tuple[tuple[Cell, ...], ...]:
    rows: list[tuple[Cell, ...]] = [(
        Cell(text="Hub in the lesion, probability"),
        *(Cell(text=f"{r.coverage:.2f}") for r in (now, then)),
    )]  # fmt: skip
    for structure in now.peak_degc:
        rows.append((
            Cell(text=f"{names.structure(structure)}, peak and CEM43"),
            *(Cell(text=f"{r.peak_degc[structure]:.1f} °C",
                   note=f"{names.significant(r.cem43_min[structure])} min") for r in (now, then)),
        ))  # fmt: skip
    return tuple(rows)
