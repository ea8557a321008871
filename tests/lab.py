"""A real JupyterLab and a real Chromium, driven as a person would drive them."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from studio._notebook import lab_environment, lab_options

ARTIFACTS = Path(os.environ.get("NEUROLOOM_ARTIFACTS", "artifacts"))

CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",  # no GPU here: pages are painted by the CPU, WebGL still works
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium() -> str | None:
    """Return the Chromium of the machine; None for Playwright's own."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def jupyterlab(root: Path, home: Path) -> Iterator[str]:
    """Start a server with settings of its own; gives the address with its token."""
    port, token = _free_port(), secrets.token_hex(8)
    folders = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "IPYTHONDIR": "ipython",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
        "NEUROLOOM_STATE": "state",
    }
    environment = {**lab_environment(), "JAX_PLATFORMS": "cpu"}
    environment |= {name: str(home / folder) for name, folder in folders.items()}
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser"),
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        f"--ServerApp.root_dir={root}",
        *lab_options(),
        "--LabApp.expose_app_in_browser=True",
    ]
    log = (home / "jupyterlab.log").open("w")
    server = subprocess.Popen(
        command,
        cwd=root,
        env=environment,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={token}", server, home)
        yield f"http://127.0.0.1:{port}/lab?token={token}"
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
        log.close()


def _wait_for(address: str, server: subprocess.Popen, home: Path) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if server.poll() is not None:
            raise RuntimeError((home / "jupyterlab.log").read_text()[-3000:])
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("JupyterLab did not start in two minutes.")


def stop_kernels(address: str) -> None:
    """Stop all kernels of a JupyterLab, by its own interface."""
    before, _, token = address.partition("/lab?")

    def ask(path: str, method: str) -> bytes:
        request = urllib.request.Request(f"{before}/{path}?{token}", method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.read()

    for kernel in json.loads(ask("api/kernels", "GET")):
        ask(f"api/kernels/{kernel['id']}", "DELETE")


def write_notebook(path: Path, *sources: str) -> None:
    """Write a notebook of code cells."""
    cells = [
        {
            "cell_type": "code",
            "id": f"cell-{i}",
            "metadata": {},
            "execution_count": None,
            "outputs": [],
            "source": source,
        }
        for i, source in enumerate(sources)
    ]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel},
        "cells": cells,
    }
    path.write_text(json.dumps(notebook))


_KERNEL_IDLE = """() => {
  const panel = window.jupyterapp?.shell.currentWidget;
  return panel?.sessionContext?.session?.kernel?.status === "idle";
}"""
_CELL_DONE = """(i) => {
  const cell = window.jupyterapp.shell.currentWidget.content.widgets[i];
  const prompt = cell.node.querySelector(".jp-InputPrompt").textContent;
  return cell.model.executionCount != null && !prompt.includes("*");
}"""
_FORGET_RUN = """(i) => {
  window.jupyterapp.shell.currentWidget.content.widgets[i].model.executionCount = null;
}"""
_IN_KERNEL = """async (code) => {
  const panels = [...window.jupyterapp.shell.widgets("main")];
  const panel = panels.find((one) => one.sessionContext && one.content?.widgets);
  const future = panel.sessionContext.session.kernel.requestExecute(
    { code, store_history: false });
  let printed = "";
  future.onIOPub = ({ header, content }) => {
    if (header.msg_type === "stream") printed += content.text;
    if (header.msg_type === "error") printed += "ERROR " + content.traceback.join("\\n");
  };
  await future.done;
  return printed;
}"""


_WATCH_VALUE = """() => {
  window.nlShown = null;
  const plots = document.querySelector(".nl[role=region] [data-updates]");
  const before = plots.dataset.revision;
  let moved = null;
  const move = () => { moved = performance.now(); };
  window.addEventListener("pointermove", move, { capture: true });
  const observer = new MutationObserver(() => {
    if (moved == null || plots.dataset.revision === before) return;
    window.nlShown = performance.now() - moved;
    observer.disconnect();
    window.removeEventListener("pointermove", move, { capture: true });
  });
  observer.observe(plots, { attributes: true, attributeFilter: ["data-updates", "data-revision"] });
}"""


