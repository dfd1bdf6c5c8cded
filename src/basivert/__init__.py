"""basivert: from CT to plan for basivertebral nerve ablation. Research use only.

Names load on first use (PEP 562), so that `import basivert` stays light.
"""

from importlib import import_module

_HOME = {
    "BasivertError": "basivert.errors",
    "Case": "basivert.volume.model",
    "CasePlan": "basivert.planning.model",
    "Estimate": "basivert.estimate",
    "Finding": "basivert.errors",
    "InputError": "basivert.errors",
    "Known": "basivert.ablation.patient.known",
    "Instrument": "basivert.instruments.model",
    "Labels": "basivert.volume.model",
    "LevelPlan": "basivert.planning.model",
    "Partial": "basivert.anatomy.model",
    "Plan": "basivert.planning.model",
    "Refusal": "basivert.planning.model",
    "Scanner": "basivert.phantom.render",
    "Vertebra": "basivert.anatomy.model",
    "VirtualSpine": "basivert.phantom.model",
    "Volume": "basivert.volume.model",
    "Wish": "basivert.phantom.model",
    "ablate_plan": "basivert.workflow.ablate_plan",
    "anatomy_case": "basivert.workflow.plan_case",
    "builtin": "basivert.constants.load",
    "builtin_instrument": "basivert.instruments.load",
    "builtin_tables": "basivert.workflow.plan_case",
    "make_spine": "basivert.phantom.spine",
    "plan_case": "basivert.workflow.plan_case",
    "plan_document": "basivert.edge.codec",
    "read_case": "basivert.edge.imaging.case",
    "read_instrument": "basivert.instruments.load",
    "render": "basivert.phantom.render",
    "write_plan": "basivert.edge.imaging.plan_folder",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'basivert' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
