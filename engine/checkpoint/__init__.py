"""Checkpoints: the States of modules and optimizers on disk, by orbax-checkpoint.

    from engine import checkpoint, random

    everything = {"model": model, "optimizer": optimizer, "random": random.DEFAULT}
    checkpoint.save("runs/epoch_3", everything)
    checkpoint.restore("runs/epoch_3", everything)

Not to be mixed up with `engine.compile.checkpoint`, which saves memory in gradients.
"""

from ._errors import (
    CheckpointError as CheckpointError,
    DamagedCheckpointError as DamagedCheckpointError,
    DifferentStatesError as DifferentStatesError,
    MissingPackageError as MissingPackageError,
    NotACheckpointError as NotACheckpointError,
    UnsavableValueError as UnsavableValueError,
)
from ._restore import Restored as Restored, restore as restore
from ._save import save as save
