from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, strategies as st

from studio.live._stream import FrameBuilder, Source


@dataclass
class Chunk:
    step0: int
    n: int
    spikes: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)
    traces: dict = field(default_factory=dict)


def chunk(step0, raster):
    """A chunk of one population, from a raster of shape (steps, neurons)."""
    offsets, neurons = np.nonzero(raster)
    return Chunk(
        step0,
        len(raster),
        {"n1": (offsets.astype(np.uint16), neurons.astype(np.uint32))},
        {"n1": raster.sum(1)},
        {"n2": np.arange(step0, step0 + len(raster), dtype=np.float32)[:, None]},
    )


@pytest.fixture
def builder():
    return FrameBuilder(1e-4, {"n1": 10}, {"n2": Source("V", [3])})


def test_two_chunks_fold_into_one_frame(builder):
    rng = np.random.default_rng(0)
    raster = rng.random((60, 10)) < 0.1
    builder.add(chunk(100, raster[:25]))
    builder.add(chunk(125, raster[25:]))
    header, arrays = builder.frame()
    assert (header["step0"], header["n_steps"]) == (100, 60)
    seen = np.zeros_like(raster)
    seen[arrays["spikes/n1/step"], arrays["spikes/n1/row"]] = True
    np.testing.assert_array_equal(seen, raster)
    expected = raster.reshape(6, 10, 10).sum((1, 2)) / (10 * 1e-3)
    np.testing.assert_allclose(arrays["rate/n1",], expected[None], rtol=1e-6)
    np.testing.assert_array_equal(
        arrays["trace/n2/V/3",], np.arange(104, 160, 5, dtype=np.float32)[None]
    )
    assert builder.frame() is None


@given(
    st.lists(st.integers(1, 35), min_size=1, max_size=3),
    st.dictionaries(st.sampled_from("abc"), st.integers(1, 20), min_size=1),
    st.integers(0, 99),
)
def test_rates_are_those_of_whole_bins_and_of_a_short_last_one(lengths, sizes, seed):
    rng = np.random.default_rng(seed)
    builder = FrameBuilder(1e-4, sizes, {})
    counts = {key: rng.integers(0, n + 1, sum(lengths)) for key, n in sizes.items()}
    none = dict.fromkeys(sizes, (np.zeros(0, np.uint32), np.zeros(0, np.uint32)))
    step = 0
    for length in lengths:
        part = {key: every[step : step + length] for key, every in counts.items()}
        builder.add(Chunk(step, length, none, part))
        step += length
    _, arrays = builder.frame()
    (names,) = [name for name in arrays if isinstance(name, tuple)]
    for name, rates in zip(names, arrays[names], strict=True):
        key = name.removeprefix("rate/")
        every = counts[key]
        bins = [every[i : i + 10] for i in range(0, every.size, 10)]
        expected = [part.sum() / (part.size * 1e-4 * sizes[key]) for part in bins]
        np.testing.assert_allclose(rates, expected, rtol=1e-6)


def test_rows_are_sent_once_and_again_for_a_new_view(builder):
    empty = np.zeros((10, 10), bool)
    builder.add(chunk(0, empty))
    layout = builder.frame()[0]["layout"]
    assert layout["populations"][0]["rows"] == list(range(10))
    builder.add(chunk(10, empty))
    assert builder.frame()[0]["layout"] is None
    builder.resend()
    builder.add(chunk(20, empty))
    assert builder.frame()[0]["layout"] == layout
    builder.show(8)
    builder.add(chunk(30, empty))
    (other,) = builder.frame()[0]["layout"]["populations"]
    assert len(other["rows"]) == 8
    assert other["rows_key"] != layout["populations"][0]["rows_key"]


def test_a_view_that_takes_no_frames_costs_no_memory(builder):
    full = np.ones((100, 10), bool)
    for i in range(300):  # three seconds against a window of one
        builder.add(chunk(100 * i, full))
    header, arrays = builder.frame()
    assert header["n_steps"] <= 10_100
    assert header["left_out"] + arrays["spikes/n1/step"].size == 300 * 1000


def test_rate_beside_the_node_is_the_mean_rate(builder):
    regular = np.zeros((100, 10), bool)
    regular[50] = True  # every neuron once in 10 ms: 100 Hz
    for i in range(200):
        builder.add(chunk(100 * i, regular))
    assert builder.frame()[0]["rates"]["n1"] == pytest.approx(100, rel=0.01)
