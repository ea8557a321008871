"""The notebook of the first steps, wherever Neuroloom was installed from."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from ._errors import FileError

NAME = "01_first_network.ipynb"

# what a wheel opens, which carries no notebooks
_CELLS = (
    (
        "markdown",
        "# Your first network\n\nRun the cell below (Shift+Enter), press Run.",
    ),
    (
        "code",
        "from studio import Studio, examples\n\nStudio(examples.load('first'))",
    ),
)


def first_notebook(folder: Path) -> Path:
    """Return the notebook to open: that of the checkout, or a copy in `folder`.

    A notebook that is already there is opened as it is.

    Raises
    ------
    FileError
        If the folder cannot be written to.
    """
    shipped = Path(__file__).resolve().parent.parent / "notebooks" / NAME
    if shipped.exists() and folder.resolve() == shipped.parent.parent:
        return shipped
    path = folder / NAME
    if path.exists():
        return path
    try:
        if shipped.exists():
            shutil.copyfile(shipped, path)
        else:
            path.write_text(_written(), encoding="utf-8")
    except OSError as error:
        raise FileError(
            f"{path} could not be written: {error.strerror}. Run the command in a "
            "folder of yours."
        ) from error
    return path


def lab_options() -> list[str]:
    """Return what JupyterLab is started with: it asks for nothing from outside.

    The root of a container is a person too; without the option the server refuses.
    """
    quiet = ["--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return [*quiet, "--allow-root"] if is_root else quiet


def lab_environment() -> dict[str, str]:
    """Return the environment of JupyterLab: without its question for news."""
    ours = str(Path(__file__).parent / "jupyter")
    theirs = os.environ.get("JUPYTER_CONFIG_PATH")
    paths = os.pathsep.join([ours, theirs] if theirs else [ours])
    return {**os.environ, "JUPYTER_CONFIG_PATH": paths}


def _written() -> str:
    cells = []
    for i, (kind, source) in enumerate(_CELLS):
        cell = {"cell_type": kind, "id": f"first-{i}", "metadata": {}, "source": source}
        cells.append(
            cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        )
    metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    notebook = {
        "cells": cells,
        "metadata": metadata,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1)
