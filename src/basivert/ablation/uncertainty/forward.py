"""Forward uncertainty of one burn: `forward`, the one call of this package, and its two halves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from basivert.ablation.uncertainty import summary
from basivert.ablation.uncertainty.design import chosen, drawn, moved_by, values
from basivert.ablation.uncertainty.learning import (
    Model,
    Solves,
    learnt,
    solved,
    surrogate_error,
)
from basivert.ablation.uncertainty.measures import Ruler, ruler
from basivert.ablation.uncertainty.model import (
    HeatCase,
    HeatUncertainty,
    Mapper,
    Prior,
    Safety,
    Say,
    SurrogateError,
)
from basivert.ablation.uncertainty.sampling import Draw, Outcome, Sampler, names, parts
from basivert.ablation.uncertainty.training import Solver, solver
from basivert.arrays import Matrix
from basivert.errors import InputError
from basivert.estimate import proportion

# Share of the training that are solves, and of the whole that is training.
SOLVED, LEARNT = 0.9, 0.8


def forward(
    case: HeatCase, prior: Prior, *, samples: int, seed: int, mapper: Mapper, say: Say
) -> HeatUncertainty:
    """What a burn does when constants, pose, protocol and endpoint are known only as a prior.

    Args:
        case: the burn and the questions.
        prior: what is uncertain.
        samples: of the inputs; a power of two serves best.
        seed: of all draws; the same seed gives the same answer.
        mapper: runs the solves: `map`, or the `map` of an executor if the tissue can be pickled.
        say: is told the share done; may raise `Cancelled`.

    Raises: InputError for an endpoint whose law the physics lacks; NumericsError when more than a
        tenth of the training solves fail.
    Assumes: peaks as in `burnt`; errors of the pose are rigid.
    """
    made = trained(case, prior, seed=seed, mapper=mapper, say=lambda d, w: say(LEARNT * d, w))
    return propagated(
        made, samples=samples, seed=seed, say=lambda d, w: say(LEARNT + (1 - LEARNT) * d, w)
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trained:
    """A case's surrogate with the solves that it was made from and checked with."""

    prior: Prior
    work: Solver
    solves: Solves
    model: Model
    tool: Ruler
    error: SurrogateError


def trained(case: HeatCase, prior: Prior, *, seed: int, mapper: Mapper, say: Say) -> Trained:
    """The surrogate of a case; arguments and errors as for `forward`."""
    work = _solver(case, prior)
    solves = solved(work, seed + 1, mapper, lambda done, what: say(SOLVED * done, what))
    say(SOLVED, "surrogate")
    model = learnt(solves)
    tool = ruler(work.lattice, case.probes)
    return Trained(
        prior=prior, work=work, solves=solves, model=model, tool=tool,
        error=surrogate_error(work, solves, model, tool),
    )  # fmt: skip


def propagated(made: Trained, *, samples: int, seed: int, say: Say) -> HeatUncertainty:
    """The distribution that a surrogate gives; arguments as for `forward`."""
    case, prior, model = made.work.case, made.prior, made.model
    sampler = Sampler(
        case=case, tool=made.tool,
        fields={n: parts(f, model.bias(n), made.work.lattice) for n, f in model.fields.items()},
    )  # fmt: skip
    x, unit = drawn(prior.factors, samples, seed)
    number = chosen(prior.endpoints, unit)
    outcomes: list[Outcome] = []
    for draw in _draws(case, prior, model, x, number, np.random.default_rng(seed)):
        say(len(outcomes) / samples, "samples")
        outcomes.append(sampler(draw))
    outputs = np.stack([o.numbers for o in outcomes])
    inputs = summary.columns(prior.factors, x, prior.endpoints, number)
    return HeatUncertainty(
        samples=samples, seed=seed,
        quantities={
            name: summary.quantity(name, outputs[:, n], inputs, prior.endpoints, number, seed)
            for n, name in enumerate(names(tuple(case.structures)))
        },
        safety=_safety(case, outcomes, seed),
        p_dead=np.mean([o.dead for o in outcomes], axis=0),
        p_safe=np.mean([o.spared for o in outcomes], axis=0),
        cut=float(np.mean([o.cut for o in outcomes])), error=made.error,
        factors=tuple(f.name for f in prior.factors), inputs=x, outputs=outputs,
    )  # fmt: skip


def _solver(case: HeatCase, prior: Prior) -> Solver:
    known = {"temperature", "cem43", *(law.name for law in case.physics.laws)}
    for endpoint in prior.endpoints:
        if endpoint.field not in known:
            raise InputError(
                f"Endpoint {endpoint.name} needs {endpoint.field!r}, the physics has "
                f"{', '.join(sorted(known))}.",
                fix="Add the law to the physics or leave the endpoint out.",
            )
    factors = tuple(f for f in prior.factors if not f.name.startswith("endpoint."))
    return solver(case, factors, prior.endpoints)


def _draws(
    case: HeatCase, prior: Prior, model: Model, x: Matrix, number: np.ndarray,
    rng: np.random.Generator,
) -> list[Draw]:  # fmt: skip
    """Surrogate's weights for each sample, with the error of a left-out run drawn for it."""
    inner = x[:, [not f.name.startswith("endpoint.") for f in prior.factors]]
    weights = next(iter(model.fields.values())).weights(inner)
    runs = rng.integers(len(model.scalars.missed), size=len(x))
    scalars = model.scalars.at(inner) + model.scalar_bias() + model.scalars.missed[runs]
    found: list[Draw] = []
    for n, row in enumerate(x):
        value = values(prior.factors, row)
        found.append(Draw(
            weights=weights[n], scalars=scalars[n],
            run=int(runs[n]), motion=moved_by(case, value),
            endpoint=prior.endpoints[number[n]], shift=value.get("endpoint.threshold", 0.0),
        ))  # fmt: skip
    return found


def _safety(case: HeatCase, outcomes: list[Outcome], seed: int) -> dict[str, Safety]:
    safe = np.stack([o.safe for o in outcomes])
    basis = f"{len(outcomes)} quasi-random samples, seed {seed}; Wilson interval"
    return {
        name: Safety(p_safe=proportion(int(safe[:, n].sum()), len(outcomes), basis))
        for n, name in enumerate(case.structures)
    }
