"""Every width of a cell: nothing covers anything, and the run bar is one line."""

import pytest
from lab import wait_until

pytestmark = pytest.mark.ui

OPEN = "from studio import Studio\nstudio = Studio('balanced')\nstudio"
BESIDE = 432  # px of a JupyterLab that its side bar and the edges of a cell take


def overlap(a, b):
    return (
        min(a["x"] + a["width"], b["x"] + b["width"]) - max(a["x"], b["x"]) > 1
        and min(a["y"] + a["height"], b["y"] + b["height"]) - max(a["y"], b["y"]) > 1
    )


def test_nothing_covers_the_plots_and_the_run_bar_is_one_line(open_lab):
    lab = open_lab(OPEN)
    lab.wait_for_answer()
    lab.button("Run").click()
    wait_until(lambda: lab.updates() > 1, "a moving picture", 60)
    for width in (1068, 935, 850, 763):
        lab.page.set_viewport_size({"width": width + BESIDE, "height": 900})
        lab.page.wait_for_timeout(500)
        lab.select_projection("I", "E")
        lab.page.wait_for_timeout(500)
        assert abs(lab.editor.bounding_box()["width"] - width) < 10
        panes = [
            lab.editor.locator(f"[data-pane={name}]").first.bounding_box()
            for name in ("canvas", "inspector", "plots")
        ]
        for i, one in enumerate(panes):
            assert one["width"] > 290
            assert not [other for other in panes[i + 1 :] if overlap(one, other)]
        bar = lab.editor.get_by_role("toolbar").first
        assert bar.bounding_box()["height"] < 50
        assert bar.evaluate("bar => bar.scrollWidth <= bar.clientWidth")
        lab.shot(f"9-room-{width}")
        lab.page.keyboard.press("Escape")
    assert not lab.errors
