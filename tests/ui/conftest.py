"""One JupyterLab and one Chromium for all stories; a page and a notebook for each."""

import pytest
from lab import (
    ARTIFACTS,
    CHROMIUM,
    Lab,
    chromium,
    jupyterlab,
    stop_kernels,
    write_notebook,
)
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    root = tmp_path_factory.mktemp("notebooks")
    with jupyterlab(root, tmp_path_factory.mktemp("home")) as address:
        yield root, address


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(
            executable_path=chromium(), args=list(CHROMIUM)
        )
        yield found
        found.close()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report


@pytest.fixture
def page(browser, request):
    context = browser.new_context(viewport={"width": 1500, "height": 1050})
    yield context.new_page()
    if request.node.stash.get(FAILED, False):
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        for n, one in enumerate(context.pages):
            one.screenshot(path=ARTIFACTS / f"failed-{request.node.name}-{n}.png")
    context.close()


@pytest.fixture
def kernels(server):
    """Stop the kernels of a story at its end: a network runs on by itself."""
    yield
    stop_kernels(server[1])


@pytest.fixture
def open_lab(server, page, kernels, request):
    """Return what opens a notebook of some cells and runs them."""
    root, address = server

    def opened(*cells, theme="JupyterLab Light"):
        name = f"{request.node.name.replace('[', '-').replace(']', '')}.ipynb"
        write_notebook(root / name, *cells)
        lab = Lab(page, address)
        lab.root = root
        lab.open(name, theme)
        for i in range(len(cells)):
            lab.run_cell(i)
        return lab

    return opened
