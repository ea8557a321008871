"""Two painters of the live plots, plotly with WebGL and pixels: both show the same."""

import pytest
from lab import wait_until

pytestmark = pytest.mark.ui

WISH = "name => localStorage.setItem('neuroloom-plots', name)"
# a browser that names a graphics card, with a processor behind it
CARD = """window.nlDrawn = 0;
for (const made of [WebGLRenderingContext, WebGL2RenderingContext]) {
  const ask = made.prototype.getParameter;
  made.prototype.getParameter = function (name) {
    return name === 0x9246 ? "A graphics card" : ask.call(this, name);
  };
  for (const call of ["drawArrays", "drawElements"]) {
    const draw = made.prototype[call];
    made.prototype[call] = function (...how) {
      window.nlDrawn++;
      return draw.apply(this, how);
    };
  }
}"""
# For each spike that plotly has: whether both pictures have ink there; and whether the
# ink of the pixels belongs to spikes.
COMPARE = """() => {
  const [gl, flat] = [...document.querySelectorAll(".nl-plots > .stage")];
  const sheet = (stage) => {
    const { width, height, left, top } = stage.getBoundingClientRect();
    const canvas = new OffscreenCanvas(Math.ceil(width), Math.ceil(height));
    const context = canvas.getContext("2d");
    for (const part of stage.querySelectorAll("canvas")) {
      const box = part.getBoundingClientRect();
      if (box.width) context.drawImage(part, box.left - left, box.top - top, box.width, box.height);
    }
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    return (x, y) => data[4 * (Math.round(y) * canvas.width + Math.round(x)) + 3] > 60;
  };
  const near = (ink, x, y, reach) => {
    for (let i = -reach; i <= reach; i++)
      for (let j = -reach; j <= reach; j++) if (ink(x + i, y + j)) return true;
    return false;
  };
  const plot = gl.querySelector(".js-plotly-plot");
  const { width, height, xaxis, yaxis } = plot.layout;
  const [from, to] = xaxis.range;
  const [left, right] = xaxis.domain.map((share) => share * width);
  const top = (1 - yaxis.domain[1]) * height;
  const [glInk, flatInk] = [sheet(gl), sheet(flat)];
  const spikes = [];
  for (const { mode, type, x, y } of plot.data) {
    if (mode !== "markers" || type !== "scattergl") continue;
    for (let i = 0; i < x.length; i++) {
      if (x[i] < from || x[i] > to) continue;
      spikes.push([left + ((x[i] - from) / (to - from)) * (right - left), top + y[i]]);
    }
  }
  const rows = new Map();
  for (const [x, y] of spikes) {
    const row = Math.round(y);
    if (!rows.has(row)) rows.set(row, []);
    rows.get(row).push(x);
  }
  let [ink, known] = [0, 0];
  for (let y = Math.ceil(top); y < top + yaxis.range[0]; y++) {
    for (let x = Math.ceil(left); x < right - 2; x++) {
      if (!flatInk(x, y)) continue;
      ink++;
      const around = [-3, -2, -1, 0, 1, 2, 3].flatMap((by) => rows.get(y + by) ?? []);
      if (around.some((at) => Math.abs(at - x) <= 3)) known++;
    }
  }
  return {
    spikes: spikes.length, ink, known,
    gl: spikes.filter(([x, y]) => near(glInk, x, y, 2)).length,
    flat: spikes.filter(([x, y]) => near(flatInk, x, y, 3)).length,
  };
}"""


def painter_of(view):
    return view.locator("[data-updates]").first.get_attribute("data-renderer")


def rate_of(lab, seconds=3.0):
    before = lab.updates()
    lab.page.wait_for_timeout(1000 * seconds)
    return (lab.updates() - before) / seconds


def test_plotly_and_pixels_show_the_same_spikes(open_lab):
    lab = open_lab(
        "from studio import Studio\nstudio = Studio('balanced')\nstudio", "studio"
    )
    lab.page.set_viewport_size({"width": 1500, "height": 2000})
    lab.wait_for_answer()
    lab.page.evaluate(WISH, "plotly")
    lab.button("Run").click()
    wait_until(lambda: lab.updates() > 2, "a picture by plotly", 60)
    lab.note(f"plotly without a graphics card: {rate_of(lab):.1f} updates a second")
    lab.page.evaluate(WISH, "pixels")
    other = lab.page.locator(".nl[role=region]").nth(1)
    other.get_by_role("button", name="Plots", exact=True).click()
    start = lab.ask("studio._desk.running.status.t")
    now = lambda: lab.ask("studio._desk.running.status.t")
    wait_until(lambda: now() > start + 1.5, "a window that both saw", 60)
    lab.button("Pause").click()
    wait_until(lambda: lab.ask("studio.state") == "paused", "the pause")
    lab.page.wait_for_timeout(3000)  # the last picture of the slower one
    assert painter_of(lab.editor) == "plotly"
    assert painter_of(other) == "pixels"
    lab.shot("10-two-painters")
    found = lab.page.evaluate(COMPARE)
    assert found["spikes"] > 500
    assert found["gl"] > 0.99 * found["spikes"], found
    assert found["flat"] > 0.99 * found["spikes"], found
    assert found["ink"] > found["spikes"], found
    assert found["known"] > 0.99 * found["ink"], found
    assert not lab.errors


def test_a_card_that_is_too_slow_is_left_for_pixels(page, open_lab):
    page.add_init_script(CARD)
    lab = open_lab("from studio import Studio\nstudio = Studio('balanced')\nstudio")
    lab.wait_for_answer()
    lab.button("Run").click()
    wait_until(lambda: painter_of(lab.editor) == "pixels", "the change", 60)
    assert lab.page.evaluate("nlDrawn") > 0, "plotly had its try"
    n = lab.updates()
    wait_until(lambda: lab.updates() > n + 5, "a moving picture", 30)
    assert not lab.errors
