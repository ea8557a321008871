"""What outlives a killed kernel, a restart, a reload, a closed tab and a second one."""

import os
import re
import signal

import pytest
from lab import wait_until

pytestmark = pytest.mark.ui

NAMED = "from studio import Studio\nstudio = Studio('balanced')\nstudio"
GIVEN = (
    "from studio import Studio, examples\n"
    "studio = Studio(examples.load('balanced'))\nstudio"
)
PROMISED = 1000  # ms: older edits are on disk


def shows(lab, label, size):
    """Wait until the editor shows a population with this size."""
    number = re.sub(r"(?<=\d)(?=(\d{3})+$)", ".", str(size))  # any space between
    name = re.compile(f"^{label}, LIF, {number} neurons")
    lab.editor.get_by_role("group", name=name).first.wait_for(timeout=60_000)


def resize(lab, label, size):
    lab.wait_for_answer()
    lab.select_node(label)
    lab.type_value("Size N", str(size))
    shows(lab, label, size)


def edit_and_run(lab):
    """Change the drawing, let the change grow as old as promised, and run."""
    resize(lab, "E", 3000)
    lab.button("Run").click()
    wait_until(lambda: lab.updates() > 1, "a moving picture", 60)
    lab.select_projection("I", "E")
    lab.type_value("Weight w", "61 nS")
    lab.editor.locator(".react-flow").get_by_text("61 nS").first.wait_for()
    lab.page.keyboard.press("Escape")
    lab.page.wait_for_timeout(PROMISED)


def shows_the_edits(lab):
    """Both edits are drawn."""
    shows(lab, "E", 3000)
    lab.editor.locator(".react-flow").get_by_text("61 nS").first.wait_for()


def tells_that_the_kernel_is_gone(lab):
    """The page says so at once, shows the drawing, and offers nothing that is dead."""
    lab.editor.get_by_text("The drawing is safe and read-only").first.wait_for()
    assert lab.editor.get_by_role("status").get_by_text("No kernel").count() == 1
    shows_the_edits(lab)
    assert lab.button("Run").is_disabled()
    assert lab.button("Save").is_disabled()
    assert lab.button("Pause").count() == 0


def run_again(lab):
    """Run the cell again: the edits are back, it is told, and the network runs."""
    lab.page.wait_for_function(
        "() => window.jupyterapp.shell.currentWidget"
        ".sessionContext.session?.kernel?.status === 'idle'"
    )
    lab.run_cell(0)
    lab.editor.get_by_text("Your edits are back.").first.wait_for()
    shows_the_edits(lab)
    doc = lab.ask("studio.document.to_doc()")
    assert 3000 in [node.get("size") for node in doc["nodes"]]
    assert "61 nS" in [edge.get("weight") for edge in doc["edges"]]
    lab.shot(f"7-edits-are-back-{lab.name.split('.')[0]}")
    lab.button("Got it").click()
    assert lab.editor.get_by_text("Your edits are back.").count() == 0
    lab.button("Run").click()
    wait_until(lambda: lab.updates() > 1, "a moving picture", 60)


@pytest.mark.parametrize("cell", [NAMED, GIVEN], ids=["named", "given"])
def test_a_killed_kernel_loses_no_edit_older_than_a_second(open_lab, cell):
    lab = open_lab(cell)
    edit_and_run(lab)
    os.kill(lab.ask("__import__('os').getpid()"), signal.SIGKILL)
    tells_that_the_kernel_is_gone(lab)
    # JupyterLab says the same, and starts another one
    lab.page.get_by_role("dialog").get_by_role("button", name="Ok").click()
    lab.shot(f"7-kernel-killed-{lab.name.split('.')[0]}")
    run_again(lab)
    assert not lab.errors


def test_a_restart_by_the_menu_loses_nothing(open_lab):
    lab = open_lab(NAMED)
    edit_and_run(lab)
    lab.page.get_by_role("menuitem", name="Kernel", exact=True).click()
    lab.page.locator(".lm-Menu-item", has_text=re.compile("^Restart Kernel…")).click()
    lab.page.get_by_role("dialog").get_by_role("button", name="Confirm").click()
    tells_that_the_kernel_is_gone(lab)
    run_again(lab)
    assert not lab.errors


def goes_on(lab, before):
    """The same drawing, and the same run further on, moving."""
    lab.editor.wait_for(timeout=60_000)
    shows_the_edits(lab)
    assert lab.ask("studio.state") == "running"
    clock = lab.editor.get_by_role("timer", name="Simulated time")
    seconds = lambda: float(clock.first.inner_text().split()[0])
    wait_until(lambda: seconds() > before, "the clock of the same run")
    if lab.button("Plots").get_attribute("aria-pressed") != "true":
        lab.button("Plots").click()
    wait_until(lambda: lab.updates() > 3, "a moving picture", 30)
    lab.button("Pause").click()
    wait_until(lambda: lab.ask("studio.state") == "paused", "the pause")


def test_a_reload_shows_the_same_run(open_lab):
    lab = open_lab(NAMED)
    edit_and_run(lab)
    lab.save_notebook()
    before = lab.ask("studio._desk.running.status.t")
    lab.page.reload()
    lab.wait_for_notebook()
    goes_on(lab, before)
    lab.shot("8-reloaded")
    assert not lab.errors


def test_a_closed_tab_leaves_the_run_alive(open_lab):
    lab = open_lab(NAMED)
    edit_and_run(lab)
    lab.save_notebook()
    before = lab.ask("studio._desk.running.status.t")
    context = lab.page.context
    lab.page.close()
    assert context.pages == []
    other = lab.other_tab(context)
    goes_on(other, before)
    assert not other.errors


LOSE = """
def lossy(editor, lost):
    send, ack = editor.send, editor._credits.ack
    def sends(content, buffers):
        if "frame" in lost or content["type"] != "frame" or "told" not in content:
            return send(content, buffers)
        lost.append("frame")
    def acks(view, seq):
        if lost.count("ack") == 3:
            return ack(view, seq)
        lost.append("ack")
    editor.send, editor._credits.ack = sends, acks
    return lost
lost = lossy(studio._desk.editor, [])
"""


def test_lost_messages_cost_a_moment_of_the_picture(open_lab):
    lab = open_lab(NAMED)
    lab.wait_for_answer()
    lab.kernel(LOSE)
    lab.button("Run").click()
    wait_until(lambda: lab.updates() > 30, "a moving picture", 60)
    assert sorted(lab.ask("lost")) == ["ack"] * 3 + ["frame"]
    assert not lab.errors


def test_two_tabs_show_each_other_s_edits_and_one_run(open_lab):
    lab = open_lab(NAMED)
    lab.save_notebook()
    other = lab.other_tab()
    other.editor.wait_for(timeout=60_000)
    resize(other, "E", 3000)
    shows(lab, "E", 3000)
    lab.page.bring_to_front()
    resize(lab, "I", 700)
    shows(other, "I", 700)
    lab.button("Run").click()
    wait_until(lambda: lab.updates() > 1, "a moving picture", 60)
    other.page.bring_to_front()
    assert other.button("Pause").is_enabled()
    other.button("Pause").click()
    wait_until(lambda: lab.button("Run").is_enabled(), "the pause in both")
    lab.page.bring_to_front()
    resize(lab, "E", 2999)
    lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("Control+z")
    shows(other, "E", 3000)
    assert not lab.errors
    assert not other.errors
