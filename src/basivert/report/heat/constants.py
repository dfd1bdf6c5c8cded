"""Every constant of a burn with range, source and confidence, and what the model leaves out."""

from __future__ import annotations

from collections.abc import Sequence

from basivert.ablation.patient.model import Heat, HeatTables
from basivert.constants.model import Constant, Table
from basivert.report.heat import names
from basivert.report.model import Card, Cell, Row, Sheet
from basivert.report.sources import in_words

TITLES = {
    "tissue": "Tissues, blood, probe", "marrow": "From CT number, age and Modic type to marrow",
    "tissue_layers": "Layers that a CT does not show", "heat_priors": "Spread and belief",
    "adjustment": "Size of a suggested change", "damage": "Damage and limits",
    "generator_log": "Reading a generator's log",
}  # fmt: skip
UNSURE = ("recall", "assumption")


def constant_sheets(tables: HeatTables, protocol: Table) -> tuple[Sheet, ...]:
    """One sheet a table, the protocol first."""
    t = tables.tissues
    found = (tables.damage, t.tissue, t.marrow, t.layers, t.priors, tables.log,
             tables.adjustment)  # fmt: skip
    return (
        _sheet(protocol, f"Protocol {protocol.name.rsplit('/', 1)[-1]}"),
        *(_sheet(table, TITLES.get(table.name, table.name)) for table in found),
    )


def _sheet(table: Table, title: str) -> Sheet:
    doubtful = sum(row.confidence in UNSURE for row in table.rows.values())
    return Sheet(
        title=f"{title} (edition {table.edition})",
        columns=("Constant", "Value", "Range", "Source", "Confidence"),
        rows=tuple(_row(key, row, table) for key, row in table.rows.items()),
        note=f"{doubtful} of {len(table.rows)} rest on memory or assumption.",
    )


def _row(key: str, row: Constant, table: Table) -> tuple[Cell, ...]:
    spread = f"SD {names.significant(row.sd)}" if row.sd is not None else ""
    if row.low is not None or row.high is not None:
        spread = f"{_end(row.low)} to {_end(row.high)}"
    own = "changed for this run" if key in table.overridden else ""
    return (
        Cell(text=key, note=own),
        Cell(text=f"{names.significant(row.value)} {names.unit(row.unit)}".strip()),
        Cell(text=spread or "none stated"), Cell(text=in_words(row.source)),
        Cell(text=row.confidence, grade="caution" if row.confidence in UNSURE else ""),
    )  # fmt: skip


def _end(value: float | None) -> str:
    return "open" if value is None else names.significant(value)


def material_sheet(heat: Heat) -> Sheet:
    """The tissues as this patient's run used them."""
    return Sheet(
        title="Tissues as used for this vertebra",
        columns=("Tissue", "Conductivity, S/m", "Heat conductivity, W/m/K", "Density, kg/m³",
                 "Heat capacity, J/kg/K", "Blood flow, ml/min/kg"),
        rows=tuple(
            (Cell(text=m.name), *(Cell(text=names.significant(v)) for v in (
                m.sigma_s_m, m.k_w_mk, m.rho_kg_m3, m.c_j_kgk, m.perfusion_ml_min_kg)))
            for m in heat.materials
        ),
        note=f"At body temperature, {heat.setup.physics.body_degc:g} °C. Blood flow stops where "
        f"the {heat.setup.physics.stop_law} law says dead (perf.stop).",
    )  # fmt: skip


def patient_card(heat: Heat, marrow: Table) -> Card:
    """What was known of the marrow, and what was made of it."""
    known, parts = heat.setup.known, heat.setup.tissues.parts
    age = "unknown" if known.age_years is None else f"{known.age_years:.0f} years"
    rows = [
        Row(name="Age", value=age, note="" if known.age_years is not None
            else "the whole range of blood flow counts"),
        *(Row(name=f"Modic change, {plate} endplate", value=_modic(known.modic.get(plate)))
          for plate in ("upper", "lower")),
    ]  # fmt: skip
    for part, state in parts.items():
        where = f"Marrow below the {part} endplate" if part else "Marrow"
        guess = "" if known.age_years is not None or part else "unknown, computed with "
        rows.append(Row(
            name=where, value=f"{guess}{100 * state.yellow:.0f} % fatty, blood flow "
            f"{state.flow_ml_min_kg:.1f} ml/min/kg", note="of the marrow by volume; set from age "
            f"and reading by table {marrow.name}, edition {marrow.edition}",
        ))  # fmt: skip
    return Card(title="What was known of the patient's marrow", rows=tuple(rows))


def _modic(kind: int | None) -> str:
    return "not read" if kind is None else f"type {kind}"


def limit_card(tables: HeatTables) -> Card:
    """What the model leaves out, each with what that does to the result."""
    tissue, layers = tables.tissues.tissue, tables.tissues.layers
    said: Sequence[tuple[str, str, str]] = (
        ("Introducer", "its metal is left out; the probe alone conducts heat",
         "it is drawn back from the heating zone"),
        ("Fluid in the canal", "stands still", tissue["csf.perfusion"].source),
        ("Dura", f"{layers['epidural.thickness'].value:g} mm inside the bony canal, not seen",
         layers["epidural.thickness"].source),
        ("Nerve roots", "where they usually leave, not seen; no blood flow of their own",
         layers["root.below_pedicle"].source),
        ("Epidural veins", "a flow that nobody has measured", tissue["vein.perfusion"].source),
        ("Thin layers", "shell and cartilage have a set thickness",
         layers["shell.thickness"].source),
        ("Boiling", "no steam, no drying; constants hold to "
         f"{tissue['sigma_with_temperature.cap'].value:g} °C",
         tissue["sigma_with_temperature.cap"].source),
        ("Bone", "the same in all directions", "sigma.cortical.anisotropy: range in the table"),
        ("Nerve", "its own law of damage is unknown", "damage.arrhenius.nerve"),
        ("Generator", "controller and limits of the device are not public", "protocol table"),
    )  # fmt: skip
    return Card(title="What the heat model leaves out or assumes",
                rows=tuple(Row(name=n, value=v, note=in_words(s)) for n, v, s in said))  # fmt: skip
