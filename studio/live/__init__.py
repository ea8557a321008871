"""A network that runs while it is drawn: commands in, statuses and frames out."""

from ._commands import (
    Advance as Advance,
    Cancel as Cancel,
    Close as Close,
    Command as Command,
    Parameters as Parameters,
    Pause as Pause,
    Record as Record,
    Reset as Reset,
    Retell as Retell,
    Show as Show,
    Speed as Speed,
    Start as Start,
    Structure as Structure,
)
from ._controller import RunController as RunController
from ._network import (
    BuildError as BuildError,
    LiveNetwork as LiveNetwork,
    NeedsBuildingError as NeedsBuildingError,
)
from ._simulated import (
    EngineBuilder as EngineBuilder,
    SimulatedNetwork as SimulatedNetwork,
)
from ._status import Progress as Progress, Status as Status
from ._stream import (
    Arrays as Arrays,
    FrameBuilder as FrameBuilder,
    Source as Source,
)
