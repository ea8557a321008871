"""The document: records, edits, history, files."""

from .._errors import (
    ConflictError as ConflictError,
    DamagedFileError as DamagedFileError,
    FileError as FileError,
    NewerFormatError as NewerFormatError,
    ReadOnlyError as ReadOnlyError,
    Refused as Refused,
    StudioError as StudioError,
    TooLargeError as TooLargeError,
    UnknownNameError as UnknownNameError,
)
from ._change import Change as Change
from ._codec import decode as decode, encode as encode
from ._document import Document as Document
from ._edits import (
    AddNode as AddNode,
    Connect as Connect,
    Duplicate as Duplicate,
    Edit as Edit,
    Move as Move,
    Paste as Paste,
    Remove as Remove,
    SetField as SetField,
)
from ._files import SUFFIX as SUFFIX, backups as backups, inside as inside
from ._journal import Recovery as Recovery
