"""Lines of the drawing, and the rules that say which neurons are connected."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._kind import EdgeKind, Param, RuleKind
from ._registry import register
from ._value import shown

_SELF = Param(
    "allow_self",
    default=True,
    structural=True,
    label="To itself",
    help="Whether a neuron may connect to itself.",
    group="Advanced",
)
_MULTI = Param(
    "allow_multi",
    default=False,
    structural=True,
    label="More than once",
    help="Whether two neurons may have several synapses.",
    group="Advanced",
)


def _degree(label: str, help_: str) -> Param:
    return Param(
        "n",
        default=20,
        low=1,
        high=1000,
        minimum=0,
        maximum=1e9,
        integer=True,
        log=True,
        symbol="K",
        label=label,
        help=help_,
        argument="degree",
    )


def _too_many(n_there: int, params: Mapping[str, Any], where: str) -> str | None:
    """Say that more different partners are asked for than there are."""
    if params["allow_multi"] or params["n"] <= n_there:
        return None
    return (
        f"{shown(params['n'])} different neurons are asked for, but {where} has only "
        f"{shown(n_there)}."
    )


def _same_size(n_pre: int, n_post: int, params: Mapping[str, Any]) -> str | None:
    if n_pre == n_post:
        return None
    return (
        f"One to one needs equal sizes, and these are {shown(n_pre)} and "
        f"{shown(n_post)}."
    )


RULES = (
    RuleKind(
        key="FixedProb",
        label="Random, fixed probability",
        cls="engine.event:sample_fixed_prob",
        params=(
            Param(
                "prob",
                default=0.02,
                low=0.001,
                high=1.0,
                minimum=0.0,
                maximum=1.0,
                log=True,
                symbol="p",
                label="Probability",
                help="Chance that a neuron connects to another.",
            ),
            _SELF,
            _MULTI,
        ),
        help="Each pair of neurons is connected with the same probability.",
        expected=lambda n_pre, n_post, params: params["prob"] * n_pre * n_post,
        layer="engine.event:JITFixedProb",
    ),
    RuleKind(
        key="FixedInDegree",
        label="Random, fixed in-degree",
        cls="engine.event:sample_fixed_in_degree",
        params=(
            _degree("Inputs", "How many inputs each target neuron gets."),
            _SELF,
            _MULTI,
        ),
        help="Each target neuron gets the same number of inputs.",
        expected=lambda n_pre, n_post, params: params["n"] * n_post,
        problem=lambda n_pre, n_post, params: _too_many(n_pre, params, "the source"),
    ),
    RuleKind(
        key="FixedOutDegree",
        label="Random, fixed out-degree",
        cls="engine.event:sample_fixed_out_degree",
        params=(
            _degree("Targets", "How many targets each source neuron has."),
            _SELF,
            _MULTI,
        ),
        help="Each source neuron has the same number of targets.",
        expected=lambda n_pre, n_post, params: params["n"] * n_pre,
        problem=lambda n_pre, n_post, params: _too_many(n_post, params, "the target"),
        layer="engine.event:JITFixedOutDegree",
    ),
    RuleKind(
        key="AllToAll",
        label="All to all",
        cls="engine.event:all_to_all",
        params=(_SELF,),
        help="Every neuron connects to every other.",
        expected=lambda n_pre, n_post, params: n_pre * n_post,
        is_random=False,
    ),
    RuleKind(
        key="OneToOne",
        label="One to one",
        cls="engine.event:one_to_one",
        help="The first neuron connects to the first, the second to the second.",
        expected=lambda n_pre, n_post, params: min(n_pre, n_post),
        problem=_same_size,
        is_random=False,
        n_sizes=1,
    ),
)

EDGES = (
    EdgeKind(
        key="Projection",
        label="Projection",
        params=(
            Param(
                "delay",
                unit="ms",
                default=0.1,
                low=0.1,
                high=20.0,
                minimum=0.0,
                maximum=1e4,
                log=True,
                symbol="d",
                label="Delay",
                help="From a spike to its effect. Whole steps. A distribution gives "
                "each synapse its own.",
                distribution=True,
            ),
        ),
        help="Spikes of one population reach another through synapses.",
        signals=("spikes",),
        targets=("population",),
    ),
    EdgeKind(
        key="Drive",
        label="Drive",
        params=(
            Param(
                "weight",
                default=1.0,
                low=-5.0,
                high=5.0,
                symbol="w",
                label="Weight",
                help="Factor on the current.",
            ),
        ),
        help="A current flows into every neuron of a population.",
        signals=("current",),
        targets=("population",),
    ),
    EdgeKind(
        key="Record",
        label="Record",
        help="A probe looks at this.",
        signals=("spikes", "state"),
        targets=("probe",),
    ),
)

for _kind in (*RULES, *EDGES):
    register(_kind)
