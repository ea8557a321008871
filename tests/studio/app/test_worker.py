import threading
import time

import pytest

from studio.app._worker import Worker


@pytest.fixture
def worker():
    worker = Worker("test")
    yield worker
    worker.close()


def test_work_is_done_in_order_on_one_thread(worker):
    done = []
    for i in range(100):
        worker.post(lambda i=i: done.append((i, threading.current_thread().name)))
    assert worker.wait()
    assert done == [(i, "test") for i in range(100)]


def test_no_thread_before_there_is_work():
    before = threading.active_count()
    Worker("idle").close()
    assert threading.active_count() == before


def test_what_is_asked_for_again_waits_but_not_for_ever(worker):
    done = []

    def ask(latest):
        work = lambda: done.append(time.monotonic())
        worker.post(lambda: worker.later("x", 0.2, work, latest=latest))

    start = time.monotonic()
    while not done and time.monotonic() < start + 5:
        ask(latest=0.5)
        time.sleep(0.02)
    assert 0.4 < done[0] - start < 4
    ask(latest=5)
    worker.post(lambda: worker.forget("x"))
    time.sleep(0.4)
    worker.wait()
    # what was asked for meanwhile by the loop may have come once more
    assert len(done) <= 2


def test_a_failure_is_logged_and_the_next_work_is_done(worker, caplog):
    done = []
    worker.post(lambda: 1 / 0)
    worker.post(lambda: done.append(1))
    assert worker.wait()
    assert done == [1]
    assert "division" in caplog.text


def test_after_closing_nothing_is_done(worker):
    done = []
    worker.post(lambda: done.append(1))
    worker.close()
    worker.post(lambda: done.append(2))
    assert worker.wait()
    assert done == [1]
