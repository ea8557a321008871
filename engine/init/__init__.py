"""Initial values: what to fill an array with, once its shape is known."""

from ._base import (
    InitError as InitError,
    Initializer as Initializer,
    to_size as to_size,
)
from ._constant import (
    Constant as Constant,
    Identity as Identity,
    ZeroInit as ZeroInit,
)
from ._orthogonal import (
    DeltaOrthogonal as DeltaOrthogonal,
    Orthogonal as Orthogonal,
)
from ._random import (
    Normal as Normal,
    TruncatedNormal as TruncatedNormal,
    Uniform as Uniform,
)
from ._scaling import (
    KaimingNormal as KaimingNormal,
    KaimingUniform as KaimingUniform,
    LecunNormal as LecunNormal,
    LecunUniform as LecunUniform,
    VarianceScaling as VarianceScaling,
    XavierNormal as XavierNormal,
    XavierUniform as XavierUniform,
)
from ._values import noise as noise, param as param, state as state
