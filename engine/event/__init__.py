"""Products of spikes and sparse or dense matrices, at the cost of the spikes."""

from ._backend import (
    Backend as Backend,
    BackendError as BackendError,
    backend as backend,
    current_choice as current_choice,
    use_backend as use_backend,
)
from ._csr import (
    EventError as EventError,
    check_table as check_table,
    csr_matvec as csr_matvec,
    csr_matvec_add as csr_matvec_add,
)
from ._dense import dense_matvec as dense_matvec
from ._sample import (
    all_to_all as all_to_all,
    one_to_one as one_to_one,
    pad_table as pad_table,
    sample_fixed_in_degree as sample_fixed_in_degree,
    sample_fixed_out_degree as sample_fixed_out_degree,
    sample_fixed_prob as sample_fixed_prob,
    sample_fixed_total as sample_fixed_total,
    transpose_table as transpose_table,
)

# isort: split
# After the functions above: engine.nn, which this imports, uses them.
from ._delayed import DelayedCSRLinear as DelayedCSRLinear
from ._just_in_time import (
    JITFixedOutDegree as JITFixedOutDegree,
    JITFixedProb as JITFixedProb,
)
from ._modules import (
    CSRLinear as CSRLinear,
    FixedProb as FixedProb,
    Linear as Linear,
)
