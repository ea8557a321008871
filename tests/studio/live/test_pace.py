import pytest

from studio.live._pace import Pace


class Clock:
    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


def test_chunk_takes_the_target_time():
    pace = Pace(dt=1e-4, capacity=1000, target=0.03)
    pace.note(10, 10 * 1e-3, 10)  # one millisecond a step
    assert pace.chunk() == 30


def test_chunk_never_exceeds_what_is_left_or_fits():
    pace = Pace(dt=1e-4, capacity=100)
    pace.note(10, 1e-6, 10)
    assert pace.chunk() == 100
    assert pace.chunk(left=7) == 7


def test_real_time_makes_the_run_wait():
    clock = Clock()
    pace = Pace(dt=1e-3, capacity=1000, speed=1.0, clock=clock)
    clock.now = 0.001
    pace.note(100, 0.001, 100)  # 0.1 s simulated in 1 ms
    assert pace.wait(100) == pytest.approx(0.099)


def test_a_slow_run_does_not_owe_time():
    clock = Clock()
    pace = Pace(dt=1e-3, capacity=1000, speed=1.0, clock=clock)
    clock.now = 10.0
    pace.note(100, 10.0, 100)
    assert pace.wait(100) == 0.0
    clock.now = 10.001
    pace.note(100, 0.001, 200)
    assert pace.wait(200) == pytest.approx(0.099, abs=2e-3)


def test_factor_is_simulated_over_wall_time():
    clock = Clock()
    pace = Pace(dt=1e-3, capacity=1000, clock=clock)
    for step in (100, 200, 300):
        clock.now += 0.2
        pace.note(100, 0.2, step)
    assert pace.factor == pytest.approx(0.5)
