import threading
import time

import pytest

from widgets import Credits


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def credits(clock):
    return Credits(per_view=2, clock=clock)


def send(credits, clock, seq):
    """Try to send once the rate allows it."""
    clock.now += 0.05
    return credits.take(seq)


def test_nothing_is_sent_without_a_view(credits, clock):
    assert not credits.ready()
    assert not send(credits, clock, 1)


def test_so_many_frames_are_on_the_way_at_most(credits, clock):
    credits.open("a")
    assert [send(credits, clock, seq) for seq in (1, 2, 3)] == [True, True, False]
    credits.ack("a", 1)
    assert send(credits, clock, 3)
    assert not send(credits, clock, 4)


def test_an_answer_gives_back_all_older_frames(credits, clock):
    credits.open("a")
    send(credits, clock, 1)
    send(credits, clock, 2)
    credits.ack("a", 2)
    assert [send(credits, clock, seq) for seq in (3, 4, 5)] == [True, True, False]


def test_the_slowest_view_decides_until_it_is_silent(credits, clock):
    credits.open("fast")
    credits.open("slow")
    for seq in (1, 2):
        assert send(credits, clock, seq)
        credits.ack("fast", seq)
    assert not send(credits, clock, 3)
    clock.now += 2.0
    assert credits.n_listening == 1
    assert credits.n_views == 2
    assert send(credits, clock, 3)


def test_a_silent_view_is_not_waited_for(credits, clock):
    credits.open("a")
    send(credits, clock, 1)
    send(credits, clock, 2)
    clock.now += 1.5
    assert not send(credits, clock, 3)
    credits.heard("a")
    assert not send(credits, clock, 3)
    clock.now += 0.5
    assert credits.n_listening == 0
    credits.heard("a")
    assert [send(credits, clock, seq) for seq in (3, 4, 5)] == [True, True, False]


def test_a_lost_answer_stops_the_picture_for_a_moment_only(credits, clock):
    credits.open("a")
    send(credits, clock, 1)
    send(credits, clock, 2)  # the answer for both is lost
    sent = []
    for tick in range(1, 22):
        clock.now += 0.3
        if credits.take(3 + len(sent)):
            sent.append(0.3 * tick)
    assert sent == pytest.approx([2.1, 4.2, 6.3])  # the first ticks after two seconds
    assert credits.n_listening == 0
    credits.ack("a", 3)
    assert credits.n_listening == 1
    assert send(credits, clock, 6)


@pytest.mark.parametrize("sign", ["ack", "heard", "anybody", "open"])
def test_signs_of_life(credits, clock, sign):
    credits.open("a")
    send(credits, clock, 1)
    clock.now += 5.0
    assert credits.n_listening == 0
    match sign:
        case "ack":
            credits.ack("a", 1)
        case "heard":
            credits.heard("a")
        case "anybody":
            credits.heard()
        case "open":
            credits.open("a")
    assert credits.n_listening == 1


def test_a_view_that_answers_slowly_is_not_silent(credits, clock):
    credits.open("a")
    send(credits, clock, 1)
    send(credits, clock, 2)
    for seq in range(1, 6):
        clock.now += 1.5
        credits.ack("a", seq)
        assert credits.take(seq + 2)
    assert credits.n_listening == 1


def test_a_closed_view_is_forgotten(credits, clock):
    credits.open("a")
    credits.close("a")
    credits.close("a")
    credits.ack("a", 1)
    credits.heard("a")
    assert credits.n_views == 0
    assert not send(credits, clock, 1)


def test_rate_is_bounded_over_all_views(credits, clock):
    credits.open("a")
    sent = 0
    for tick in range(1000):  # one second, each frame answered at once
        clock.now = 200.0 + tick / 1000
        if credits.take(sent + 1):
            sent += 1
            credits.ack("a", sent)
    assert 25 <= sent <= 31


def test_frames_that_come_a_little_early_are_let_pass(credits, clock):
    credits.open("a")
    for seq in range(1, 21):  # 38 ms apart in the mean, 30 and 46 in turn
        clock.now += 0.030 if seq % 2 else 0.046
        assert credits.take(seq)
        credits.ack("a", seq)


def test_wait_wakes_on_an_answer():
    credits = Credits(per_view=2, rate=1e6)
    credits.open("a")
    assert credits.take(1)
    time.sleep(0.001)
    assert credits.take(2)
    assert not credits.wait(0.01)
    threading.Timer(0.02, credits.ack, ("a", 2)).start()
    assert credits.wait(2.0)