class Lab:
    """A page of JupyterLab with an editor in the output of a cell.

    Parameters
    ----------
    page : Page
        The page.
    address : str
        Of JupyterLab, with its token.
    """

    def __init__(self, page: Page, address: str):
        self.page = page
        self.address = address
        self.name = ""
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    # the notebook

    def open(self, name: str, theme: str = "JupyterLab Light") -> None:
        """Open a notebook, and wait for its kernel."""
        self.name = name
        before, _, token = self.address.partition("?")
        self.page.goto(f"{before}/tree/{name}?{token}&reset")
        self.wait_for_notebook()
        self.set_theme(theme)

    def wait_for_notebook(self) -> None:
        """Wait for the notebook and its kernel."""
        self.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
        self.page.wait_for_function(_KERNEL_IDLE, timeout=90_000)

    def other_tab(self, context: BrowserContext | None = None) -> Lab:
        """Open the same notebook in another tab of the browser."""
        other = Lab((context or self.page.context).new_page(), self.address)
        other.open(self.name)
        return other

    def save_notebook(self) -> None:
        """Save the notebook, as Ctrl+S does."""
        self.page.evaluate(
            "() => window.jupyterapp.commands.execute('docmanager:save')"
        )

    def set_theme(self, theme: str) -> None:
        """Switch the theme of JupyterLab."""
        switch = "t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})"
        self.page.evaluate(switch, theme)
        wanted = "false" if "Dark" in theme else "true"
        self.page.wait_for_selector(
            f"body[data-jp-theme-light='{wanted}']", state="attached"
        )

    def run_cell(self, i: int) -> None:
        """Run a cell, and wait until it is done."""
        self.page.evaluate(_FORGET_RUN, i)
        self.page.locator(".jp-Notebook .jp-Cell").nth(i).locator(
            ".jp-InputArea-editor"
        ).click()
        self.page.keyboard.press("Control+Enter")
        self.page.wait_for_function(_CELL_DONE, arg=i, timeout=120_000)

    def kernel(self, code: str) -> str:
        """Run code in the kernel of the notebook and return what it prints."""
        printed = self.page.evaluate(_IN_KERNEL, code)
        assert "ERROR" not in printed, printed
        return printed.strip()

    def ask(self, expression: str) -> Any:
        """Return the value of an expression in the kernel, as JSON."""
        return json.loads(self.kernel(f"import json; print(json.dumps({expression}))"))

    # the editor

    @property
    def editor(self) -> Locator:
        """The first editor of the page."""
        return self.page.locator(".nl[role=region]").first

    def button(self, name: str) -> Locator:
        """Return a button of the editor by its accessible name."""
        return self.editor.get_by_role("button", name=name, exact=True).first

    def node(self, label: str) -> Locator:
        """Return a node by its label."""
        return self.editor.locator(".react-flow__node").filter(
            has=self.page.get_by_label(f"{label} ", exact=False)
        )

    def wait_for_answer(self) -> None:
        """Wait until the kernel has answered the editor."""
        expect(self.button("Open")).to_be_enabled(timeout=60_000)

    def drop(self, palette_item: str, x: float, y: float) -> None:
        """Drag an item of the palette to a place on the canvas, in shares of it."""
        self.wait_for_answer()
        canvas = self.editor.locator(".react-flow").first
        box = canvas.bounding_box()
        assert box is not None
        place = {"x": x * box["width"], "y": y * box["height"]}
        self.button(palette_item).drag_to(canvas, target_position=place)

    def connect(self, source: str, target: str) -> None:
        """Draw a line with the mouse from the output of a node to another's input."""
        begin, end = (
            self.editor.get_by_label(name, exact=True).first.bounding_box()
            for name in (f"{source} output", f"{target} input")
        )
        assert begin is not None
        assert end is not None
        mouse = self.page.mouse
        places = [
            (b["x"] + b["width"] / 2, b["y"] + b["height"] / 2) for b in (begin, end)
        ]
        mouse.move(*places[0])
        mouse.down()
        mouse.move(places[0][0] + 30, places[0][1] + 20, steps=4)
        mouse.move(*places[1], steps=12)
        mouse.up()

    def type_value(self, label: str, text: str) -> None:
        """Type into a field of the inspector, and press Enter."""
        inspector = self.editor.locator("[data-pane=inspector]").first
        field = inspector.get_by_role("textbox", name=f"{label} value").first
        field.click()
        field.press("Control+a")
        field.type(text)
        field.press("Enter")

    def select_node(self, label: str) -> None:
        """Click a node, on its name, and wait for its inspector."""
        node = self.editor.get_by_role("group", name=f"{label}, ").first
        node.click(position={"x": 60, "y": 14})
        self.editor.get_by_role("complementary", name=label).first.wait_for()

    def select_projection(self, source: str, target: str) -> None:
        """Click the pill of a projection, and wait for its inspector."""
        name = f"{source} to {target} projection"
        self.editor.get_by_role("button", name=name, exact=True).first.click()
        title = f"Projection {source} to {target}"
        self.editor.get_by_role("complementary", name=title).first.wait_for()

    def open_section(self, title: str) -> None:
        """Open a closed section of the inspector."""
        section = self.editor.get_by_role("region", name=title, exact=True).first
        section.get_by_role("button", name=title).first.click()

    def updates(self) -> int:
        """Return how often the plots were drawn."""
        plots = self.editor.get_by_label("Plots", exact=True).and_(
            self.editor.locator("[data-updates]")
        )
        return int(plots.first.get_attribute("data-updates") or 0)

    def rate(self, label: str) -> float:
        """Return the rate that a node shows, in Hz."""
        node = self.editor.get_by_role("group", name=f"{label}, ").first
        text = node.locator(".live b").first.inner_text()
        return float(text.replace("Hz", "").replace("\u2009", "").strip())

    def drag_slider(self, label: str, share: float) -> float:
        """Drag a slider to a share of its range; returns seconds until it shows.

        It is the time from the last move of the mouse to the first picture of what
        the network did with the new value.
        """
        slider = self.editor.get_by_role("slider", name=label, exact=True).first
        slider.scroll_into_view_if_needed()
        box = slider.bounding_box()
        assert box is not None
        middle = box["y"] + box["height"] / 2
        mouse = self.page.mouse
        at = lambda share: box["x"] + share * box["width"]
        mouse.move(at(min(share + 0.3, 0.95)), middle)
        mouse.down()
        mouse.move(at(share + 0.1), middle, steps=6)
        self.page.wait_for_timeout(300)
        self.page.evaluate(_WATCH_VALUE)
        mouse.move(at(share), middle)
        self.page.wait_for_function("() => window.nlShown != null", timeout=10_000)
        mouse.up()
        return self.page.evaluate("() => window.nlShown") / 1000

    def run_for(self, seconds: float) -> None:
        """Run for a set time, by the menu of the speed."""
        self.editor.get_by_role("button", name="Speed").first.click()
        field = self.editor.get_by_role("textbox", name="Time to go on for").first
        field.fill(f"{seconds} s")
        field.press("Enter")

    def fill_panel(self, label: str, text: str, button: str) -> None:
        """Type into the only field of an open panel, and press its button."""
        field = self.editor.get_by_role("textbox", name=label).first
        field.fill(text)
        panel = self.editor.locator("[data-panel]").filter(
            has=self.page.get_by_role("textbox", name=label)
        )
        panel.get_by_role("button", name=button).last.click()

    def note(self, text: str) -> None:
        """Keep a measured figure beside the pictures; no test depends on it."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        with (ARTIFACTS / "figures.txt").open("a") as file:
            file.write(text + "\n")

    def shot(self, name: str) -> Path:
        """Keep a picture of the page for those who look at CI."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        path = ARTIFACTS / f"{name}.png"
        self.page.screenshot(path=str(path))
        return path


def wait_until(test: Callable[[], Any], what: str, timeout: float = 20.0) -> Any:
    """Wait for something to come true; returns what it became."""
    deadline = time.monotonic() + timeout
    while True:
        found = test()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not happen in {timeout:g} s")
        time.sleep(0.05)


__all__ = ["Lab", "chromium", "expect", "jupyterlab", "wait_until", "write_notebook"]
