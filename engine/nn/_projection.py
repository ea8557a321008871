r"""Projections: how the spikes of one population reach another.

All of them do the same in a call: read a source, transform it by `comm` (the
connections), and hand the result to the postsynaptic population. They differ in what
stands in between: a synapse aligned to the postsynaptic neurons (`AlignPostProj`),
nothing (`DeltaProj`), or an output current alone (`CurrentProj`).

A spike of step `m` over a delay of `k` steps takes effect in step `m + k`.
"""

from __future__ import annotations

from collections.abc import Callable

from ..mixin import AlignPost, ParamDescriber
from ._dynamics import Dynamics, Projection, build
from ._errors import InputError
from ._identity import fingerprint
from ._module import Module
from ._prefetch import Prefetch, PrefetchDelayAt, PrefetchPast
from ._synapse_output import SynOut

Readers = (Prefetch, PrefetchDelayAt, PrefetchPast)


class AlignedPost(Module):
    """Synapse and output of a population, shared by the projections that ask for it.

    Parameters
    ----------
    syn : Dynamics
        Advanced before the population.
    out : SynOut
        Bound to what the synapse returns.
    """

    def __init__(self, syn: Dynamics, out: SynOut):
        super().__init__()
        self.syn = syn
        self.out = out

    def update(self):
        """Advance the synapse and bind the output."""
        self.out.bind_cond(self.syn())


def _attach(post: Dynamics, syn, out, label: str | None) -> AlignedPost:
    """Return the synapse of `post`, made at the first of equal descriptions."""
    if isinstance(syn, ParamDescriber) and isinstance(out, ParamDescriber):
        key = post.shared_key("synapse", fingerprint((label, syn, out)))
    else:
        for known in post.before_updates.values():
            if isinstance(known, AlignedPost) and (known.syn, known.out) == (syn, out):
                return known
        key = post.claim_key("synapse")
    if key not in post.before_updates:
        syn = build(syn, post.varshape)
        out = out() if isinstance(out, ParamDescriber) else out
        if not (isinstance(syn, AlignPost) and isinstance(syn, Dynamics)):
            raise InputError(
                f"AlignPostProj: {type(syn).__name__} cannot be aligned to the "
                f"postsynaptic neurons, because it is no AlignPost. Use Expon or "
                f"Alpha, or feed a CurrentProj from pre.align_pre(...)."
            )
        post.add_current_input(key, out, label)
        post.add_before_update(key, AlignedPost(syn, out))
    return post.before_updates[key]  # type: ignore[return-value]


def _read(modules: tuple, args: tuple):
    """Run the modules in front of the connections."""
    for module in modules:
        args = (module(),) if isinstance(module, Readers) else (module(*args),)
    (value,) = args
    return value


class AlignPostProj(Projection):
    """Projection with a synapse aligned to the postsynaptic neurons.

    Parameters
    ----------
    *modules : Prefetch, Module or callable
        In front of the connections, each fed by the one before. A prefetched
        variable, such as ``pre.prefetch("spike").delay.at(1 * ms)``, needs no input;
        without modules the spikes are the argument of the call.
    comm : Module or callable
        The connections: presynaptic spikes to postsynaptic sums.
    syn : AlignPost synapse or its description
        Such as ``Expon.desc(tau=5 * ms)``.
    out : SynOut or its description
        Such as ``COBA.desc(E=0 * mV)``.
    post : Dynamics
        The postsynaptic population.
    label : str, optional
        Group of the current among the inputs of `post`.
    name : str, optional
        Name for messages and printing.

    Raises
    ------
    InputError
        If `syn` cannot be aligned to the postsynaptic neurons.

    Notes
    -----
    Projections to one population whose `syn` and `out` are *equal descriptions* share
    one synapse, which is advanced once a step. As synapses are linear in what
    arrives, this changes no result beyond rounding. The initial value belongs to the
    shared synapse, not to each projection. Instances are not shared.

    Call it before `post` in a step. For a delay per synapse give
    ``pre.prefetch("spike").delay.past(...)`` and an `event.DelayedCSRLinear`.
    """

    def __init__(
        self,
        *modules,
        comm: Callable,
        syn,
        out,
        post: Dynamics,
        label: str | None = None,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.modules = modules
        self.comm = comm
        self.post = post
        aligned = _attach(post, syn, out, label)
        self.syn = aligned.syn
        self.out = aligned.out
        self._key = self.syn.claim_key("projection")

    def update(self, *args):
        """Deliver what arrives in this step to the synapse."""
        self.syn.add_delta_input(self._key, self.comm(_read(self.modules, args)))


class DeltaProj(Projection):
    """Projection whose spikes jump the postsynaptic state.

    Parameters
    ----------
    *modules : Prefetch, Module or callable
        As in `AlignPostProj`.
    comm : Module or callable
        The connections, with weights in the unit of the state (mV).
    post : Dynamics
        The postsynaptic population.
    label : str, optional
        Group among the delta inputs of `post`.
    name : str, optional
        Name for messages and printing.
    """

    def __init__(
        self,
        *modules,
        comm: Callable,
        post: Dynamics,
        label: str | None = None,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.modules = modules
        self.comm = comm
        self.post = post
        self.label = label
        self._key = post.claim_key("projection")

    def update(self, *x):
        """Deliver what arrives in this step."""
        jump = self.comm(_read(self.modules, x))
        self.post.add_delta_input(self._key, jump, label=self.label)


class CurrentProj(Projection):
    """Projection whose transformed source is the conductance of an output.

    Parameters
    ----------
    prefetch : Prefetch, Module or callable
        The source: a variable of another module, or a function of the call's
        arguments.
    comm : Module or callable
        The connections.
    out : SynOut
        What turns the result into a current.
    post : Dynamics
        The postsynaptic population.
    label : str, optional
        Group of the current among the inputs of `post`.
    name : str, optional
        Name for messages and printing.
    """

    def __init__(
        self,
        prefetch,
        comm: Callable,
        out,
        post: Dynamics,
        label: str | None = None,
        name: str | None = None,
    ):
        super().__init__(name=name)
        self.prefetch = prefetch
        self.comm = comm
        self.out = out() if isinstance(out, ParamDescriber) else out
        self.post = post
        post.add_current_input(post.claim_key("projection"), self.out, label)

    def update(self, *x):
        """Bind the output to what arrives in this step."""
        modules = () if self.prefetch is None else (self.prefetch,)
        self.out.bind_cond(self.comm(_read(modules, x)))
