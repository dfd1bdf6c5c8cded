"""A registry's report as one HTML file that needs nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from basivert.edge.documents.registry_charts import charts

if TYPE_CHECKING:
    from jinja2 import Template


def rendered(made: Mapping[str, Any]) -> str:
    """The page of a report (`care.outcomes.report.report`) as text."""
    names = {visit["key"]: visit["name"] for visit in made["visits"]}
    words = {one["key"]: one for one in made["definitions"]}
    taken = {row["definition"] for row in made["responders"] if row["seen"]}
    return _template().render(
        made=made, charts=charts(made), visit=names, words=words, share=share, taken=taken
    )


def share(rate: Mapping[str, Any] | None) -> str:
    """A rate with its interval in percent."""
    if rate is None or rate["rate"] is None:
        return "–"
    if rate.get("low") is None:
        return f"{100 * rate['rate']:.1f} %"
    return f"{100 * rate['rate']:.1f} % ({100 * rate['low']:.1f} to {100 * rate['high']:.1f})"


@cache
def _template() -> Template:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("basivert.edge.documents"), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("registry.html.j2")
