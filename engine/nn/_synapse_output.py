"""From conductances to currents."""

from __future__ import annotations

import brainunit as u

from ..mixin import BindCondData
from ._errors import UnboundError
from ._integrate import derivative
from ._module import Module
from ._units import is_zero, value_of


class SynOut(Module, BindCondData):
    """Current of a synapse, from the conductance of this step and the potential.

    Notes
    -----
    A projection binds the conductance in each step; the postsynaptic population
    calls the output with its potential, and lets go of the conductance at the end
    of its step.

    Raises
    ------
    UnboundError
        If it is called in a step in which no conductance was bound.
    """

    _conductance = None

    def bind_cond(self, conductance):
        """Set the conductance of this step."""
        self._conductance = conductance

    def unbind_cond(self):
        """Forget the conductance."""
        self._conductance = None

    def _bound(self):
        if self._conductance is None:
            raise UnboundError(
                f"{type(self).__name__}: no conductance in this step. Run the "
                f"projection before the population that it projects to."
            )
        return self._conductance

    def __call__(self, *args, **kwargs):
        return self.update(self._bound(), *args, **kwargs)

    def slope(self, potential):
        """Return the derivative of the current by the potential, None if zero."""
        conductance = self._bound()
        return derivative(lambda V: self.update(conductance, V), potential)[1]


class COBA(SynOut):
    r"""Current through a conductance.

    .. math:: I = g (E - V)

    Parameters
    ----------
    E : array, shape () or that of the population, voltage
        Reversal potential.
    """

    def __init__(self, E):
        super().__init__()
        self.E = E

    def update(self, conductance, potential):
        """Return the current."""
        return conductance * (value_of(self.E) - potential)

    def slope(self, potential):
        """Return the derivative of the current by the potential."""
        return -self._bound()


class CUBA(SynOut):
    r"""Current that does not depend on the potential.

    .. math:: I = s\,g

    Parameters
    ----------
    scale : array or unit
        What a conductance of 1 gives; a unit of voltage turns conductances into
        currents, ``scale=1`` leaves `g` as it is. Default 1 V.
    """

    def __init__(self, scale=u.volt):
        super().__init__()
        self.scale = scale

    def update(self, conductance, potential=None):
        """Return the current; `potential` plays no part."""
        scale = value_of(self.scale)
        is_one = isinstance(scale, (int, float)) and scale == 1
        return conductance if is_one else conductance * scale

    def slope(self, potential):
        """Return nothing: the current does not depend on the potential."""


class MgBlock(SynOut):
    r"""Current through a conductance that magnesium blocks at low potentials.

    .. math:: I = \frac{g (E - V)}
              {1 + \frac{[Mg]}{\beta} e^{\alpha (V_{offset} - V)}}

    Parameters
    ----------
    E : array, voltage
        Reversal potential. Default 0.
    cc_Mg : array, concentration (mM if without unit)
        Magnesium outside of the cell. Default 1.2.
    alpha : array, 1 / voltage
        Steepness. Default 0.062 (per mV).
    beta : array, concentration (mM if without unit)
        Magnesium at which half is blocked at `V_offset`. Default 3.57.
    V_offset : array, voltage
        Shift of the curve. Default 0.

    References
    ----------
    Jahr & Stevens, J. Neurosci. 10 (1990), eq. 4a.
    """

    def __init__(self, E=0.0, cc_Mg=1.2, alpha=0.062, beta=3.57, V_offset=0.0):
        super().__init__()
        self.E = E
        self.cc_Mg = cc_Mg
        self.alpha = alpha
        self.beta = beta
        self.V_offset = V_offset

    def update(self, conductance, potential):
        """Return the current."""
        given = (self.E, self.V_offset, self.alpha)
        E, offset, alpha = (value_of(parameter) for parameter in given)
        unit = u.get_unit(potential)
        if not unit.is_unitless:
            E, offset = (
                u.Quantity(level, unit=unit) if is_zero(level) else level
                for level in (E, offset)
            )
            alpha = alpha if isinstance(alpha, u.Quantity) else alpha / u.mV
        blocked = (
            value_of(self.cc_Mg)
            / value_of(self.beta)
            * u.math.exp(alpha * (offset - potential))
        )
        return conductance * (E - potential) / (1 + blocked)
