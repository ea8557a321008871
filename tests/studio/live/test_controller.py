import threading
import time
from dataclasses import dataclass, field

import networkx as nx
import numpy as np
import pytest

from studio.live import _commands as commands
from studio.live._controller import RunController
from studio.live._network import BuildError, NeedsBuildingError
from studio.live._stream import Source


@dataclass
class Chunk:
    step0: int
    n: int
    spikes: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)
    traces: dict = field(default_factory=dict)


class Network:
    """Every neuron fires in every tenth step; the trace is the parameter."""

    dt = 1e-4
    capacity = 1000

    def __init__(self, fails_at=None):
        self.step = 0
        self.sizes = {"n1": 5}
        self.traces = {"n2": Source("V", [0])}
        self.value = 0.0
        self.fails_at = fails_at

    def advance(self, n_steps):
        steps = np.arange(self.step, self.step + n_steps)
        fires = np.flatnonzero(steps % 10 == 0)
        offsets = np.repeat(fires, 5).astype(np.uint16)
        neurons = np.tile(np.arange(5, dtype=np.uint32), fires.size)
        chunk = Chunk(
            self.step,
            n_steps,
            {"n1": (offsets, neurons)},
            {"n1": np.where(steps % 10 == 0, 5, 0)},
            {"n2": np.full((n_steps, 1), self.value, np.float32)},
        )
        self.step += n_steps
        time.sleep(0.001)
        return chunk

    def reset(self):
        self.step = 0

    def set(self, values, graph):
        self.value = values["n1", "params.tau"]

    def blow_up(self, chunk):
        if self.fails_at is not None and self.step >= self.fails_at:
            return {"code": "not-finite", "text": "Voltage in E is not a number."}
        return None


class Seen:
    """Statuses and frames, and a way to wait for one."""

    def __init__(self):
        self.statuses, self.frames = [], []
        self.takes = True
        self.changed = threading.Condition()

    def status(self, status):
        with self.changed:
            self.statuses.append(status)
            self.changed.notify_all()

    def frame(self, header, arrays):
        with self.changed:
            if self.takes:
                self.frames.append((header, arrays))
                self.changed.notify_all()
            return self.takes

    def wait(self, test, timeout=10):
        with self.changed:
            done = self.changed.wait_for(lambda: self.statuses and test(), timeout)
            assert done, self.statuses[-3:]

    def wait_state(self, name):
        self.wait(lambda: self.statuses[-1].state == name)


@pytest.fixture
def drawing():
    graph = nx.MultiDiGraph()
    graph.add_node("n1")
    return graph


@pytest.fixture
def live(request):
    seen = Seen()
    made = []

    def controller(build=lambda graph, report: Network()):
        made.append(RunController(build, seen.status, seen.frame))
        return made[-1], seen

    yield controller
    for one in made:
        one.close()


def test_an_empty_drawing_does_not_run(live):
    run, seen = live()
    run.post(commands.Structure(nx.MultiDiGraph(), 1))
    run.post(commands.Start())
    seen.wait(lambda: seen.statuses[-1].text == "Nothing to run yet")


def test_frames_hold_every_spike_once_and_in_order(live, drawing):
    run, seen = live()
    run.post(commands.Structure(drawing, 7))
    run.post(commands.Speed(None))
    run.post(commands.Start(0.5))
    seen.wait_state("paused")
    assert seen.statuses[-1].step == 5000
    ends = [h["step0"] + h["n_steps"] for h, _ in seen.frames]
    assert [h["step0"] for h, _ in seen.frames] == [0, *ends[:-1]]
    assert ends[-1] == 5000
    assert {h["revision"] for h, _ in seen.frames} == {7}
    spikes = sum(a["spikes/n1/step"].size for _, a in seen.frames)
    assert spikes == 5 * 500


def test_real_time_is_real_time(live, drawing):
    run, seen = live()
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Speed(1.0))
    run.post(commands.Advance(1))
    seen.wait_state("paused")
    start = time.monotonic()
    run.post(commands.Start(0.4))
    seen.wait(lambda: seen.statuses[-1].step == 4001)
    assert time.monotonic() - start > 0.3


def test_a_value_reaches_the_running_network(live, drawing):
    run, seen = live()
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait(lambda: seen.frames)
    values = {("n1", "params.tau"): 3.0}
    run.post(commands.Parameters(values, drawing, 2, "E tau 3 ms"))
    seen.wait(
        lambda: any(
            h["revision"] == 2 and (a["trace/n2/V/0",] == 3.0).all()
            for h, a in seen.frames
        )
    )
    assert any(s.applied and s.applied["text"] == "E tau 3 ms" for s in seen.statuses)
    assert sum(s.state == "building" for s in seen.statuses) == 1


