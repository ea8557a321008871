"""What is told of a network before it is built, against what follows from its sizes."""

import pytest
from drawings import draw, node, project, zoo

from engine import environ, event
from engine.lower import _check, _estimate, plan
from engine.run import Forecast
from engine.run._rehearsal import rehearse


def pair(n=400, prob=0.1, **edge):
    """Return the plan of a population that drives another."""
    ends = node("a", "LIFRef", n), node("b", "LIFRef", n)
    rule = {"rule": "FixedProb", "rule_params": {"prob": prob}, "weight": "1 nS"}
    return plan(draw(*ends, project("e", "a", "b", **rule, **edge)))


def test_what_is_done_for_each_neuron_grows_with_their_number():
    small, large = rehearse(pair(100)), rehearse(pair(300))
    for key in ("simple", "function", "bytes", "looks"):
        assert large[key] == 3 * small[key] > 0
    for key in ("scalars", "lines", "products"):
        assert large[key] == small[key] > 0


def test_the_time_of_a_run_follows_the_rates():
    forecast = Forecast(pair())
    silent, slow, fast = (forecast.at(rate).run_seconds for rate in (0.0, 10.0, 30.0))
    assert 0 < silent < slow
    assert fast - silent == pytest.approx(3 * (slow - silent))
    assert forecast.at({"a": 30.0}).run_seconds == pytest.approx(fast)


def test_the_time_of_a_run_follows_the_synapses():
    few, many = (Forecast(pair(prob=prob)) for prob in (0.1, 0.3))
    rise = [one.at(20.0).run_seconds - one.at(10.0).run_seconds for one in (few, many)]
    # 160 000 synapses at most: both tables fit a cache
    assert 2 < rise[1] / rise[0] < 3


def test_nothing_is_drawn(monkeypatch):
    for module in (_check, _estimate):
        monkeypatch.setattr(module, "free_bytes", lambda: 10**11)
    huge = pair(n=50_000, prob=0.4)  # a milliard of synapses, 4 GB
    told = Forecast(huge).at(1.0)
    assert told.run_seconds > Forecast(pair()).at(1.0).run_seconds
    assert told.build_seconds > 10


def test_an_input_has_the_rate_it_is_given():
    ends = node("p", "Poisson", 10, rate="400 Hz"), node("b", "LIFRef", 10)
    told = Forecast(plan(draw(*ends, project("e", "p", "b", weight="1 nS")))).at(5.0)
    # of a source that may spike once in a step of 0.1 ms
    assert told.rates == {"p": pytest.approx(400, rel=0.03)}


def test_of_programs_of_xla_nothing_is_told():
    with event.use_backend("xla"):
        told = Forecast(pair()).at()
    assert told.run_seconds is None
    assert told.build_seconds > 0


@pytest.mark.parametrize("precision", [32, 64])
def test_every_kind_can_be_told(precision):
    with environ.context(precision=precision):
        assert Forecast(plan(zoo())).at().run_seconds > 0
