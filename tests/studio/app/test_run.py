import time

import numpy as np
import pytest

import widgets
from studio import StudioError
from studio.live import _commands as commands


@pytest.fixture
def first(open_browser):
    browser = open_browser("first")
    browser.run("speed")
    return browser


def simulation(browser):
    return browser.studio._desk.running.controller.network.simulation


def frames(browser):
    with browser.editor.changed:
        sent = [(c, b) for c, b in browser.editor.sent if c["type"] == "frame"]
    found, metas = [], None
    for content, (buffer,) in sent:
        if "told" in content:
            metas = content["told"]["arrays"]
        found.append((content, widgets.unpack(metas, content["sizes"], buffer)))
    return found


def n_spikes(browser, node):
    return sum(arrays[f"spikes/{node}/step"].size for _, arrays in frames(browser))


def test_showing_and_editing_compiles_nothing(first):
    first.put("n1", "size", 30)
    first.settle()
    assert first.studio._desk.running.controller.network is None
    assert first.studio.state == "ready"


def test_a_run_is_built_in_four_steps_and_shown(first):
    first.run("run-for", value=0.3)
    paused = first.wait_state("paused")
    assert paused["step"] == 3000
    assert paused["t"] == pytest.approx(0.3)
    states = first.messages("run-state")
    steps = [s["progress"]["step"] for s in states if s["progress"]]
    assert steps == sorted(steps)
    assert set(steps) == {1, 2, 3, 4}
    shown = frames(first)
    assert shown[0][0]["step0"] == 0
    head, arrays = shown[0]
    assert head["told"]["dt"] == 1e-4
    assert [p["id"] for p in head["told"]["populations"]] == ["n3", "n1", "n2"]
    assert "told" not in shown[1][0]
    assert head["layout"] == shown[1][0]["layout"] == 1
    assert arrays["trace/n5/V/0"].dtype == np.float32
    assert n_spikes(first, "n1") > 0
    assert shown[-1][0]["rates"]["n3"] == pytest.approx(10, rel=0.5)


def test_a_view_that_missed_the_layout_is_told_again(first):
    first.run("run")
    first.wait_count("frame", 3)
    assert "told" not in frames(first)[-1][0]
    first.say("missed", view="v1")
    again = first.wait(lambda m: m["type"] == "frame" and m["layout"] == 2)
    first.run("pause")
    first.wait_state("paused")
    assert again["told"] == frames(first)[0][0]["told"]
    assert [head["layout"] for head, _ in frames(first)][-1] == 2


def test_a_slider_changes_the_running_network_without_compiling(first):
    first.run("run")
    first.wait_count("frame", 3)
    sim = simulation(first)
    before = sim.n_traces
    for i in range(20):
        first.put("n1", "params.tau", f"{20 + i} ms", gesture=3, done=i == 19)
        time.sleep(0.01)
    edges = [e["id"] for e in first.document.to_doc()["edges"]]
    first.put(edges[0], "weight", "7 nS")
    first.put(edges[0], "delay", "1.5 ms")
    first.put(edges[0], "rule.params.n", 14)
    first.put(edges[0], "synapse.params.tau", "6 ms")
    first.put(edges[0], "output.params.E", "5 mV")
    first.put("n3", "params.rate", "30 Hz")
    first.ask("undo")
    revision = first.document.revision
    first.wait(lambda m: m["type"] == "frame" and m["revision"] == revision)
    first.run("pause")
    state = first.wait_state("paused")
    assert simulation(first) is sim
    assert sim.n_traces == before
    assert sim.parameters["n1.params.tau"] == "39 ms"
    assert sim.parameters[f"{edges[0]}.weight"] == "7 nS"
    assert sim.parameters[f"{edges[0]}.delay"] == "1.5 ms"
    assert sim.parameters[f"{edges[0]}.rule.params.n"] == 14
    assert sim.parameters[f"{edges[0]}.synapse.params.tau"] == "6 ms"
    assert sim.parameters[f"{edges[0]}.output.params.E"] == "5 mV"
    assert sim.parameters["n3.params.rate"] == "10 Hz"
    assert state["applied"]["text"] == "Undo Set rate of Noise"
    assert not [s for s in first.messages("run-state") if s["state"] == "changed"]


def test_a_default_reaches_the_running_network(first):
    first.run("step")
    first.wait_state("paused")
    first.put("n1", "params.V_th", "-45 mV")
    first.put("n1", "params.V_th", None)
    first.studio.wait(10)
    assert simulation(first).parameters["n1.params.V_th"] == "-50 mV"


def test_structure_marks_the_run_changed_and_the_next_builds(first):
    first.run("step-ms")
    first.wait_state("paused")
    first.put("n1", "size", 60)
    first.wait_state("changed")
    first.run("step")
    assert first.wait_state("paused")["step"] == 1
    assert simulation(first).sizes["n1"] == 60


def test_the_same_structure_is_compiled_once(first):
    first.run("step")
    first.wait_state("paused")
    traces, sim = simulation(first).n_traces, simulation(first)
    first.edit({"op": "add-node", "kind": "LIFRef", "position": [0, 0]})
    first.wait_state("changed")
    first.ask("undo")
    first.run("step-ms")
    assert first.wait_state("paused")["step"] == 10
    assert simulation(first) is sim
    assert sim.n_traces == traces


def test_values_set_while_it_is_built_are_in_it(first):
    first.run("step")
    first.put("n1", "params.tau", "31 ms")
    first.wait_state("paused")
    first.studio.wait(10)
    assert simulation(first).parameters["n1.params.tau"] == "31 ms"


