"""Functions made from functions: derivatives, maps over an axis, shapes."""

from ._axes import AxesError as AxesError, StateAxes as StateAxes
from ._eval_shape import eval_shape as eval_shape
from ._grad import (
    GradientError as GradientError,
    grad as grad,
    hessian as hessian,
    jacfwd as jacfwd,
    jacobian as jacobian,
    jacrev as jacrev,
    vector_grad as vector_grad,
)
from ._random import restore_rngs as restore_rngs
from ._vmap import pmap as pmap, vmap as vmap
