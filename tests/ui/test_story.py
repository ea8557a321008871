"""From the empty canvas to the balanced network, run, changed, saved and exported."""

import json
import subprocess
import sys
import time

import numpy as np
import pytest
from lab import wait_until

pytestmark = pytest.mark.ui

THEMES = ["JupyterLab Light", "JupyterLab Dark"]
OPEN = "from studio import Studio\nstudio = Studio()\nstudio"


def doc(lab):
    return lab.ask("studio.document.to_doc()")


def state(lab):
    return lab.ask("studio.state")


def labels(lab):
    return [node["label"] for node in doc(lab)["nodes"]]


def params_of(lab, label):
    return next(n for n in doc(lab)["nodes"] if n["label"] == label)


def draw_balanced(lab):
    """Drag two populations in, connect them all, and give them their values."""
    lab.drop("Excitatory", 0.35, 0.25)
    wait_until(lambda: labels(lab) == ["E"], "the excitatory population")
    lab.drop("Inhibitory", 0.35, 0.75)
    wait_until(lambda: labels(lab) == ["E", "I"], "the inhibitory population")
    for n, (source, target) in enumerate(("EE", "EI", "IE", "II"), start=1):
        lab.connect(source, target)
        wait_until(lambda n=n: len(doc(lab)["edges"]) == n, f"{source} to {target}")
    for name, size in (("E", 3200), ("I", 800)):
        lab.select_node(name)
        lab.type_value("Size N", str(size))
        wait_until(
            lambda name=name, size=size: params_of(lab, name)["size"] == size,
            f"the size of {name}",
        )
        lab.open_section("Start values")
        lab.type_value("Start voltage V(0)", "-65 ± 5 mV")
    starts = {"E": "normal(40 nS, 15 nS)", "I": "normal(200 nS, 120 nS)"}
    for source, target in ("EE", "EI", "IE", "II"):
        lab.select_projection(source, target)
        lab.type_value("Start conductance g(0)", starts[source])
    wait_until(
        lambda: all("g_init" in e["synapse"]["params"] for e in doc(lab)["edges"]),
        "the start conductances",
    )


@pytest.mark.parametrize("theme", THEMES)
def test_draw_run_and_move_a_slider(open_lab, theme):
    lab = open_lab(OPEN, theme=theme)
    name = "dark" if "Dark" in theme else "light"
    lab.shot(f"1-empty-{name}")
    draw_balanced(lab)
    lab.shot(f"2-drawn-{name}")
    assert [n["size"] for n in doc(lab)["nodes"]] == [3200, 800]
    weights = sorted(e["weight"] for e in doc(lab)["edges"])
    assert weights == ["6 nS", "6 nS", "67 nS", "67 nS"]

    pressed = time.perf_counter()
    lab.button("Run").click()
    wait_until(lambda: lab.updates() > 1, "a moving picture", 30)
    first = time.perf_counter() - pressed
    lab.page.wait_for_timeout(1000)
    begin, n = time.perf_counter(), lab.updates()
    lab.page.wait_for_timeout(3000)
    rate = (lab.updates() - n) / (time.perf_counter() - begin)
    lab.shot(f"3-running-{name}")
    before = lab.rate("E")

    lab.select_projection("I", "E")
    slowest = lab.drag_slider("Weight w", 0.15)
    lab.page.wait_for_timeout(1500)
    assert state(lab) == "running"
    lab.shot(f"4-slider-{name}")
    after = lab.rate("E")
    edge = next(e for e in doc(lab)["edges"] if e["weight"] not in ("6 nS", "67 nS"))
    assert float(edge["weight"].split()[0]) < 40
    assert after > 1.2 * before
    lab.note(
        f"{name}: first picture {first:.2f} s after Run, {rate:.1f} updates a second, "
        f"slider to screen {slowest * 1000:.0f} ms, E {before} to {after} Hz"
    )

    lab.page.keyboard.press("Control+z")
    wait_until(
        lambda: sorted(e["weight"] for e in doc(lab)["edges"]) == weights, "the undo"
    )
    lab.button("Pause").click()
    wait_until(lambda: state(lab) == "paused", "the pause")
    assert not lab.errors


