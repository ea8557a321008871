"""From text of LLVM to machine code, kept for the next session."""

from __future__ import annotations

import functools
import hashlib
import threading

import llvmlite.binding as llvm

from . import _kept

# unrolling takes most of the time of a compilation, and makes no step faster
_TUNING = {
    "loop_vectorization": True,
    "loop_interleaving": True,
    "slp_vectorization": False,
    "loop_unrolling": False,
}
_lock = threading.Lock()


class MachineCode:
    """Functions in memory.

    The code is kept for the next session, under a name made of the text.

    Parameters
    ----------
    text : str
        A module of LLVM.

    Attributes
    ----------
    was_kept : bool
        Whether the code came from an earlier session.
    """

    def __init__(self, text: str):
        what = f"{text}{_TUNING}".encode()
        name = hashlib.blake2b(what, digest_size=16).hexdigest() + ".o"
        kept = _kept.read(name)
        self.was_kept = kept is not None
        with _lock:
            machine = _machine()
            module = llvm.parse_assembly(text)
            module.verify()
            if kept is None:
                _optimize(module, machine)
            self._engine = llvm.create_mcjit_compiler(module, machine)
            self._engine.set_object_cache(
                lambda _, code: _kept.write(name, code), lambda _: kept
            )
            self._engine.finalize_object()

    def address(self, name: str) -> int:
        """Return where a function is; it stays there as long as this object."""
        return self._engine.get_function_address(name)


def _optimize(module: llvm.ModuleRef, machine: llvm.TargetMachine) -> None:
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    for name, value in _TUNING.items():
        setattr(options, name, value)
    builder = llvm.create_pass_builder(machine, options)
    builder.getModulePassManager().run(module, builder)
    # functions of several numbers came with the vectorizer, after the inliner
    last = llvm.create_new_module_pass_manager()
    last.add_always_inliner_pass()
    last.add_instruction_combine_pass()
    last.run(module, builder)


@functools.cache
def _start() -> None:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()


def _machine() -> llvm.TargetMachine:
    _start()
    target = llvm.Target.from_default_triple()
    return target.create_target_machine(
        cpu=llvm.get_host_cpu_name(),
        features=llvm.get_host_cpu_features().flatten(),
        opt=3,
        codemodel="jitdefault",
        jit=True,
    )
