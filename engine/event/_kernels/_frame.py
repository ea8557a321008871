"""How a native kernel of numba reads its arguments from a call frame, see `_layout`."""

# pyright: reportCallIssue=false
# numba gives an intrinsic its typing context; calls in kernels leave that out.

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from ._layout import (
    API_MAJOR,
    API_MINOR,
    BUFFER_DATA,
    BUFFER_DIMS,
    BUFFER_RANK,
    EXTENSION_METADATA,
    EXTENSION_TYPE,
    FRAME_ARGS,
    FRAME_EXTENSION,
    FRAME_RETS,
    METADATA_EXTENSION,
    METADATA_MAJOR,
    METADATA_MINOR,
)

address = types.int64  # user addresses fit, and mix with plain Python literals


@intrinsic
def load(_typing, dtype, _at):
    """``load(dtype, at)``: read one number at an address."""

    def emit(context, builder, signature, args):
        kind = context.get_value_type(signature.return_type)
        return builder.load(builder.inttoptr(args[1], kind.as_pointer()))

    return dtype.dtype(dtype, address), emit


@intrinsic
def store(_typing, _at, value):
    """``store(at, value)``: write one number at an address."""

    def emit(context, builder, _signature, args):
        builder.store(args[1], builder.inttoptr(args[0], args[1].type.as_pointer()))
        return context.get_dummy_value()

    return types.void(address, value), emit


@intrinsic
def prefetch(_typing, _at):
    """``prefetch(at)``: ask for the cache line of an address ahead of its use."""

    def emit(context, builder, _signature, args):
        byte_pointer, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte_pointer, word, word, word])
        hint = builder.module.declare_intrinsic("llvm.prefetch", [byte_pointer], kind)
        pointer = builder.inttoptr(args[0], byte_pointer)
        builder.call(hint, [pointer, word(0), word(3), word(1)])
        return context.get_dummy_value()

    return types.void(address), emit


@njit(inline="always")
def is_query(frame):
    """Answer XLA's question for the handler's API version, if this call is one."""
    extension = load(address, frame + FRAME_EXTENSION)
    if extension == 0:
        return False
    if load(types.int32, extension + EXTENSION_TYPE) != METADATA_EXTENSION:
        return False
    metadata = load(address, extension + EXTENSION_METADATA)
    store(metadata + METADATA_MAJOR, types.int32(API_MAJOR))
    store(metadata + METADATA_MINOR, types.int32(API_MINOR))
    return True


@njit(inline="always")
def argument(frame, i):
    """Give the address of the buffer record of argument `i`."""
    return load(address, load(address, frame + FRAME_ARGS) + 8 * i)


@njit(inline="always")
def result(frame, i):
    """Give the address of the buffer record of result `i`."""
    return load(address, load(address, frame + FRAME_RETS) + 8 * i)


@njit(inline="always")
def data(buffer):
    """Give the address of a buffer's first element."""
    return load(address, buffer + BUFFER_DATA)


@njit(inline="always")
def rank(buffer):
    """Give the number of axes of a buffer."""
    return load(address, buffer + BUFFER_RANK)


@njit(inline="always")
def length(buffer):
    """Give the length of a buffer's last axis."""
    dims = load(address, buffer + BUFFER_DIMS)
    return load(address, dims + 8 * (rank(buffer) - 1))


@njit(inline="always")
def n_rows(buffer):
    """Give the product of all axes of a buffer but the last."""
    dims, n = load(address, buffer + BUFFER_DIMS), 1
    for axis in range(rank(buffer) - 1):
        n *= load(address, dims + 8 * axis)
    return n
