"""Optimizers and learning-rate schedules."""

from ._adaptive import (
    Adadelta as Adadelta,
    Adagrad as Adagrad,
    Adam as Adam,
    AdamW as AdamW,
    Adan as Adan,
    RMSProp as RMSProp,
)
from ._base import (
    Optimizer as Optimizer,
    OptimizerError as OptimizerError,
    OptimState as OptimState,
    RuleOptimizer as RuleOptimizer,
    SGDOptimizer as SGDOptimizer,
    WeightTypeError as WeightTypeError,
    to_same_dict_tree as to_same_dict_tree,
)
from ._optax import OptaxOptimizer as OptaxOptimizer
from ._schedule import (
    ConstantLR as ConstantLR,
    CosineAnnealingLR as CosineAnnealingLR,
    ExponentialLR as ExponentialLR,
    LearningRateScheduler as LearningRateScheduler,
    MultiStepLR as MultiStepLR,
    ScheduleError as ScheduleError,
    StepLR as StepLR,
    make_schedule as make_schedule,
)
from ._schedule_calls import (
    CallBasedLRScheduler as CallBasedLRScheduler,
    CosineAnnealingWarmRestarts as CosineAnnealingWarmRestarts,
    ExponentialDecayLR as ExponentialDecayLR,
    InverseTimeDecayLR as InverseTimeDecayLR,
    PiecewiseConstantLR as PiecewiseConstantLR,
    PolynomialDecayLR as PolynomialDecayLR,
)
from ._sgd import (
    LARS as LARS,
    SGD as SGD,
    Momentum as Momentum,
    MomentumNesterov as MomentumNesterov,
)
