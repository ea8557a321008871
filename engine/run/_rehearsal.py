"""A network that is looked at instead of run: its step is traced and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from .. import kinds
from ..fuse import Unfusable, can_run, layout, work
from ..lower import Plan, build
from ._compiled import Compiled, n_leaves, trace_network
from ._simulation import Simulation


class Rehearsal(Simulation):
    """A simulation that is traced, and never compiled.

    Attributes
    ----------
    work : Counter or None
        What a step does, as `engine.fuse.work` counts it; None if it would not run as
        native code.
    """

    work: Counter[str] | None = None

    def _make(self) -> tuple[Compiled, bool]:
        given = self.network, self._inputs, self._recorders, self.dt
        program, traced = trace_network(*given)
        if can_run() is None and traced.pure.is_closed:
            try:
                step = layout(traced.pure.jaxpr, n_leaves(traced.pure))
            except Unfusable:
                return program, False
            self.work = work(step)
        return program, False

    def _key(self) -> None:
        return None


def rehearse(plan: Plan) -> Counter[str] | None:
    """Count what a step of a plan does; its connections are not drawn.

    Returns
    -------
    Counter or None
        See `Rehearsal.work`.
    """
    rule = kinds.get("rule", "FixedProb")
    params = {p.name: p.default for p in rule.params} | {"prob": 0.0}
    bare = replace(
        plan,
        projections=tuple(
            replace(p, rule=rule, rule_params=params, is_stored=True)
            for p in plan.projections
        ),
    )
    return Rehearsal(build(bare)).work
