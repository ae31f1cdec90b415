"""Waiting, always with a deadline."""
import time


class Late(AssertionError):
    """Something did not happen in time."""


def until(happened, what, seconds=10.0, step=0.01):
    """Calls happened() until it returns something true, which is returned."""
    deadline = time.monotonic() + seconds
    while True:
        result = happened()
        if result:
            return result
        if time.monotonic() > deadline:
            raise Late("%s: not within %g s" % (what, seconds))
        time.sleep(step)
