"""How the call frame of XLA's typed FFI is laid out.

A handler gets one pointer, to an `XLA_FFI_CallFrame` (xla/ffi/api/c_api.h). The byte
offsets below are those of 64-bit platforms. `layout_problem` compares the header that
jaxlib ships with the fields they were counted from, so that another layout means the
XLA path, never a wrong address.
"""

import re
import struct
from pathlib import Path

import jax

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
