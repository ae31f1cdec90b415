"""Programs that embed weir: a C handler that blocks as if it were alone, C
functions in pipelines, and streams without a server.
"""
import re
import shutil
import subprocess
import time

import pytest

from support import embed, server

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


# ---- functions in the pipelines of a server

FAHRENHEIT = """\
sources:
  air: { kind: timer, every: 10ms, count: 3, data: { f: 212, nr: "{nr}" } }
routes:
  GET /air: { source: air }
pipelines:
  jobs: flat_map { run } | map(&celsius)
"""


@pytest.fixture(scope="module")
def celsius(tmp_path_factory):
    """The server of docs/embedding.md."""
    page = (server.ROOT / "docs/embedding.md").read_text("utf-8")
    source = re.search(r"^```c norun\n(.*?)^```$", page, re.M | re.S)[1]
    return embed.compile_program(source, tmp_path_factory.mktemp("celsius"))


def test_pipelines_of_a_server_call_functions_of_its_program(weir, celsius):
    w = weir(FAHRENHEIT, command=[str(celsius)])
    parts = [e["data"] for e in w.get("/air").lines() if e["type"] == "part"]
    assert [p["c"] for p in parts] == [100, 100, 100]
    assert w.admin_put("parts", "map(&celsius)").status == 200
    refused = w.admin_put("parts", "map(&kelvin)")
    assert refused.status == 422
    assert refused.json()["detail"] == "there is no function &kelvin"
    assert refused.json()["column"] == 5


def test_an_error_in_a_function_is_an_item_error(weir, celsius):
    w = weir(FAHRENHEIT.replace("212", "cold"), command=[str(celsius)])
    events = w.get("/air").lines()
    assert [e["type"] for e in events] == ["open", *["error"] * 3, "done"]
    assert events[1]["problem"]["detail"] == "f is a string, no number"


def test_the_server_alone_says_that_it_has_no_functions(tmp_path):
    config = tmp_path / "weir.yaml"
    config.write_text(server.config_text(FAHRENHEIT))
    checked = server.run("check", str(config))
    assert checked.returncode == 1
    assert "there is no function &celsius: only a program that embeds weir " \
        "has some" in checked.stderr


# ---- streams

def rx(*args):
    done = subprocess.run([str(server.example("rx")), *args],
                          capture_output=True, encoding="utf-8", timeout=30,
                          env=server.SANITIZER_ENV)
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("args", [(), ("--virtual",)])
def test_streams_of_two_sensors_are_joined(args):
    assert rx(*args) == ("the door is open at 20.0 degrees\n"
                         "the door is closed at 22.0 degrees\n"
                         "that was all\n")


# ---- the headers

HEADERS = sorted(p.name for p in (server.ROOT / "include/weir").glob("*.h"))


def test_each_header_is_installed():
    assert sorted(p.name for p in embed.headers().glob("*.h")) == HEADERS


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no g++")
@pytest.mark.parametrize("name", HEADERS)
def test_a_header_can_be_included_first_and_from_cpp(name, tmp_path):
    source = tmp_path / "only.cc"
    source.write_text("#include <weir/%s>\n#include <weir/%s>\n"
                      % (name, name))
    done = subprocess.run(
        ["g++", "-fsyntax-only", "-Wall", "-Wextra", "-Werror", "-pedantic",
         "-I", str(embed.headers().parent), str(source)],
        capture_output=True, encoding="utf-8", timeout=60)
    assert done.returncode == 0, done.stderr
