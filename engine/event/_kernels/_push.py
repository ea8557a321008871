"""The push kernel: every spike adds its row of weights to the targets.

One closure serves all variants (spikes as bool or real numbers, one weight or one for
each synapse, single and double precision); only those in use are ever compiled. The
sums run in the order of neurons, then of synapses, as XLA's scatter does on a CPU.

A target beyond the last neuron is skipped and a row ends at the last synapse, so that
no table, however wrong, writes outside of the result.
"""

from collections.abc import Callable
from typing import Any

from numba import types

from ._frame import (
    argument,
    data,
    is_query,
    length,
    load,
    n_rows,
    prefetch,
    rank,
    result,
    store,
)

N_AHEAD = 4  # rows fetched ahead of their turn: hides memory from 10^5 neurons on
CACHE_LINE = 64

REAL = {"float32": types.float32, "float64": types.float64}


def push_kernel(
    is_bool: bool, is_homogeneous: bool, dtype: str, is_narrow: bool
) -> Callable[..., Any]:
    """Make the handler of one variant.

    Its arguments are (out, spikes, indptr, indices, weight) and its results out, which
    may share the memory of the argument, and the scratch list of active neurons.
    """
    real = REAL[dtype]
    event: Any = types.uint8 if is_bool else real
    event_size = event.bitwidth // 8
    real_size = real.bitwidth // 8
    weight_rank = 0 if is_homogeneous else 1
    word: Any = types.uint16 if is_narrow else types.uint32
    word_size = word.bitwidth // 8

    def push(frame):
        if is_query(frame):
            return 0
        spikes_buffer, weight_buffer = argument(frame, 1), argument(frame, 4)
        before, after = data(argument(frame, 0)), data(result(frame, 0))
        spikes, active = data(spikes_buffer), data(result(frame, 1))
        indptr, indices = data(argument(frame, 2)), data(argument(frame, 3))
        weight = data(weight_buffer)
        n_batch, n_pre = n_rows(spikes_buffer), length(spikes_buffer)
        n_post, n_synapses = length(argument(frame, 0)), length(argument(frame, 3))
        n_blocks = 1
        if is_narrow:  # of 2**16 targets each, see `event._blocks`
            n_blocks = (length(argument(frame, 2)) - 1) // max(n_pre, 1)
        weight_stride = 0
        if rank(weight_buffer) > weight_rank:
            weight_stride = real_size if is_homogeneous else real_size * n_synapses
        if before != after:
            for i in range(n_batch * n_post):
                store(after + real_size * i, load(real, before + real_size * i))
        for _ in range(n_batch):
            # 1 The active neurons, in order; eight silent ones in one look.
            n, i = 0, 0
            while i < n_pre:
                if is_bool and i + 8 <= n_pre and load(types.int64, spikes + i) == 0:
                    i += 8
                    continue
                store(active + 4 * n, types.int32(i))
                n += load(event, spikes + event_size * i) != 0
                i += 1
            # 2 Their rows.
            scale = real(0)
            if is_homogeneous:
                scale = load(real, weight)
            for z in range(n):
                if z + N_AHEAD < n:
                    pre = load(types.int32, active + 4 * (z + N_AHEAD))
                    row = indptr + 4 * n_blocks * pre
                    line = indices + word_size * load(types.uint32, row)
                    row += 4 * n_blocks
                    end = indices + word_size * load(types.uint32, row)
                    while line < end:
                        prefetch(line)
                        line += CACHE_LINE
                pre = load(types.int32, active + 4 * z)
                one = scale
                if not is_bool:
                    one = scale * load(event, spikes + event_size * pre)
                for block in range(n_blocks):
                    row = indptr + 4 * (n_blocks * pre + block)
                    first, last = load(types.uint32, row), load(types.uint32, row + 4)
                    for k in range(first, min(last, n_synapses)):
                        if not is_homogeneous:
                            one = load(real, weight + real_size * k)
                            if not is_bool:
                                one *= load(event, spikes + event_size * pre)
                        post = types.int64(load(word, indices + word_size * k))
                        post += 65536 * block
                        if post < n_post:
                            target = after + real_size * post
                            store(target, load(real, target) + one)
            after += real_size * n_post
            spikes += event_size * n_pre
            weight += weight_stride
        return 0

    return push
