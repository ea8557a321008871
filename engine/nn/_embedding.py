"""Vectors looked up by number."""

from __future__ import annotations

from collections.abc import Callable

from .. import init
from .._state import ParamState
from ..typing import ArrayLike
from ._errors import SizeError
from ._module import Module

LECUN = init.LecunUniform()


class Embedding(Module):
    """Table that gives a learned vector for every index.

    Parameters
    ----------
    num_embeddings : int
        Number of vectors; indices run from 0 to one below.
    embedding_size : int
        Length of a vector.
    embedding_init : callable or array, shape (num_embeddings, embedding_size)
        The vectors. Default ``LecunUniform()``.
    name : str, optional
        Name for messages and printing.

    States
    ------
    weight : ParamState, shape (num_embeddings, embedding_size)

    Raises
    ------
    SizeError
        If a size is negative.
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_size: int,
        embedding_init: Callable | ArrayLike = LECUN,
        name: str | None = None,
    ):
        super().__init__(name=name)
        sizes = {"num_embeddings": num_embeddings, "embedding_size": embedding_size}
        for what, size in sizes.items():
            if size < 0:
                raise SizeError(f"Embedding.{what} is {size}; it cannot be negative.")
        self.num_embeddings = num_embeddings
        self.embedding_size = embedding_size
        self.out_size = (embedding_size,)
        shape = (num_embeddings, embedding_size)
        self.weight = ParamState(init.param(embedding_init, shape, allow_none=False))

    def update(self, indices):
        """Return the vectors, shape (*indices.shape, embedding_size)."""
        return self.weight.value[indices]
