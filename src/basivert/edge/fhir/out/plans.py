"""Plans behind a treatment: coverage of the nerve, promised and reached, and distances to walls."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from basivert.edge.fhir.case import Case, Plan
from basivert.edge.fhir.out.draft import Desk, Draft

_SHARE = "1"


def plans(case: Case, desk: Desk) -> Iterator[Draft]:
    """An Observation for each plan, named by the digest of its file."""
    for number, one in enumerate(case.plans):
        site = desk.place(one.level)
        site["text"] = f"{one.level}, access {one.side}"
        code = {"coding": [desk.coding("observation", "ablation-plan")],
                "text": "Plan of the ablation of one vertebra"}  # fmt: skip
        yield desk.draft(
            f"plan of {one.level} {number}", "Observation",
            {"identifier": [{"system": "urn:basivert:plan-sha256", "value": one.digest}],
             "status": "final", "code": code, "subject": desk.to("patient"), "bodySite": site,
             "component": list(_components(one, desk))},
        )  # fmt: skip


def _components(one: Plan, desk: Desk) -> Iterator[dict[str, Any]]:
    shares = (("planned", one.coverage_planned), ("treated", one.coverage_treated))
    for name, share in shares:
        if share is not None:
            yield {"code": {"text": f"Share of the nerve, {name}"},
                   "valueQuantity": desk.quantity(share, _SHARE)}  # fmt: skip
    for wall, distance in one.margins_mm.items():
        yield {"code": {"text": f"Planned distance, {wall}"},
               "valueQuantity": desk.quantity(distance, "mm")}  # fmt: skip
