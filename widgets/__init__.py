"""The editor in the browser, and the messages it exchanges with the kernel.

This part shows and listens. It knows neither the simulator nor the graph.
"""

from ._buffers import pack as pack, unpack as unpack
from ._credits import Credits as Credits
from ._editor import Editor as Editor
from ._errors import (
    FrontEndMissingError as FrontEndMissingError,
    ProtocolError as ProtocolError,
    WidgetError as WidgetError,
)
from ._protocol import (
    PROTOCOL_VERSION as PROTOCOL_VERSION,
    Ack as Ack,
    Asset as Asset,
    BrowserMessage as BrowserMessage,
    Bye as Bye,
    Catalogue as Catalogue,
    Edit as Edit,
    File as File,
    FileDone as FileDone,
    Frame as Frame,
    Hello as Hello,
    KernelMessage as KernelMessage,
    Missed as Missed,
    Need as Need,
    Patch as Patch,
    Redo as Redo,
    Refused as Refused,
    Run as Run,
    RunState as RunState,
    Silence as Silence,
    Snapshot as Snapshot,
    Undo as Undo,
    View as View,
    parse as parse,
    parse_kernel as parse_kernel,
)
