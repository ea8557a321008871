"""Modules: neurons, synapses, projections, delays, inputs, and layers."""

from typing import TYPE_CHECKING

from . import metrics as metrics
from ._activation import (
    CELU as CELU,
    ELU as ELU,
    GELU as GELU,
    GLU as GLU,
    SELU as SELU,
    Hardshrink as Hardshrink,
    Hardsigmoid as Hardsigmoid,
    Hardswish as Hardswish,
    Hardtanh as Hardtanh,
    Identity as Identity,
    LeakyReLU as LeakyReLU,
    LogSigmoid as LogSigmoid,
    LogSoftmax as LogSoftmax,
    Mish as Mish,
    PReLU as PReLU,
    ReLU as ReLU,
    ReLU6 as ReLU6,
    RReLU as RReLU,
    Sigmoid as Sigmoid,
    SiLU as SiLU,
    Softmax as Softmax,
    Softmax2d as Softmax2d,
    Softmin as Softmin,
    Softplus as Softplus,
    Softshrink as Softshrink,
    Softsign as Softsign,
    SpikeBitwise as SpikeBitwise,
    Tanh as Tanh,
    Tanhshrink as Tanhshrink,
    Threshold as Threshold,
)
from ._collective import (
    MAX_ORDER as MAX_ORDER,
    assign_state_values as assign_state_values,
    call_order as call_order,
    init_all_states as init_all_states,
    load_all_states as load_all_states,
    reset_all_states as reset_all_states,
    save_all_states as save_all_states,
)
from ._conv import (
    Conv1d as Conv1d,
    Conv2d as Conv2d,
    Conv3d as Conv3d,
    ScaledWSConv1d as ScaledWSConv1d,
    ScaledWSConv2d as ScaledWSConv2d,
    ScaledWSConv3d as ScaledWSConv3d,
)
from ._delay import (
    Delay as Delay,
    DelayAccess as DelayAccess,
    StateWithDelay as StateWithDelay,
)
from ._dropout import (
    AlphaDropout as AlphaDropout,
    Dropout as Dropout,
    Dropout1d as Dropout1d,
    Dropout2d as Dropout2d,
    Dropout3d as Dropout3d,
    DropoutFixed as DropoutFixed,
    FeatureAlphaDropout as FeatureAlphaDropout,
)
from ._dynamics import (
    Dynamics as Dynamics,
    DynamicsGroup as DynamicsGroup,
    Projection as Projection,
)
from ._embedding import (
    Embedding as Embedding,
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
from ._linear import (
    AllToAll as AllToAll,
    Linear as Linear,
    ScaledWSLinear as ScaledWSLinear,
    SignedWLinear as SignedWLinear,
)
from ._module import (
    ElementWiseBlock as ElementWiseBlock,
    Module as Module,
    Sequential as Sequential,
)
from ._neuron import ALIF as ALIF, IF as IF, LIF as LIF, LIFRef as LIFRef
from ._neuron_base import Neuron as Neuron
from ._norm import (
    BatchNorm0d as BatchNorm0d,
    BatchNorm1d as BatchNorm1d,
    BatchNorm2d as BatchNorm2d,
    BatchNorm3d as BatchNorm3d,
)
from ._plasticity import STD as STD, STP as STP
from ._pool import (
    AdaptiveAvgPool1d as AdaptiveAvgPool1d,
    AdaptiveAvgPool2d as AdaptiveAvgPool2d,
    AdaptiveAvgPool3d as AdaptiveAvgPool3d,
    AdaptiveMaxPool1d as AdaptiveMaxPool1d,
    AdaptiveMaxPool2d as AdaptiveMaxPool2d,
    AdaptiveMaxPool3d as AdaptiveMaxPool3d,
    AvgPool1d as AvgPool1d,
    AvgPool2d as AvgPool2d,
    AvgPool3d as AvgPool3d,
    MaxPool1d as MaxPool1d,
    MaxPool2d as MaxPool2d,
    MaxPool3d as MaxPool3d,
)
from ._prefetch import (
    Prefetch as Prefetch,
    PrefetchDelay as PrefetchDelay,
    PrefetchDelayAt as PrefetchDelayAt,
    PrefetchPast as PrefetchPast,
)
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
from ._readout import (
    LeakyRateReadout as LeakyRateReadout,
    LeakySpikeReadout as LeakySpikeReadout,
)
from ._reshape import (
    Flatten as Flatten,
    Unflatten as Unflatten,
)
from ._rnn import (
    GRUCell as GRUCell,
    LSTMCell as LSTMCell,
    MGUCell as MGUCell,
    RNNCell as RNNCell,
    URLSTMCell as URLSTMCell,
    ValinaRNNCell as ValinaRNNCell,
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

if TYPE_CHECKING:
    from ..event import CSRLinear as CSRLinear


def __getattr__(name: str):
    """Give `CSRLinear`, which is made of a `Module` itself, at its first use."""
    if name == "CSRLinear":
        from ..event import CSRLinear

        return CSRLinear
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
