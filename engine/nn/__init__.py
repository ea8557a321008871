"""Modules: neurons, synapses, projections, delays, inputs, and layers."""

from ._collective import (
    MAX_ORDER as MAX_ORDER,
    assign_state_values as assign_state_values,
    call_order as call_order,
    init_all_states as init_all_states,
    load_all_states as load_all_states,
    reset_all_states as reset_all_states,
    save_all_states as save_all_states,
)
from ._delay import (
    Delay as Delay,
    DelayAccess as DelayAccess,
    StateWithDelay as StateWithDelay,
)
from ._dynamics import (
    Dynamics as Dynamics,
    DynamicsGroup as DynamicsGroup,
    Prefetch as Prefetch,
    PrefetchDelay as PrefetchDelay,
    PrefetchDelayAt as PrefetchDelayAt,
    Projection as Projection,
)
from ._inputs import (
    PoissonEncoder as PoissonEncoder,
    PoissonSpike as PoissonSpike,
    SpikeSource as SpikeSource,
    SpikeTime as SpikeTime,
)
from ._inputs_current import (
    ConstantCurrent as ConstantCurrent,
    CurrentSource as CurrentSource,
    NoiseCurrent as NoiseCurrent,
    SineCurrent as SineCurrent,
    StepCurrent as StepCurrent,
)
from ._integrate import exp_euler_step as exp_euler_step
from ._module import (
    ElementWiseBlock as ElementWiseBlock,
    Module as Module,
    Sequential as Sequential,
)
from ._neuron import ALIF as ALIF, IF as IF, LIF as LIF, LIFRef as LIFRef
from ._neuron_base import Neuron as Neuron
from ._plasticity import STD as STD, STP as STP
from ._projection import (
    AlignPostProj as AlignPostProj,
    CurrentProj as CurrentProj,
    DeltaProj as DeltaProj,
)
from ._projection_forms import (
    FullProjAlignPost as FullProjAlignPost,
    FullProjAlignPostMg as FullProjAlignPostMg,
    FullProjAlignPreDS as FullProjAlignPreDS,
    FullProjAlignPreDSMg as FullProjAlignPreDSMg,
    FullProjAlignPreSD as FullProjAlignPreSD,
    FullProjAlignPreSDMg as FullProjAlignPreSDMg,
    FullProjDelta as FullProjDelta,
    HalfProjAlignPost as HalfProjAlignPost,
    HalfProjAlignPostMg as HalfProjAlignPostMg,
    HalfProjDelta as HalfProjDelta,
    VanillaProj as VanillaProj,
)
from ._synapse import (
    AMPA as AMPA,
    Alpha as Alpha,
    Expon as Expon,
    GABAa as GABAa,
    Synapse as Synapse,
)
from ._synapse_output import (
    COBA as COBA,
    CUBA as CUBA,
    MgBlock as MgBlock,
    SynOut as SynOut,
)
