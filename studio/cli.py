"""The command `neuroloom`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ._errors import FileError
from ._hosts import HELP, is_first, may_be_first, wanted_devices
from ._shell import (
    OK,
    PROBLEMS,
    is_quiet,
    note,
    say,
    say_problems,
    set_verbosity,
    speaks,
    table,
)

if TYPE_CHECKING:
    from ._network import Network

app = typer.Typer(
    name="neuroloom",
    help="Draw spiking networks in JupyterLab, run them, export them to Python.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit codes: 0 done, 1 problems in the document, 2 usage, 3 files.",
)

Document = Annotated[Path, typer.Argument(help="A *.loom.json file.")]
Force = Annotated[bool, typer.Option("--force", help="Replace files that exist.")]
Duration = Annotated[
    str, typer.Option("--duration", "-d", help="Simulated time, such as 1s or 500ms.")
]
Page = Annotated[
    Path | None, typer.Option("--plot", help="Write the raster to this web page.")
]


def _version(wanted: bool) -> None:
    if wanted:
        from . import __version__

        say(f"neuroloom {__version__}")
        raise typer.Exit(OK)


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_version, is_eager=True, help="Print it."),
    ] = False,
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="Print results and errors only.")
    ] = False,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Print the log, and why it failed.")
    ] = False,
) -> None:
    set_verbosity(quiet=quiet, verbose=verbose)


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}
)
@speaks
def lab(
    context: typer.Context,
    notebook: Annotated[
        Path | None, typer.Argument(help="Notebook to open. Default: the first steps.")
    ] = None,
    browser: Annotated[bool, typer.Option(help="Open a browser tab.")] = True,
    port: Annotated[int | None, typer.Option(help="Port of the server.")] = None,
) -> None:
    """Open JupyterLab with a notebook that shows a running network.

    Further options go to JupyterLab, such as --ip.
    """
    import logging
    import subprocess
    from urllib.parse import quote

    from ._notebook import first_notebook, lab_environment, lab_options

    extra = list(context.args)
    if notebook is not None and str(notebook).startswith("-"):
        notebook, extra = None, [str(notebook), *extra]
    path = notebook if notebook is not None else first_notebook(Path.cwd())
    if not path.exists():
        raise FileError(f"There is no notebook {path}.")
    command = [sys.executable, "-m", "jupyterlab", str(path), *lab_options()]
    # the folder of the notebook is the root; the address that is shown opens it too
    command += [f"--LabApp.default_url=/lab/tree/{quote(path.name)}"]
    command += [] if browser else ["--no-browser"]
    command += [] if port is None else [f"--port={port}"]
    # the address and errors are always shown
    is_talking = logging.getLogger("studio").isEnabledFor(logging.INFO)
    command += [f"--log-level={'INFO' if is_talking else 'ERROR'}", *extra]
    note(f"Opening {path} in JupyterLab. Press Ctrl+C twice to stop it.")
    try:
        code = subprocess.run(command, check=False, env=lab_environment()).returncode
    except KeyboardInterrupt:  # the way to stop it
        code = OK
    raise typer.Exit(code)


@app.command()
@speaks
def new(
    file: Annotated[Path, typer.Argument(help="The *.loom.json file to write.")],
    example: Annotated[
        str | None, typer.Option(help="Start from an example; see `examples`.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Name of the document.")] = None,
    force: Force = False,
) -> None:
    """Write a new document, empty or from an example."""
    from .document import SUFFIX, Document

    if not file.name.endswith(SUFFIX):
        file = file.with_name(file.name + SUFFIX)
    document = Document() if example is None else _example(example).document
    if name is not None or example is None:
        title = name or file.name.removesuffix(SUFFIX)
        edit = {"op": "set", "element": None, "field": "graph.name", "value": title}
        document.apply([edit])
    _check_target(file, force)
    note(f"Wrote {document.save(file, overwrite=force)}")


@app.command()
@speaks
def check(file: Document) -> None:
    """Say what is wrong or doubtful in a document; nothing is run."""
    network = _load(file)
    problems = network.check()
    say_problems(network.document, problems)
    errors = sum(problem.severity == "error" for problem in problems)
    if errors:
        say(f"{errors} to fix before it runs.")
        raise typer.Exit(PROBLEMS)
    if not network.document.n_nodes:
        say(f"{network.name} is empty: there is nothing to run yet.")
        raise typer.Exit(PROBLEMS)
    note(f"{network.name} is ready to run.")


@app.command()
@speaks
def info(file: Document) -> None:
    """Say what a document holds and what a run of it would take."""
    from .document import backups
    from .plots._text import grouped

    network = _load(file)
    say(network)
    estimate = network.estimate()
    unstored = []
    if estimate.unstored:
        text = f"{grouped(estimate.unstored)}, drawn anew at every spike"
        unstored = [("not stored, about", text)]
    rows = [
        ("neurons", grouped(estimate.neurons)),
        ("synapses, about", grouped(estimate.synapses)),
        *unstored,
        ("memory", f"{(estimate.state_bytes + estimate.synapse_bytes) / 2**20:.1f} MB"),
        *_times(network),
        ("revision", network.document.revision),
        ("backups", len(backups(file.resolve()))),
    ]
    table(rows)


def _times(network: Network) -> list[tuple[str, str]]:
    """Return how long a run takes; nothing of a document that cannot run."""
    from engine.lower import LoweringError

    try:
        forecast = network.document.forecast()
    except LoweringError:
        return []
    slow, fast = forecast.at(10.0), forecast.at(20.0)
    rows = [("until the first step, about", _seconds(slow.build_seconds))]
    if slow.run_seconds is None or fast.run_seconds is None:
        return rows
    times = f"{_seconds(slow.run_seconds)} at 10 Hz, {_seconds(fast.run_seconds)} at 20"
    return [*rows, ("a second of it, about", f"{times} (one thread)")]


def _seconds(number: float) -> str:
    """Return a time for a sentence: "30 ms", "1.2 s", "5 min"."""
    for unit, seconds in (("min", 60.0), ("s", 1.0)):
        if number >= 2 * seconds:
            return f"{number / seconds:.1f} {unit}"
    return f"{1e3 * number:.0f} ms"


@app.command(help=HELP)
@speaks
def run(
    file: Document,
    duration: Duration = "1s",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Write the spikes (npz).")
    ] = None,
    plot: Page = None,
    force: Force = False,
    devices: Annotated[
        int | None,
        typer.Option(min=1, help="Divide the neurons among so many devices."),
    ] = None,
    hosts: Annotated[
        str | None, typer.Option(help="Divide them among these hosts; see below.")
    ] = None,
    host_id: Annotated[
        int | None, typer.Option(min=0, help="Which of --hosts this is, from 0.")
    ] = None,
) -> None:
    """Simulate a document and print the rate of each population."""
    if host_id is not None and hosts is None:
        raise typer.BadParameter("--host-id says which of --hosts this is: give both.")
    network = _load(file)
    _exit_on_errors(network)  # before others wait for this host
    for path in (output, plot) if may_be_first(hosts, host_id) else ():
        if path is not None:
            _check_target(path, force)
    where = wanted_devices(devices, hosts, host_id)
    _run(network, duration, output, plot, where)


@app.command()
@speaks
def export(
    file: Document,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="File to write. Default: here."),
    ] = None,
    force: Force = False,
) -> None:
    """Write a Python script that builds and runs a document."""
    network = _load(file)
    _exit_on_errors(network)
    script = network.to_python()
    if output is None:
        typer.echo(script, nl=False)  # a script is not for reading line by line
        return
    _check_target(output, force)
    _write(output, script)


@app.command()
@speaks
def demo(
    duration: Duration = "1s",
    folder: Annotated[Path, typer.Option(help="Where the files go.")] = Path(),
) -> None:
    """Run the balanced network of Brette et al. (2007): raster and script."""
    if not folder.is_dir():
        raise FileError(f"There is no folder {folder}.")
    network = _example("balanced")
    note(network)
    _run(network, duration, None, folder / "balanced.html")
    _write(folder / "balanced.py", network.to_python())


@app.command()
@speaks
def examples() -> None:
    """List the examples, for `neuroloom new --example`."""
    from . import examples

    table((entry.key, entry.title, entry.text) for entry in examples.EXAMPLES)


def main() -> None:
    """Run the command line."""
    app()


def _load(file: Path) -> Network:
    from ._network import load

    return load(file)


def _example(key: str) -> Network:
    from . import examples
    from ._network import Network

    return Network.of(examples.load(key))


def _exit_on_errors(network: Network) -> None:
    errors = [p for p in network.check() if p.severity == "error"]
    if errors:
        say_problems(network.document, errors)
        raise typer.Exit(PROBLEMS)


def _run(
    network: Network,
    duration: str,
    output: Path | None,
    plot: Path | None,
    devices: Any = None,
) -> None:
    from ._values import seconds
    from .plots import raster, write_html

    seconds(duration)  # a typing error is told before anything is built
    _exit_on_errors(network)
    result = network.run(duration, progress=not is_quiet(), devices=devices)
    if not is_first(devices):
        return
    if getattr(result, "interrupted", False):
        say("Interrupted: this is what there is.")
    table((label, f"{rate:.2f} Hz") for label, rate in result_rates(result).items())
    if output is not None:
        result.save(output)
        note(f"Wrote {output}")
    if plot is not None:
        figure = raster(result, signs=network.signs(), title=network.name)
        note(f"Wrote {write_html(figure, plot, network.name)}")


def result_rates(result) -> dict[str, float]:
    """Return label -> mean rate in Hz."""
    import brainunit as u

    rates = result.rates()
    return {
        label: float(rate.to_decimal(u.Hz) if isinstance(rate, u.Quantity) else rate)
        for label, rate in rates.items()
    }


def _check_target(path: Path, force: bool) -> None:
    """Refuse a file that cannot be written before anything takes its time."""
    if not path.resolve().parent.is_dir():
        raise FileError(f"{path}: there is no folder {path.parent}.")
    if path.exists() and not force:
        raise FileError(f"{path} exists. Choose another name, or use --force.")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise FileError(f"{path} could not be written: {error.strerror}.") from error
    note(f"Wrote {path}")


if __name__ == "__main__":
    main()
