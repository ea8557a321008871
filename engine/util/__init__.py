"""Mappings, filters, pytree dataclasses and memory helpers that the engine shares."""

from .._errors import (
    EngineError as BrainStateError,
    TraceContextError as TraceContextError,
)
from .._pretty import (
    MappingReprMixin as MappingReprMixin,
    PrettyAttr as PrettyAttr,
    PrettyMapping as PrettyMapping,
    PrettyRepr as PrettyRepr,
    PrettyType as PrettyType,
)
from ._call import CallProxy as CallProxy
from ._dict import DictManager as DictManager, DotDict as DotDict, display as display
from ._filter import (
    FilterError as FilterError,
    is_instance_eval as is_instance_eval,
    not_instance_eval as not_instance_eval,
    to_predicate as to_predicate,
)
from ._memory import (
    IdMemScaling as IdMemScaling,
    MemScaling as MemScaling,
    clear_buffer_memory as clear_buffer_memory,
)
from ._nested_dict import (
    FlattedDict as FlattedDict,
    NestedDict as NestedDict,
    PathError as PathError,
    PrettyDict as PrettyDict,
    SplitError as SplitError,
    empty_node as empty_node,
    flat_mapping as flat_mapping,
    nest_mapping as nest_mapping,
)
from ._struct import (
    FrozenDict as FrozenDict,
    PyTreeNode as PyTreeNode,
    dataclass as dataclass,
    field as field,
)

__all__ = ["BrainStateError"]
