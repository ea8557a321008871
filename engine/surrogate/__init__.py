r"""Spikes with a gradient: the Heaviside step forward, a smooth curve backward.

A spiking neuron emits :math:`s = \Theta(x)`, whose derivative is zero almost
everywhere. Every class here keeps that forward value exactly and lends the derivative
:math:`g'(x)` of a curve :math:`g` to differentiation
(Neftci, Mostafa and Zenke, *Surrogate gradient learning in spiking neural networks*,
IEEE Signal Processing Magazine 36, 2019).

A curve is one frozen dataclass: its fields are its parameters, `surrogate_fun` is
:math:`g`, and :math:`g'` is `jax.grad` of it unless `surrogate_grad` is written out.
The function of each curve (`sigmoid` for `Sigmoid`, ...) is made from its class.
"""

from ._base import Surrogate as Surrogate
from ._bells import (
    GaussianGrad as GaussianGrad,
    InvSquareGrad as InvSquareGrad,
    MultiGaussianGrad as MultiGaussianGrad,
    ReluGrad as ReluGrad,
    SlayerGrad as SlayerGrad,
)
from ._ramps import (
    S2NN as S2NN,
    LeakyRelu as LeakyRelu,
    LogTailedRelu as LogTailedRelu,
    NonzeroSignLog as NonzeroSignLog,
    PiecewiseLeakyRelu as PiecewiseLeakyRelu,
)
from ._steps import (
    ERF as ERF,
    Arctan as Arctan,
    PiecewiseExp as PiecewiseExp,
    PiecewiseQuadratic as PiecewiseQuadratic,
    QPseudoSpike as QPseudoSpike,
    Sigmoid as Sigmoid,
    SoftSign as SoftSign,
    SquarewaveFourierSeries as SquarewaveFourierSeries,
)

sigmoid = Sigmoid.as_function()
piecewise_quadratic = PiecewiseQuadratic.as_function()
piecewise_exp = PiecewiseExp.as_function()
soft_sign = SoftSign.as_function()
arctan = Arctan.as_function()
nonzero_sign_log = NonzeroSignLog.as_function()
erf = ERF.as_function()
piecewise_leaky_relu = PiecewiseLeakyRelu.as_function()
squarewave_fourier_series = SquarewaveFourierSeries.as_function()
s2nn = S2NN.as_function()
q_pseudo_spike = QPseudoSpike.as_function()
leaky_relu = LeakyRelu.as_function()
log_tailed_relu = LogTailedRelu.as_function()
relu_grad = ReluGrad.as_function()
gaussian_grad = GaussianGrad.as_function()
inv_square_grad = InvSquareGrad.as_function()
multi_gaussian_grad = MultiGaussianGrad.as_function()
slayer_grad = SlayerGrad.as_function()
