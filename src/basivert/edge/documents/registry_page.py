"""A registry's report as HTML: the sections for a page, or one file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from basivert.edge.documents.registry_charts import charts

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

MEASURES = {"pain": "Pain", "odi": "ODI", "opioids": "Opioids", "satisfied": "Satisfaction"}


def rendered(made: Mapping[str, Any]) -> str:
    """The page of a report (`care.outcomes.report.report`) as text."""
    return _templates().get_template("registry.html.j2").render(made=made, sections=sections(made))


def sections(made: Mapping[str, Any]) -> Markup:
    """All sections of a report, to stand under a page's first heading; no style or script."""
    from markupsafe import Markup

    names = {visit["key"]: visit["name"] for visit in made["visits"]}
    words = {one["key"]: one for one in made["definitions"]}
    taken = {row["definition"] for row in made["responders"] if row["seen"]}
    scores = {name: _count(made["scores"][name]) for name in ("spare", "outside_windows")}
    text = _templates().get_template("registry_sections.html.j2").render(
        made=made, charts=charts(made), visit=names, words=words, share=share, taken=taken,
        scores=scores, complete=complete(made), measure=_Named(MEASURES),
        kinds={one["kind"]: one["wording"] for one in made["events"]["kinds"]},
    )  # fmt: skip
    # Every value in it was escaped when it was rendered.
    return Markup(text)


def complete(made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Of each measure that was taken, how many were due and seen at each visit."""
    # A share of nothing is undefined: where a measure has a change, that says best who was seen.
    ranked = sorted(made["definitions"], key=lambda one: one["of"] == "relief")
    told = {}
    for one in ranked:
        told.setdefault(one["measure"], one["key"])
    rows = {name: [row for row in made["responders"] if row["definition"] == key]
            for name, key in told.items()}  # fmt: skip
    return [
        {**row, "measure": name}
        for name, some in rows.items() if any(row["seen"] for row in some) for row in some
    ]  # fmt: skip


def share(rate: Mapping[str, Any] | None) -> str:
    """A rate with its interval in percent."""
    if rate is None or rate["rate"] is None:
        return "–"
    if rate.get("low") is None:
        return f"{100 * rate['rate']:.1f} %"
    return f"{100 * rate['rate']:.1f} % ({100 * rate['low']:.1f} to {100 * rate['high']:.1f})"


class _Named(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return key.replace("_", " ")


def _count(rows: Any) -> int:
    """Rows as a report lists them, or their number as it is kept without them."""
    return rows if isinstance(rows, int) else len(rows)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("basivert.edge.documents"), autoescape=True, undefined=StrictUndefined
    )
