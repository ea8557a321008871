"""The projections of brainstate 0.0.2 by their names.

Each is one of `AlignPostProj`, `DeltaProj` and `CurrentProj` with a fixed source. In
the names, *Half* takes the spikes as argument of the call and *Full* reads them from
`pre`; *AlignPost* and *AlignPre* tell which neurons the synapse belongs to; *SD* and
*DS* whether it acts before or after the delay; *Mg* that equal descriptions share it.
`mode` is taken for old code and plays no part: a batch size goes to `init_state`.
"""

from __future__ import annotations

from .. import graph
from ..mixin import ParamDescriber
from ._dynamics import Dynamics, build
from ._errors import InputError
from ._prefetch import PrefetchDelayAt
from ._projection import AlignPostProj, CurrentProj, DeltaProj


def _described(form, **parts):
    """Refuse parts that cannot be merged, or that must not be."""
    merges = type(form).__name__.endswith("Mg")
    for part, value in parts.items():
        if isinstance(value, ParamDescriber) != merges:
            given = "module" if merges else "description"
            kind = "a description, Class.desc(...)" if merges else "a module"
            raise InputError(
                f"{type(form).__name__}: {part} is a {given}; give {kind}, or use the "
                f"form {'without' if merges else 'with'} Mg in its name."
            )


def _spikes(pre: Dynamics, delay) -> PrefetchDelayAt:
    return pre.prefetch("spike").delay.at(delay)


class DelayedSynapse(graph.Node):
    """Synapse fed by a prefetched variable; a call advances it.

    Parameters
    ----------
    source : Prefetch
        Its spikes.
    syn : Dynamics
        The synapse.
    """

    def __init__(self, source, syn: Dynamics):
        super().__init__()
        self.source = source
        self.syn = syn

    def __call__(self, *args):
        return self.syn(self.source())


class HalfProjAlignPost(AlignPostProj):
    """`AlignPostProj` with a synapse of its own; the call takes the spikes."""

    def __init__(self, comm, syn, out, post, out_label=None, name=None, mode=None):
        _described(self, syn=syn, out=out)
        super().__init__(
            comm=comm, syn=syn, out=out, post=post, label=out_label, name=name
        )


class HalfProjAlignPostMg(HalfProjAlignPost):
    """`AlignPostProj` with a shared synapse; the call takes the spikes."""


class FullProjAlignPost(AlignPostProj):
    """`AlignPostProj` with a synapse of its own, which reads the spikes of `pre`."""

    def __init__(
        self, pre, delay, comm, syn, out, post, out_label=None, name=None, mode=None
    ):
        _described(self, syn=syn, out=out)
        source = _spikes(pre, delay)
        super().__init__(
            source, comm=comm, syn=syn, out=out, post=post, label=out_label, name=name
        )


class FullProjAlignPostMg(FullProjAlignPost):
    """`AlignPostProj` with a shared synapse, which reads the spikes of `pre`."""


class FullProjAlignPreSD(CurrentProj):
    """Synapse after `pre`, its variable `g` delayed, then connections and output."""

    def __init__(
        self, pre, syn, delay, comm, out, post, out_label=None, name=None, mode=None
    ):
        _described(self, syn=syn)
        source = pre.align_pre(syn).prefetch("g").delay.at(delay)
        super().__init__(source, comm, out, post, label=out_label, name=name)

    def update(self, x=None):
        """Bind the output to what arrives; `x` replaces the delayed `g`."""
        if x is None:
            super().update()
        else:
            self.out.bind_cond(self.comm(x))


class FullProjAlignPreSDMg(FullProjAlignPreSD):
    """`FullProjAlignPreSD` with a synapse shared by equal descriptions."""


class FullProjAlignPreDS(CurrentProj):
    """Spikes of `pre` delayed, then synapse, connections and output."""

    def __init__(
        self, pre, delay, syn, comm, out, post, out_label=None, name=None, mode=None
    ):
        _described(self, syn=syn)
        source = DelayedSynapse(_spikes(pre, delay), build(syn, pre.varshape))
        super().__init__(source, comm, out, post, label=out_label, name=name)

    def update(self, x=None):
        """Bind the output to what arrives; `x` replaces the delayed spikes."""
        if x is None:
            super().update()
        else:
            self.out.bind_cond(self.comm(self.prefetch.syn(x)))


class FullProjAlignPreDSMg(FullProjAlignPreSDMg):
    """Synapse after a delay, shared by equal descriptions.

    A synapse does the same at any time, so delaying its spikes is delaying its
    variable: this is `FullProjAlignPreSDMg`, which is shared over all delays.
    """

    def __init__(
        self, pre, delay, syn, comm, out, post, out_label=None, name=None, mode=None
    ):
        super().__init__(pre, syn, delay, comm, out, post, out_label, name, mode)


class HalfProjDelta(DeltaProj):
    """`DeltaProj` whose call takes the spikes."""

    def __init__(self, comm, post, name=None, mode=None):
        super().__init__(comm=comm, post=post, name=name)


class FullProjDelta(DeltaProj):
    """`DeltaProj` that reads the spikes of `pre`."""

    def __init__(self, pre, delay, comm, post, name=None, mode=None):
        super().__init__(_spikes(pre, delay), comm=comm, post=post, name=name)


class VanillaProj(CurrentProj):
    """`CurrentProj` whose call takes the source."""

    def __init__(self, comm, out, post, out_label=None, name=None, mode=None):
        super().__init__(None, comm, out, post, label=out_label, name=name)