def test_save_export_and_run_the_export_elsewhere(open_lab):
    lab = open_lab("from studio import Studio\nstudio = Studio('balanced')\nstudio")
    lab.button("Record").click()
    lab.run_for(0.2)
    wait_until(lambda: state(lab) == "paused", "the end of the run", 60)
    lab.kernel("studio.results().save('live.npz')")

    lab.button("Save").click()
    lab.fill_panel("Path of the drawing", "mine.loom.json", "Save")
    path = lab.root / "mine.loom.json"
    wait_until(path.exists, "the file")
    assert json.loads(path.read_text())["graph"]["graph"]["name"] == ("Balanced E/I")

    lab.button("Export").click()
    lab.fill_panel("Path of the Python file", "mine.py", "Write")
    script = lab.root / "mine.py"
    wait_until(script.exists, "the script")
    command = [sys.executable, "mine.py", "--duration", "200", "--save", "own.npz"]
    subprocess.run(command, cwd=lab.root, check=True, capture_output=True, timeout=120)

    from engine.run import Result

    live, own = (Result.load(lab.root / f"{name}.npz") for name in ("live", "own"))
    assert live.n_steps == own.n_steps == 2000
    for label, train in own.spikes.items():
        assert len(train) > 100
        assert np.array_equal(live.spikes[label].steps, train.steps)
        assert np.array_equal(live.spikes[label].neurons, train.neurons)


def test_keys_of_the_editor_never_reach_the_notebook(open_lab):
    lab = open_lab(
        "from studio import Studio\nstudio = Studio('first')\nstudio", "1 + 1"
    )
    lab.wait_for_answer()
    cells = lab.page.locator(".jp-Notebook .jp-Cell").count()
    lab.select_node("E")
    for key in ("a", "Escape", "b", "x", "d", "d", "Delete"):
        lab.page.keyboard.press(key)
    wait_until(lambda: "E" not in labels(lab), "the deletion")
    lab.page.keyboard.press("Control+z")
    wait_until(lambda: "E" in labels(lab), "the undo")
    assert lab.page.locator(".jp-Notebook .jp-Cell").count() == cells


def test_a_wrong_unit_is_refused_in_place_and_mended_by_a_button(open_lab):
    lab = open_lab("from studio import Studio\nstudio = Studio('first')\nstudio")
    lab.select_projection("I", "E")
    old = doc(lab)
    lab.type_value("Weight w", "67 pA")
    problem = lab.editor.get_by_text(
        "pA is a current; this synapse needs a conductance."
    )
    problem.first.wait_for()
    assert doc(lab)["edges"] == old["edges"]
    lab.shot("5-wrong-unit")
    lab.editor.get_by_role("button", name="Use 67 nS").first.click()
    wait_until(
        lambda: "67 nS" in [e.get("weight") for e in doc(lab)["edges"]], "the fix"
    )
    lab.type_value("Delay d", "0.002 s")
    wait_until(
        lambda: "2 ms" in [e.get("delay") for e in doc(lab)["edges"]], "the unit"
    )


def test_a_closed_notebook_shows_its_drawing_again_without_a_kernel(open_lab):
    lab = open_lab("from studio import Studio\nstudio = Studio('first')\nstudio")
    lab.editor.get_by_role("group", name="E, LIF").first.wait_for()
    execute = "c => window.jupyterapp.commands.execute(c)"
    lab.page.wait_for_timeout(800)
    lab.page.evaluate(execute, "@jupyter-widgets/jupyterlab-manager:saveWidgetState")
    lab.page.wait_for_timeout(500)
    lab.page.evaluate(execute, "docmanager:save")
    lab.page.wait_for_timeout(1000)
    lab.page.evaluate(
        "() => window.jupyterapp.shell.currentWidget.sessionContext.shutdown()"
    )
    lab.page.reload()
    lab.page.wait_for_selector(".jp-NotebookPanel .jp-Cell", timeout=90_000)
    lab.editor.get_by_role("group", name="E, LIF").first.wait_for(timeout=60_000)
    lab.editor.get_by_text("The drawing is safe and read-only").first.wait_for()
    lab.shot("6-without-kernel")


def test_two_views_stay_in_step(open_lab):
    lab = open_lab(
        "from studio import Studio\nstudio = Studio('first')\nstudio", "studio"
    )
    views = lab.page.locator(".nl[role=region]")
    wait_until(lambda: views.count() == 2, "the second view")
    lab.select_node("E")
    lab.type_value("Size N", "123")
    other = views.nth(1).get_by_role("group", name="E, LIF, 123 neurons")
    other.first.wait_for()
