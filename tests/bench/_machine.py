"""What this machine can do at best: bandwidth, and additions at random places.

python _machine.py NEURONS BYTES

prints one line of JSON: bytes a second of ``a = b + s c`` on arrays of so many bytes in
all, and the seconds of an addition to one of so many numbers at random.
"""

from __future__ import annotations

import ctypes
import json
import sys
import time

import numpy as np

from engine._machine_code import MachineCode

_CODE = """
target triple = "{triple}"

define void @triad(ptr noalias %a, ptr noalias %b, i64 %n, i64 %times) #0 {{
start:
  %c = getelementptr float, ptr %b, i64 %n
  br label %again
again:
  %k = phi i64 [ 0, %start ], [ %k_next, %done ]
  br label %loop
loop:
  %i = phi i64 [ 0, %again ], [ %next, %loop ]
  %pb = getelementptr float, ptr %b, i64 %i
  %pc = getelementptr float, ptr %c, i64 %i
  %pa = getelementptr float, ptr %a, i64 %i
  %vb = load float, ptr %pb
  %vc = load float, ptr %pc
  %scaled = fmul contract float %vc, 0x3FE0000000000000
  %sum = fadd contract float %scaled, %vb
  store float %sum, ptr %pa
  %next = add nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %done
done:
  %k_next = add nsw i64 %k, 1
  %again_more = icmp slt i64 %k_next, %times
  br i1 %again_more, label %again, label %end
end:
  ret void
}}

define void @scatter(ptr noalias %sums, ptr noalias %places, i64 %n, i64 %unused) #0 {{
start:
  br label %loop
loop:
  %i = phi i64 [ 0, %start ], [ %next, %loop ]
  %p = getelementptr i32, ptr %places, i64 %i
  %at = load i32, ptr %p
  %wide = zext i32 %at to i64
  %place = getelementptr float, ptr %sums, i64 %wide
  %before = load float, ptr %place
  %after = fadd float %before, 1.0
  store float %after, ptr %place
  %next = add nsw i64 %i, 1
  %more = icmp slt i64 %next, %n
  br i1 %more, label %loop, label %end
end:
  ret void
}}

attributes #0 = {{ nounwind "prefer-vector-width"="512" }}
"""
_TAKES = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 2, *[ctypes.c_int64] * 2)
ADDITIONS = 2**21
SECONDS = 0.3


def best(call: object, *arrays: object) -> float:
    """Return the seconds of a call, at best."""
    found, end = np.inf, time.perf_counter() + SECONDS
    while time.perf_counter() < end:
        begin = time.perf_counter()
        call(*arrays)  # type: ignore[operator]
        found = min(found, time.perf_counter() - begin)
    return found


def main(n: int, size: int) -> None:
    """Measure."""
    import llvmlite.binding as llvm

    code = MachineCode(_CODE.format(triple=llvm.get_default_triple()))
    triad, scatter = (_TAKES(code.address(name)) for name in ("triad", "scatter"))
    each = max(size // 12, 1024)
    first, others = np.ones(each, np.float32), np.ones(2 * each, np.float32)
    times = max(1, 2**22 // each)
    given = (first.ctypes.data, others.ctypes.data, each, times)
    bandwidth = 12 * each * times / best(triad, *given)
    sums = np.zeros(n, np.float32)
    places = np.random.default_rng(1).integers(0, n, ADDITIONS, dtype=np.uint32)
    given = (sums.ctypes.data, places.ctypes.data, ADDITIONS, 0)
    addition = best(scatter, *given) / ADDITIONS
    print(json.dumps({"bandwidth": bandwidth, "addition": addition}))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
