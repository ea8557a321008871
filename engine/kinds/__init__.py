"""Kinds: engine classes with what a person needs to use them."""

from . import connections, inputs, neurons, probes, synapses  # noqa: F401 (they register)
from ._kind import (
    EdgeKind as EdgeKind,
    Kind as Kind,
    NodeKind as NodeKind,
    OutputKind as OutputKind,
    Param as Param,
    Port as Port,
    RuleKind as RuleKind,
    SynapseKind as SynapseKind,
)
from ._registry import (
    KindError as KindError,
    UnknownKindError as UnknownKindError,
    all_kinds as all_kinds,
    catalogue as catalogue,
    find as find,
    get as get,
    of_class as of_class,
    register as register,
    subscribe as subscribe,
    unregister as unregister,
)
from ._units import (
    factors as factors,
    measure_of as measure_of,
    quantity_name as quantity_name,
    unit_of as unit_of,
)
from ._value import (
    ValueProblem as ValueProblem,
    number_in as number_in,
    parse_value as parse_value,
    shown as shown,
    to_quantity as to_quantity,
)
from .neurons import NEURON_PORTS as NEURON_PORTS
