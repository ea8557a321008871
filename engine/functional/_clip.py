"""Bounds on gradients."""

from __future__ import annotations

import brainunit as u
import jax
import jax.numpy as jnp


def clip_grad_norm(grad, max_norm, norm_type: float | str | None = None):
    r"""Scale gradients down to a norm, taken over all of them together.

    .. math:: g \leftarrow g \min(1, c / (\|g\| + 10^{-6}))

    Parameters
    ----------
    grad : pytree of arrays
        Gradients. Of quantities the numbers in their units make up the norm.
    max_norm : float
        The largest norm :math:`c`.
    norm_type : float or ``"inf"``, default 2
        Which p-norm.

    Returns
    -------
    pytree of arrays
        As `grad`.

    References
    ----------
    Pascanu et al., On the difficulty of training recurrent neural networks, ICML
    (2013), algorithm 1.
    """
    order = jnp.inf if norm_type == "inf" else norm_type
    leaves = [jnp.ravel(jnp.asarray(u.get_mantissa(x))) for x in _leaves(grad)]
    norm = jnp.linalg.norm(jnp.concatenate(leaves), ord=order) if leaves else 0.0
    factor = jnp.minimum(1.0, max_norm / (norm + 1e-6))
    return jax.tree.map(lambda x: x * factor.astype(jnp.result_type(x)), grad)


def _leaves(tree) -> list:
    return jax.tree.leaves(tree, is_leaf=lambda x: isinstance(x, u.Quantity))
