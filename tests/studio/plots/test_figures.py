"""Figures: the right numbers, the colours of the editor, and text that stays text."""

import json
import re
from types import SimpleNamespace

import brainunit as u
import numpy as np
import pytest
from hypothesis import given, strategies as st

from studio import plots
from studio.plots import PALETTES, escape, population_rate, template
from studio.plots._series import thin

LABELS = [
    "<a href='https://evil.example'>click</a>",
    "<span style='background:url(https://evil.example)'>x</span>",
    "<img src=x onerror=alert(1)>",
    "</script><script>alert(1)</script>",
    r"$\href{javascript:alert(1)}{x}$",
    "&lt;b&gt;",
    "%{x} {y} \u202e\x00\n",
]


def result(labels=("E", "I"), traces=True):
    rng = np.random.default_rng(0)
    spikes = {}
    for i, label in enumerate(labels):
        n = 80 - 10 * i
        steps = np.sort(rng.integers(0, 1000, 500))
        train = SimpleNamespace(
            times=steps * 0.1 * u.ms, neurons=rng.integers(0, n, 500), n=n
        )
        spikes[label] = train
    values = rng.normal(-60, 2, (1000, 2)) * u.mV
    return SimpleNamespace(
        spikes=spikes,
        traces={(labels[0], "V"): values} if traces else {},
        t=np.arange(1000) * 0.1 * u.ms,
        dt=0.1 * u.ms,
    )


FIGURES = [plots.raster, plots.rates, plots.traces, plots.overview]


@pytest.mark.parametrize("draw", FIGURES)
def test_every_figure_is_valid_and_serialises(draw):
    figure = draw(result(), signs={"E": 1, "I": -1})
    assert len(figure.data) > 0
    assert json.loads(figure.to_json())["layout"]["template"]


@pytest.mark.parametrize("draw", FIGURES)
@pytest.mark.parametrize("label", LABELS)
def test_labels_reach_plotly_escaped(draw, label):
    figure = draw(result((label, "I")), signs={label: 1, "I": -1}, title=label)
    texts = re.findall(
        r'"((?:[^"\\]|\\.)*)"', json.dumps(figure.to_dict(), default=str)
    )
    for text in texts:
        bare = text.replace("<br>", "").replace("<extra></extra>", "")
        assert not re.search(r"[<>$]|&(?!(amp|lt|gt|#36);)", bare), text
        assert "%{x} {y}" not in text or "neuron" not in text


@given(st.text())
def test_escape_leaves_no_markup(text):
    escaped = escape(text)
    assert not set("<>$\n\x00") & set(escaped)
    assert not re.search(r"&(?!(amp|lt|gt|#36);)", escaped)


def test_escape_cuts_long_names():
    assert len(escape("a" * 1000)) == 80


def test_pages_are_whole_and_ask_for_nothing():
    page = plots.to_html(plots.raster(result((LABELS[3],))), title=LABELS[3])
    assert page.count("</script>") == page.count("<script")
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=", page)
    assert "default-src 'none'" in page
    assert "&lt;/script&gt;" in page


def test_ids_of_pages_are_ours_and_differ():
    figure = plots.rates(result())
    found = [re.findall(r'id="(neuroloom-\d+)"', plots.to_html(figure)) for _ in "ab"]
    assert found[0] != found[1]
    assert all(found)


def test_raster_puts_populations_above_each_other():
    run = result()
    figure = plots.raster(run, signs={"E": 1, "I": -1})
    first, second = figure.data
    assert np.array_equal(first.y, run.spikes["E"].neurons)
    assert np.array_equal(second.y, run.spikes["I"].neurons + 80)
    assert np.allclose(first.x, run.spikes["E"].times.to_decimal(u.ms))
    assert first.marker.color == PALETTES["light"].excitatory[0]
    assert second.marker.color == PALETTES["light"].inhibitory[0]


def test_rate_of_regular_spikes_is_exact():
    # 4 neurons, each spiking every 10 ms: 100 Hz in every bin, whatever its edges
    times = np.repeat(np.arange(0, 100, 10.0), 4)
    for width in (10.0, 20.0, 50.0):
        centres, rate = population_rate(times, 4, 100.0, width)
        assert np.allclose(rate, 100.0)
        assert np.allclose(centres, width * (np.arange(len(rate)) + 0.5))


def test_rates_keep_every_spike_of_whole_bins():
    run = result()
    _, rate = population_rate(run.spikes["E"].times.to_decimal(u.ms), 80, 100.0, 5.0)
    assert np.isclose(rate.sum() * 5e-3 * 80, 500)


def test_inhibition_is_dashed():
    figure = plots.rates(result(), signs={"E": 1, "I": -1})
    assert [line.line.dash for line in figure.data] == ["solid", "dash"]


def test_a_silent_run_is_drawn():
    run = result(traces=False)
    for train in run.spikes.values():
        train.times, train.neurons = np.empty(0) * u.ms, np.empty(0, int)
    for draw in FIGURES:
        draw(run)


def test_many_spikes_are_thinned_and_it_is_said():
    run = result(("E",))
    run.spikes["E"].times = np.linspace(0, 100, 300_000) * u.ms
    run.spikes["E"].neurons = np.zeros(300_000, int)
    figure = plots.raster(run)
    assert len(figure.data[0].x) <= 200_000
    assert "200\u2009000 of 300\u2009000" in figure.layout.annotations[0].text


@given(st.integers(0, 500), st.integers(1, 100))
def test_thin_keeps_ends_and_the_limit(n, limit):
    kept = thin(n, limit)
    assert len(kept) == min(n, limit)
    if n > 0 and limit > 1:
        assert kept[0] == 0
        assert kept[-1] == n - 1


def test_volts_are_shown_in_millivolts():
    run = result()
    run.traces = {("E", "V"): np.full((1000, 1), -0.06) * u.volt}
    figure = plots.traces(run)
    assert np.allclose(figure.data[0].y, -60)
    assert figure.layout.yaxis.title.text == "V (mV)"


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    ]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def _contrast(a: str, b: str) -> float:
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", PALETTES)
def test_text_and_hues_are_readable(theme):
    colours = PALETTES[theme]
    for ink in (colours.ink, colours.ink_2):
        assert _contrast(ink, colours.surface) >= 4.5  # WCAG 2.2, 1.4.3
    for hue in (*colours.excitatory, *colours.inhibitory, colours.inputs):
        assert _contrast(hue, colours.surface) >= 3.0  # WCAG 2.2, 1.4.11
    assert template(theme).layout.paper_bgcolor == colours.surface


def test_hues_go_by_sign():
    colours = PALETTES["dark"]
    hues = colours.hues({"E": 1, "I": -1, "E 2": 1, "noise": None, "x": 0})
    assert hues["E 2"] == colours.excitatory[1]
    assert hues["noise"] == colours.inputs
    assert hues["x"] == colours.unsigned
