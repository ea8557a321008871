"""How the call frame of XLA's typed FFI is laid out.

A handler gets one pointer, to an `XLA_FFI_CallFrame` (xla/ffi/api/c_api.h). The byte
offsets below are those of 64-bit platforms. `layout_problem` compares the header that
jaxlib ships with the fields they were counted from, so that another layout means the
XLA path, never a wrong address.
"""

import functools
import re
import struct
from pathlib import Path

import jax

HEADER = Path("xla") / "ffi" / "api" / "c_api.h"
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
FRAME_EXTENSION, FRAME_API, FRAME_CONTEXT, FRAME_ARGS, FRAME_RETS = 8, 16, 24, 72, 112
EXTENSION_TYPE, METADATA_EXTENSION, EXTENSION_METADATA = 8, 1, 24
METADATA_MAJOR, METADATA_MINOR = 24, 28
API_MAJOR, API_MINOR = 0, 1
BUFFER_DATA, BUFFER_RANK, BUFFER_DIMS = 24, 32, 40

# Functions of the interface, by their places in the table that the frame points to.
FUNCTIONS = {2: "Error_Destroy", 11: "ThreadPool_Schedule"}
API_ERROR_DESTROY, API_SCHEDULE = (48 + 8 * place for place in FUNCTIONS)
TASKS = {
    "XLA_FFI_Api": "struct_size extension_start api_version internal_api",
    "XLA_FFI_Error_Destroy_Args": "struct_size extension_start error",
    "XLA_FFI_ThreadPool_Schedule_Args": "struct_size extension_start ctx task data",
}


def layout_problem() -> str | None:
    """Say why the frame cannot be read on this machine, or None if it can."""
    if struct.calcsize("P") != 8:
        return "pointers are not 64 bits wide"
    text = _header()
    if text is None:
        return f"jaxlib ships no {HEADER.name}"
    major = re.search(r"#define XLA_FFI_API_MAJOR (\d+)", text)
    if major is None or int(major[1]) != API_MAJOR:
        return "the FFI of this jaxlib has another major version"
    problem = _other_fields(text, FIELDS)
    if problem is not None:
        return problem
    extension = re.search(r"XLA_FFI_Extension_Metadata\s*=\s*(\d+)", text)
    if extension is None or int(extension[1]) != METADATA_EXTENSION:
        return "the metadata extension of this jaxlib has another number"
    return None


@functools.cache
def has_tasks() -> bool:
    """Tell whether handlers can ask for threads of XLA, as is written here."""
    text = _header() or ""
    if layout_problem() is not None or _other_fields(text, TASKS) is not None:
        return False
    body = re.search(r"struct XLA_FFI_Api \{(.*?)\};", text, flags=re.S)
    assert body is not None
    functions = re.findall(r"_STRUCT_FIELD\(XLA_FFI_(\w+)\)", body[1])
    are_all = body[1].count(";") == len(functions) + len(TASKS["XLA_FFI_Api"].split())
    return are_all and all(functions[k : k + 1] == [f] for k, f in FUNCTIONS.items())


def _header() -> str | None:
    """Return the header of the interface, without comments."""
    header = Path(jax.ffi.include_dir()) / HEADER
    if not header.is_file():
        return None
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", header.read_text(), flags=re.S)


def _other_fields(text: str, expected: dict[str, str]) -> str | None:
    """Name the first struct that has other fields."""
    for name, wanted in expected.items():
        body = re.search(rf"struct (?:{name}) \{{(.*?)\}};", text, flags=re.S)
        fields = re.findall(r"(\w+)\s*;", body[1]) if body else []
        if fields[: len(wanted.split())] != wanted.split():
            return f"struct {name} of this jaxlib has fields {fields}"
    return None
