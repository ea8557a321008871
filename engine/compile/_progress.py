"""A progress bar for loops that run inside of compiled code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
from tqdm.auto import tqdm

from .._errors import EngineError


class ProgressError(EngineError, ValueError):
    """A progress bar cannot be drawn as asked."""


class ProgressBar:
    """A progress bar for `for_loop` and `scan`.

    Parameters
    ----------
    freq : int, optional
        Steps between updates. Default: the bar moves 20 times.
    count : int, optional
        How many times the bar moves; not together with `freq`.
    **kwargs
        Passed to tqdm, for example `desc="simulating"`.

    Raises
    ------
    ProgressError
        If both are given, or one is below 1.
    """

    def __init__(
        self, freq: int | None = None, count: int | None = None, **kwargs: Any
    ):
        if freq is not None and count is not None:
            raise ProgressError(
                f"ProgressBar: freq={freq} and count={count} are both given. Give one."
            )
        for name, value in (("freq", freq), ("count", count)):
            if value is not None and (not isinstance(value, int) or value < 1):
                raise ProgressError(
                    f"ProgressBar: {name} is {value!r}; it needs to be 1 or more."
                )
        self.print_freq = freq
        self.print_count = count
        self.tqdm_options = kwargs

    def every(self, n: int) -> int:
        """Return after how many steps of a loop of `n` the bar moves."""
        return self.print_freq or max(1, n // (self.print_count or 20))

    def init(self, n: int) -> Callable[[Any], None]:
        """Return what a loop of `n` steps calls with the number of each step.

        Parameters
        ----------
        n : int
            Steps of the loop.
        """
        every = self.every(n)
        options = {"desc": f"Running for {n} iterations", **self.tqdm_options}
        bars: list[Any] = []

        def move(step: Any) -> None:
            done = int(step) + 1
            if not bars:
                bars.append(tqdm(total=n, **options))
            bars[0].update(min(done, n) - bars[0].n)
            if done >= n:
                bars.pop().close()

        def update(step: Any) -> None:
            due = ((step + 1) % every == 0) | (step + 1 == n)
            jax.lax.cond(
                due,
                lambda s: jax.debug.callback(move, s, ordered=True),
                lambda s: None,
                step,
            )

        return update


def numbered(
    body: Callable[[Any, Any], Any], xs: Any, n: int, bar: ProgressBar | None
) -> tuple[Callable[[Any, Any], Any], Any]:
    """Return a step that moves a bar, and what is looped over."""
    if bar is None:
        return body, xs
    show = bar.init(n)

    def shown(carry: Any, item: Any) -> Any:
        number, x = item
        show(number)
        return body(carry, x)

    return shown, (jnp.arange(n), xs)