def test_a_wrong_value_leaves_the_run_running(first):
    edge = first.document.to_doc()["edges"][0]["id"]
    first.run("run")
    first.wait_count("frame", 2)
    first.put(edge, "delay", "0.05 ms")
    told = first.wait(lambda m: m["type"] == "run-state" and m["text"])
    assert told["state"] == "running"
    first.put(edge, "delay", "0.5 ms")
    first.settle()
    first.run("pause")
    first.wait_state("paused")
    assert simulation(first).parameters[f"{edge}.delay"] == "0.5 ms"


def test_errors_are_told_by_the_run_too(first):
    edge = first.document.to_doc()["edges"][0]["id"]
    first.put(edge, "delay", "0.05 ms")
    first.wait_state("draft")
    first.run("run")
    failed = first.wait_state("failed")
    assert failed["problem"]["element"] == edge
    assert failed["problem"]["text"] == failed["text"]


def test_reset_starts_again_with_the_same_spikes(first):
    first.run("record", value=True)
    first.run("run-for", value=0.1)
    first.wait_state("paused")
    once = first.studio.results()
    first.run("reset")
    assert first.wait_state("ready")["t"] == 0
    first.run("run-for", value=0.1)
    first.wait_state("paused")
    again = first.studio.results()
    assert len(once.spikes["E"]) > 0
    for label, train in once.spikes.items():
        np.testing.assert_array_equal(train.steps, again.spikes[label].steps)
        np.testing.assert_array_equal(train.neurons, again.spikes[label].neurons)


def test_a_live_run_is_the_run_of_a_script(first):
    first.studio.record().run("100 ms").wait(60)
    live = first.studio.results()
    script = first.studio.network.run("100 ms")
    assert live.n_steps == script.n_steps
    for label, train in script.spikes.items():
        np.testing.assert_array_equal(train.steps, live.spikes[label].steps)
        np.testing.assert_array_equal(train.neurons, live.spikes[label].neurons)
    np.testing.assert_array_equal(
        script.traces["E", "V"].mantissa, live.traces["E", "V"].mantissa
    )


def test_results_need_a_recording(first):
    with pytest.raises(StudioError, match="Nothing was recorded"):
        first.studio.results()


def test_a_blow_up_names_population_variable_and_time(first):
    first.run("step")
    first.wait_state("paused")
    network = first.studio._desk.running.controller.network

    def advance(n, advance=network.advance):
        chunk = advance(n)
        chunk.__dict__["not_finite"] = {
            "element": "n1",
            "variable": "V",
            "step": network.step,
            "n": 3,
        }
        return chunk

    network.advance = advance
    first.run("step-ms")
    failed = first.wait_state("failed")
    assert failed["problem"]["element"] == "n1"
    at = failed["step"] / 10
    assert f"V of E is not a number any more at {at:g} ms" in failed["text"]
    del network.advance
    first.run("reset")
    first.wait_state("ready")


def test_a_failure_while_running_is_shown_and_reset_goes_on(first, caplog):
    first.run("step")
    first.wait_state("paused")
    network = first.studio._desk.running.controller.network
    network.advance = lambda n: 1 / 0
    first.run("run")
    assert "division" in first.wait_state("failed")["text"]
    del network.advance
    first.run("reset")
    first.run("step")
    first.wait_state("paused")


def test_closed_views_cost_nothing(first):
    first.run("run")
    first.wait_count("frame", 2)
    first.say("bye", view="v1")
    first.settle()
    n = len(first.editor.sent)
    time.sleep(0.5)
    assert first.studio.state == "running"
    assert len(first.editor.sent) <= n + 1
    held = sum(c.n for c in first.studio._desk.running.controller._frames._chunks)
    assert held <= 2 * 10_000 + 1000
    first.hello("v3")
    assert first.wait(lambda m: m["type"] == "frame" and m["left_out"] >= 0)


def test_a_view_that_stops_answering_gets_no_clock(first, monkeypatch):
    first.run("run")
    first.wait_count("frame", 2)
    monkeypatch.setattr(type(first.editor), "n_listening", 0)
    first.settle()
    time.sleep(0.2)
    n = len(first.messages("run-state"))
    time.sleep(0.4)
    assert len(first.messages("run-state")) == n


def test_views_choose_rows_and_window(first):
    first.say("view", view="v1", rows=10, window=2.0)
    first.run("run-for", value=0.05)
    first.wait_state("paused")
    head, _ = frames(first)[0]
    assert sum(len(p["rows"]) for p in head["told"]["populations"]) <= 3 * 8
    controller = first.studio._desk.running.controller
    first.hello("v2")
    first.say("view", view="v2", rows=50, window=0.5)
    first.settle()
    assert controller._show == (50, 2.0) or first.studio.wait(5)
    controller.post(commands.Retell())
    first.say("bye", view="v1")
    first.settle()
    first.studio.wait(5)
    assert controller._show == (50, 0.5)


def test_python_runs_pauses_steps_and_resets(open_browser):
    studio = open_browser("neuron", hello=False).studio
    assert studio.speed(None).step(5).wait(60)
    assert studio.state == "paused"
    assert studio._desk.running.status.step == 5
    assert studio.run().pause().wait(10)
    assert studio.reset().wait(10)
    assert studio._desk.running.status.step == 0
    for wrong in (0, -1):
        with pytest.raises(StudioError, match="above 0"):
            studio.speed(wrong)
    studio.close()
    with pytest.raises(StudioError, match="closed"):
        studio.run()
