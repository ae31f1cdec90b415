"""A program that embeds weir: a C handler that blocks as if it were alone."""
import time

import pytest

from support import server

CONFIG = (server.EXAMPLES / "two_calls.yaml").read_text("utf-8")


@pytest.fixture
def two_calls(weir):
    program = server.example("two_calls")
    if not program.is_file():
        pytest.fail("%s is not built" % program, pytrace=False)
    return weir(CONFIG, command=[str(program)])


def test_a_handler_calls_one_address_after_the_other(two_calls, upstream):
    r = two_calls.get("/both/a?base=" + upstream.url)
    events = r.lines()
    assert [e["type"] for e in events] == ["open", "part", "done"], events
    assert events[1]["data"]["first"]["id"] == "a"
    assert events[1]["data"]["second"]["path"] == "/json?after=a"


def test_a_thousand_clients_are_served_while_handlers_wait(two_calls,
                                                           upstream):
    """Each handler waits 200 ms for its first call; none waits for another."""
    streams = [two_calls.stream("/both/c%d?base=%s" % (i, upstream.url),
                                timeout=60) for i in range(1000)]
    try:
        began = time.monotonic()
        alive = two_calls.get("/v1/jobs/none")
        assert alive.status == 404
        assert time.monotonic() - began < 5
        for i, s in enumerate(streams):
            data = [e["data"] for e in s.events() if e["type"] == "part"]
            assert [d["first"]["id"] for d in data] == ["c%d" % i]
    finally:
        for s in streams:
            s.close()


def test_what_goes_wrong_in_a_handler_is_the_jobs_error(two_calls):
    events = two_calls.get("/both/a?base=http://127.0.0.1:1").lines()
    assert [e["type"] for e in events] == ["open", "error", "done"]
    assert "connection refused" in events[1]["problem"]["detail"]
    events = two_calls.get("/both/a").lines()
    assert "needs base" in events[1]["problem"]["detail"]


def test_the_server_alone_says_that_it_has_no_such_handler(weir):
    w = weir(CONFIG)
    events = w.get("/both/a").lines()
    assert "no handler for the source 'both'" in \
        events[1]["problem"]["detail"]
