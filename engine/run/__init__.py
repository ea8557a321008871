"""Running a network: in chunks, with everything that can change as an input."""

from ._chunk import Chunk as Chunk
from ._errors import (
    ParameterError as ParameterError,
    RecordError as RecordError,
    RunError as RunError,
)
from ._hosts import (
    join_hosts as join_hosts,
    number_of_host as number_of_host,
    want_devices as want_devices,
)
from ._predict import Forecast as Forecast, Prediction as Prediction
from ._record import Spikes as Spikes, Trace as Trace
from ._result import Result as Result, SpikeTrain as SpikeTrain
from ._share import build_share as build_share
from ._simulate import simulate as simulate
from ._simulation import Simulation as Simulation