def test_structure_stops_the_run_and_builds_at_the_next(live, drawing):
    built = []

    def build(graph, report):
        built.append(graph)
        report(2)
        return Network()

    run, seen = live(build)
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("running")
    run.post(commands.Structure(drawing.copy(), 2))
    seen.wait_state("changed")
    assert len(built) == 1
    run.post(commands.Advance(10))
    seen.wait_state("paused")
    assert len(built) == 2
    assert seen.statuses[-1].step == 10


def test_a_cancelled_building_never_runs(live, drawing):
    gate = threading.Event()

    def build(graph, report):
        gate.wait(10)
        return Network()

    run, seen = live(build)
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("building")
    run.post(commands.Cancel())
    seen.wait(lambda: seen.statuses[-1].text == "Building was cancelled")
    gate.set()
    run.post(commands.Retell())
    seen.wait_state("ready")
    assert not seen.frames


def test_what_cannot_be_built_says_why(live, drawing):
    problem = {"code": "delay", "element": "e1", "text": "Shorter than one step."}

    def build(graph, report):
        raise BuildError(problem)

    run, seen = live(build)
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("failed")
    assert seen.statuses[-1].problem == problem


def test_a_failure_of_the_engine_is_shown_and_the_thread_lives(live, drawing):
    def build(graph, report):
        raise ZeroDivisionError("no steps")

    run, seen = live(build)
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("failed")
    assert "no steps" in seen.statuses[-1].text
    run.post(commands.Structure(drawing, 2))
    seen.wait_state("ready")


def test_a_blow_up_stops_and_reset_goes_on(live, drawing):
    run, seen = live(lambda graph, report: Network(fails_at=100))
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("failed")
    assert seen.statuses[-1].problem["code"] == "not-finite"
    run.post(commands.Reset())
    seen.wait_state("ready")
    assert seen.statuses[-1].t == 0


def test_recording_keeps_everything_though_no_view_is_open(live, drawing):
    run, seen = live()
    seen.takes = False
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Speed(None))
    run.post(commands.Advance(1))
    seen.wait_state("paused")
    run.post(commands.Record(True))
    run.post(commands.Start(3.0))
    seen.wait(lambda: seen.statuses[-1].step == 30_001)
    assert sum(chunk.n for chunk in run.recording()) == 30_000
    assert seen.statuses[-1].left_out > 0


def test_values_set_while_building_reach_the_network(live, drawing):
    gate, made = threading.Event(), []

    def build(graph, report):
        gate.wait(10)
        made.append(Network())
        return made[-1]

    run, seen = live(build)
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Advance(1))
    seen.wait_state("building")
    run.post(commands.Parameters({("n1", "params.tau"): 5.0}, drawing, 2, "tau"))
    run.post(commands.Mark(marked := threading.Event()))
    assert marked.wait(10)
    gate.set()
    seen.wait_state("paused")
    assert made[0].value == 5.0


def test_values_that_need_building_mark_the_run_changed(live, drawing):
    class Stiff(Network):
        def set(self, values, graph):
            raise NeedsBuildingError

    run, seen = live(lambda graph, report: Stiff())
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Advance(1))
    seen.wait_state("paused")
    run.post(commands.Parameters({("n1", "params.tau"): 5.0}, drawing, 2, "tau"))
    seen.wait_state("changed")
    run.post(commands.Advance(2))
    seen.wait(lambda: seen.statuses[-1].step == 2)


def test_a_value_that_is_refused_stops_nothing(live, drawing):
    class Picky(Network):
        def set(self, values, graph):
            raise BuildError({"text": "Shorter than one step."})

    run, seen = live(lambda graph, report: Picky())
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("running")
    run.post(commands.Parameters({("e1", "delay"): "0 ms"}, drawing, 2, "delay"))
    seen.wait(lambda: seen.statuses[-1].text == "Shorter than one step.")
    assert seen.statuses[-1].state == "running"


def test_a_failing_step_is_shown_and_the_thread_lives(live, drawing):
    class Broken(Network):
        def advance(self, n_steps):
            raise MemoryError("no room")

    run, seen = live(lambda graph, report: Broken())
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("failed")
    assert "no room" in seen.statuses[-1].text
    assert "Traceback" in seen.statuses[-1].problem["detail"]
    run.post(commands.Structure(drawing, 2))
    seen.wait_state("changed")


def test_no_frame_is_made_that_nobody_takes(drawing):
    seen = Seen()
    run = RunController(
        lambda graph, report: Network(), seen.status, seen.frame, lambda: False
    )
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Advance(100))
    seen.wait_state("paused")
    assert seen.frames == []
    run.close()


def test_pausing_while_it_is_built_starts_nothing(live, drawing):
    gate = threading.Event()

    def build(graph, report):
        gate.wait(10)
        return Network()

    run, seen = live(build)
    run.post(commands.Structure(drawing, 1))
    run.post(commands.Start())
    seen.wait_state("building")
    run.post(commands.Pause())
    gate.set()
    seen.wait_state("ready")
    assert seen.statuses[-1].step == 0
