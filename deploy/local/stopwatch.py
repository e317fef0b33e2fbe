"""Where the time goes between deploy/local/up and the first message that it shows."""
import contextlib
import time


def spent_before(text):
    """Of the command line: what `up` did before the servers were started, as NAME=SECONDS."""
    name, _, seconds = text.partition("=")
    return name, float(seconds)


class Stopwatch:
    def __init__(self, before):
        self._spent = list(before)

    @contextlib.contextmanager
    def measure(self, name):
        began = time.monotonic()
        yield
        self._spent.append((name, time.monotonic() - began))

    def last(self):
        return self._spent[-1][1]

    def describe(self):
        parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in self._spent)
        return f"{sum(seconds for _, seconds in self._spent):.1f} s ({parts})"
