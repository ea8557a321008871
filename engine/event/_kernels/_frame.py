"""How a native kernel reads its arguments: the call frame of XLA's typed FFI.

A handler gets one pointer, to an `XLA_FFI_CallFrame` (xla/ffi/api/c_api.h). The byte
offsets below are those of 64-bit platforms. `layout_problem` compares the header that
jaxlib ships with the fields they were counted from, so that another layout means the
XLA path, never a wrong address.
"""

# pyright: reportCallIssue=false
# numba gives an intrinsic its typing context; calls in kernels leave that out.

import re
import struct
from pathlib import Path

import jax
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

# Fields of every struct read here, as jaxlib's header must list them.
FIELDS = {
    "XLA_FFI_CallFrame": "struct_size extension_start api ctx stage args rets attrs",
    "XLA_FFI_Args": "struct_size extension_start size types args",
    "XLA_FFI_Rets": "struct_size extension_start size types rets",
    "XLA_FFI_Buffer": "struct_size extension_start dtype data rank dims",
    # the second name is that of jaxlib 0.12
    "XLA_FFI_Extension_Base|XLA_FFI_InternalExtension": "struct_size type next",
    "XLA_FFI_Api_Version": "struct_size extension_start major_version minor_version",
    "XLA_FFI_Metadata": "struct_size api_version traits",
    "XLA_FFI_Metadata_Extension": "extension_base metadata",
}
FRAME_EXTENSION, FRAME_ARGS, FRAME_RETS = 8, 72, 112
EXTENSION_TYPE, METADATA_EXTENSION, EXTENSION_METADATA = 8, 1, 24
METADATA_MAJOR, METADATA_MINOR = 24, 28
API_MAJOR, API_MINOR = 0, 1
BUFFER_DATA, BUFFER_RANK, BUFFER_DIMS = 24, 32, 40


def layout_problem() -> str | None:
    """Say why the frame cannot be read on this machine, or None if it can."""
    if struct.calcsize("P") != 8:
        return "pointers are not 64 bits wide"
    header = Path(jax.ffi.include_dir()) / "xla" / "ffi" / "api" / "c_api.h"
    if not header.is_file():
        return f"jaxlib ships no {header.name}"
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", header.read_text(), flags=re.S)
    major = re.search(r"#define XLA_FFI_API_MAJOR (\d+)", text)
    if major is None or int(major[1]) != API_MAJOR:
        return "the FFI of this jaxlib has another major version"
    for name, wanted in FIELDS.items():
        body = re.search(rf"struct (?:{name}) \{{(.*?)\}};", text, flags=re.S)
        fields = re.findall(r"(\w+)\s*;", body[1]) if body else []
        if fields[: len(wanted.split())] != wanted.split():
            return f"struct {name} of this jaxlib has fields {fields}"
    extension = re.search(r"XLA_FFI_Extension_Metadata\s*=\s*(\d+)", text)
    if extension is None or int(extension[1]) != METADATA_EXTENSION:
        return "the metadata extension of this jaxlib has another number"
    return None


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
