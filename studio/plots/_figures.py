"""Figures of a run: raster, rates, traces, and all of them over one time axis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from ._series import milliseconds, population_rate, thin
from ._text import escape, grouped
from ._theme import PALETTES, Theme, layout_of, template

if TYPE_CHECKING:
    from engine.run import Result

Signs = Mapping[str, int | None]
_GL_FROM = 2_000  # points from which WebGL draws faster than SVG


def raster(
    result: Result,
    *,
    signs: Signs | None = None,
    theme: Theme = "light",
    title: str = "",
) -> go.Figure:
    """Draw a dot for each spike, a band and a hue for each population.

    Parameters
    ----------
    result : engine.run.Result
    signs : mapping of str to int, optional
        Sign of each population, for its hue; None for an input. A `Network` gives
        it as `network.signs()`.
    theme : {"light", "dark"}
    title : str
        Any text; it is shown as it is.

    Returns
    -------
    plotly.graph_objects.Figure
    """
    figure = _empty(theme, title, 420)
    _add_raster(figure, result, _hues(result, signs, theme), {})
    figure.update_xaxes(title_text="Time (ms)", range=[0, _duration(result)])
    return figure


def rates(
    result: Result,
    *,
    signs: Signs | None = None,
    bin_width: float = 5.0,
    theme: Theme = "light",
    title: str = "",
) -> go.Figure:
    """Draw the mean rate of each population in bins.

    Parameters
    ----------
    bin_width : float, ms, default 5
    result, signs, theme, title
        As for `raster`.
    """
    figure = _empty(theme, title, 300)
    _add_rates(figure, result, _hues(result, signs, theme), signs or {}, bin_width, {})
    figure.update_xaxes(title_text="Time (ms)", range=[0, _duration(result)])
    return figure


def traces(
    result: Result,
    *,
    signs: Signs | None = None,
    theme: Theme = "light",
    title: str = "",
) -> go.Figure:
    """Draw what the state probes recorded, a line for each neuron.

    Parameters
    ----------
    result, signs, theme, title
        As for `raster`.
    """
    figure = _empty(theme, title, 300)
    _add_traces(figure, result, _hues(result, signs, theme), {})
    figure.update_xaxes(title_text="Time (ms)", range=[0, _duration(result)])
    return figure


def overview(
    result: Result,
    *,
    signs: Signs | None = None,
    bin_width: float = 5.0,
    theme: Theme = "light",
    title: str = "",
) -> go.Figure:
    """Draw spikes, rates and traces over one time axis.

    Parameters
    ----------
    result, signs, bin_width, theme, title
        As for `raster` and `rates`.
    """
    hues = _hues(result, signs, theme)
    has_traces = bool(result.traces)
    heights = [0.55, 0.2, 0.25] if has_traces else [0.7, 0.3]
    figure = make_subplots(
        rows=len(heights),
        cols=1,
        shared_xaxes=True,
        row_heights=heights,
        vertical_spacing=0.05,
        figure=_empty(theme, title, 640 if has_traces else 520),
    )
    _add_raster(figure, result, hues, {"row": 1, "col": 1})
    _add_rates(figure, result, hues, signs or {}, bin_width, {"row": 2, "col": 1})
    if has_traces:
        _add_traces(figure, result, hues, {"row": 3, "col": 1})
    figure.update_xaxes(range=[0, _duration(result)])
    figure.update_xaxes(title_text="Time (ms)", row=len(heights), col=1)
    return figure


def _add_raster(
    figure: go.Figure, result: Result, hues: Mapping[str, str], place: dict[str, Any]
) -> None:
    base, ticks, names, left_out = 0, [], [], 0
    total = sum(len(train.neurons) for train in result.spikes.values())
    share = min(1.0, 200_000 / total) if total else 1.0
    for label, train in result.spikes.items():
        times = milliseconds(train.times)
        keep = thin(len(times), max(1, int(share * len(times))))
        left_out += len(times) - len(keep)
        draw = go.Scattergl if len(keep) >= _GL_FROM else go.Scatter
        neurons = np.asarray(train.neurons)[keep]
        figure.add_trace(
            draw(
                x=times[keep],
                y=neurons + base,
                customdata=neurons,
                mode="markers",
                marker={"size": 2.5, "color": hues[label]},
                name=escape(label),
                hovertemplate="neuron %{customdata}, %{x:.1f} ms",
                showlegend=False,
            ),
            **place,
        )
        ticks.append(base + train.n / 2)
        names.append(f"{escape(label)}<br>{grouped(train.n)}")
        base += train.n
        if train is not list(result.spikes.values())[-1]:
            figure.add_hline(
                base,
                line={
                    "color": layout_of(figure).xaxis.gridcolor,
                    "width": 1,
                },
                **place,
            )
    figure.update_yaxes(
        tickvals=ticks, ticktext=names, range=[0, max(base, 1)], ticklen=0, **place
    )
    if left_out:
        figure.add_annotation(
            text=f"{grouped(total - left_out)} of {grouped(total)} spikes are drawn",
            xref="paper",
            yref="paper",
            x=1,
            y=1,
            xanchor="right",
            yanchor="bottom",
            showarrow=False,
            font={"size": 11},
        )


def _add_rates(
    figure: go.Figure,
    result: Result,
    hues: Mapping[str, str],
    signs: Signs,
    bin_width: float,
    place: dict[str, Any],
) -> None:
    for label, train in result.spikes.items():
        times = milliseconds(train.times)
        x, y = population_rate(times, train.n, _duration(result), bin_width)
        # in grey, or to a colour-blind eye, the dash tells inhibition
        dash = "dash" if signs.get(label) == -1 else "solid"
        figure.add_trace(
            go.Scatter(
                x=x,
                y=y,
                mode="lines",
                line={"color": hues[label], "width": 1.5, "dash": dash},
                name=escape(label),
                hovertemplate="%{y:.1f} Hz, %{x:.0f} ms",
            ),
            **place,
        )
    figure.update_yaxes(title_text="Rate (Hz)", rangemode="tozero", **place)


def _add_traces(
    figure: go.Figure, result: Result, hues: Mapping[str, str], place: dict[str, Any]
) -> None:
    units = []
    colorway = layout_of(figure).colorway
    for i, ((label, variable), trace) in enumerate(result.traces.items()):
        values, unit = _numbers(trace)
        units.append(f"{variable} ({unit})" if unit else variable)
        time = milliseconds(result.t)[-len(values) :] if len(values) else np.empty(0)
        keep = thin(len(values), 20_000)
        for k in range(values.shape[1]):
            figure.add_trace(
                go.Scatter(
                    x=time[keep],
                    y=values[keep, k],
                    mode="lines",
                    line={
                        "color": hues.get(label, colorway[i % len(colorway)]),
                        "width": 1.2,
                    },
                    opacity=1.0 if k == 0 else 0.55,
                    name=escape(f"{label} {variable} {k}"),
                    hovertemplate="%{y:.2f}, %{x:.1f} ms",
                    showlegend=False,
                ),
                **place,
            )
    text = escape(", ".join(dict.fromkeys(units)))
    figure.update_yaxes(title_text=text, **place)


def _numbers(trace: Any) -> tuple[np.ndarray, str]:
    """Return a trace as an array [n, k] and its unit, volts in mV."""
    import brainunit as u

    unit = ""
    if isinstance(trace, u.Quantity):
        if trace.unit.dim == u.volt.dim:
            trace, unit = trace.to_decimal(u.mV), "mV"
        else:
            trace, unit = trace.mantissa, str(trace.unit)
    values = np.asarray(trace, dtype=float)
    return values.reshape(len(values), -1), unit


def _hues(result: Result, signs: Signs | None, theme: Theme) -> dict[str, str]:
    colours = PALETTES[theme]
    if signs is None:
        ways = layout_of(template(theme)).colorway
        return {label: ways[i % len(ways)] for i, label in enumerate(result.spikes)}
    every = {label: signs.get(label, 0) for label in result.spikes}
    every |= {label: sign for label, sign in signs.items() if label not in every}
    return colours.hues(every)


def _duration(result: Result) -> float:
    t = milliseconds(result.t)
    dt = float(milliseconds(result.dt))
    return float(t[-1]) + dt if len(t) else dt


def _empty(theme: Theme, title: str, height: int) -> go.Figure:
    figure = go.Figure()
    figure.update_layout(template=template(theme), height=height)
    if title:
        figure.update_layout(title_text=escape(title))
    return figure
