"""Functions of arrays: activations, normalizations, logic on spikes."""

from ._clip import clip_grad_norm as clip_grad_norm
from ._normalize import (
    log_softmax as log_softmax,
    logsumexp as logsumexp,
    one_hot as one_hot,
    softmax as softmax,
    softmin as softmin,
    standardize as standardize,
    weight_standardization as weight_standardization,
)
from ._rectifiers import (
    celu as celu,
    elu as elu,
    hard_shrink as hard_shrink,
    hard_tanh as hard_tanh,
    leaky_relu as leaky_relu,
    prelu as prelu,
    relu as relu,
    relu6 as relu6,
    rrelu as rrelu,
    selu as selu,
    soft_shrink as soft_shrink,
)
from ._smooth import (
    gelu as gelu,
    glu as glu,
    hard_sigmoid as hard_sigmoid,
    hard_silu as hard_silu,
    hard_swish as hard_swish,
    log_sigmoid as log_sigmoid,
    mish as mish,
    sigmoid as sigmoid,
    silu as silu,
    soft_sign as soft_sign,
    softplus as softplus,
    sparse_plus as sparse_plus,
    sparse_sigmoid as sparse_sigmoid,
    squareplus as squareplus,
    swish as swish,
    tanh as tanh,
    tanh_shrink as tanh_shrink,
)
from ._spikes import (
    OPERATIONS as OPERATIONS,
    OperationError as OperationError,
    check_operation as check_operation,
    spike_bitwise as spike_bitwise,
    spike_bitwise_and as spike_bitwise_and,
    spike_bitwise_iand as spike_bitwise_iand,
    spike_bitwise_ixor as spike_bitwise_ixor,
    spike_bitwise_not as spike_bitwise_not,
    spike_bitwise_or as spike_bitwise_or,
    spike_bitwise_xor as spike_bitwise_xor,
)
from ._units import NumberError as NumberError
