import threading

from studio import examples
from studio._script import script_of


def test_many_threads_may_print_at_once():
    plans = [examples.load(key).plan() for key in ("first", "balanced", "synfire")]
    expected = [script_of(plan) for plan in plans]
    got, errors = [], []

    def work():
        try:
            got.append([script_of(plan) for plan in plans])
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert got == [expected] * 4
