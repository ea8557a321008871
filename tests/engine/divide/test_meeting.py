"""Hosts that wait for each other, as threads."""

import socket
import threading

import pytest

from engine.divide import DivisionError
from engine.run._meeting import meet


@pytest.fixture
def port():
    with socket.socket() as one:
        one.bind(("localhost", 0))
        return one.getsockname()[1]


def met(port, *hosts, wait=5.0):
    """Return what each host was told: host, names."""
    told = {}

    def come(place, host, names):
        try:
            meet(names, port, host, wait)
            told[place] = "met"
        except DivisionError as error:
            told[place] = str(error)

    threads = [
        threading.Thread(target=come, args=(i, *one)) for i, one in enumerate(hosts)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [told[i] for i in range(len(hosts))]


A, B = ["localhost", "b", "c"], ["localhost", "b", "d"]


def test_all_go_on_when_all_are_there(port):
    assert met(port, (1, A), (2, A), (0, A)) == ["met"] * 3
    assert met(port, (0, ["localhost"])) == ["met"]


def test_everybody_is_told_who_is_missing(port):
    told = met(port, (0, A), (2, A), wait=0.7)
    assert f"b did not come to port {port} of localhost within 0.7 s" in told[0]
    told = met(port, (1, A), wait=0.3)
    assert f"localhost does not answer at port {port}" in told[0]


def test_everybody_is_told_of_other_lists_and_of_two_that_are_one(port):
    for text in met(port, (0, A), (1, A), (2, B)):
        assert "was started with other --hosts" in text or "does not answer" in text
    told = met(port, (0, A), (1, A), (1, A), wait=2.0)
    assert all("two processes are host 1, b" in text for text in told)


def test_strangers_are_let_go_and_a_port_that_is_taken_is_told(port):
    def call(text):
        with socket.create_connection(("localhost", port), timeout=2) as stranger:
            stranger.sendall(text)

    for text in (b"GET / HTTP/1.1\r\n\r\n", b"7\n", b'["neuroloom", [1], 3]\n'):
        threading.Timer(0.3, call, [text]).start()
    threading.Timer(0.6, lambda: meet(A[:2], port, 1, 5.0)).start()
    assert met(port, (0, A[:2])) == ["met"]
    with socket.create_server(("", port)):
        (told,) = met(port, (0, A))
    assert f"port {port} of this machine cannot be used" in told
