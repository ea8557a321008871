"""Calls made later."""

from engine.util import CallProxy


def test_the_path_is_followed_when_called():
    target = {"words": ["b", "a"]}
    proxy = CallProxy(lambda access, *args: access(target)(*args))
    assert proxy["words"].index("a") == 1
    assert proxy["words"][0].upper() == "B"
