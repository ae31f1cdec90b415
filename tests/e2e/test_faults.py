"""What goes wrong, and that it is told: upstreams that misbehave, requests
and configurations that are wrong. The server goes on in each case."""
import re

import pytest

from support import server

SIDE_BY_SIDE = {"jobs": "flat_map { run }"}


# ---- upstreams

UPSTREAMS = [  # address, status of the problem, what its detail says
    ("/stall?after=none", 504, "timed out"),
    ("/stall?after=head", 504, "timed out"),
    ("/stall?after=body", 504, "timed out"),
    ("/late?dt=3", 504, "timed out"),
    ("/slow?dt=2&bytes=9", 504, "timed out"),
    ("/reset?after=none", 502, "broke off"),
    ("/reset?after=head", 502, "broke off"),
    ("/reset?after=body", 502, "broke off"),
    ("/badhttp?kind=dup", 502, "two lengths"),
    ("/truncate", 502, "before the body was complete"),
    ("/garbage?seed=1", 502, "HTTP/0.9"),
    ("/garbage?seed=7", 502, "HTTP/0.9"),
    ("/badhttp?kind=cl", 502, "Content-Length"),
    ("/badhttp?kind=chunk", 502, ""),
    ("/badhttp?kind=header", 502, "without colon"),
    ("/badhttp?kind=status", 502, "response code"),
    ("/redirect?loop=1&n=2", 502, "redirects"),
    ("/500", 502, "status 500"),
    ("/503", 502, "status 503, retry after 1"),
    ("/404", 502, "status 404"),
    ("/huge-header?kb=500", 413, "too much memory"),
]


def test_each_fault_of_an_upstream_is_one_clear_error(weir, upstream):
    w = weir({"sources": {
        "s%d" % i: {"kind": "http", "url": upstream.url + path,
                    "timeout": "500ms", "idle": "500ms"}
        for i, (path, _, _) in enumerate(UPSTREAMS)},
        "pipelines": SIDE_BY_SIDE})
    jobs = [{"id": "j%d" % i, "source": "s%d" % i}
            for i in range(len(UPSTREAMS))]
    events = w.post("/v1/jobs", jobs, timeout=30).lines()
    for i, (path, status, says) in enumerate(UPSTREAMS):
        mine = [e for e in events if e.get("job") == "j%d" % i]
        assert [e["type"] for e in mine] == ["error", "done"], (path, mine)
        problem = mine[0]["problem"]
        assert problem["status"] == status, (path, problem)
        assert says in problem["detail"], (path, problem)
        # Which address it was, for whoever has a hundred of them.
        assert upstream.url + path.split("?")[0] in problem["detail"]
        assert (mine[1]["state"], mine[1]["parts"]) == ("failed", 0)


def test_a_line_without_end_costs_itself_only(weir, upstream):
    w = weir({"sources": {"s": {
        "kind": "http", "url": upstream.url + "/huge-line?mb=8",
        "line_max": "64KiB"}}})
    events = w.post("/v1/jobs", {"source": "s"}, timeout=30).lines()
    assert [e["type"] for e in events] == ["open", "error", "part", "done"]
    assert "line 1 is longer than 65536 bytes" in \
        events[1]["problem"]["detail"]
    assert events[2]["data"] == {"i": 1}


def test_a_whole_answer_is_read_up_to_its_limit(weir, upstream):
    w = weir({"sources": {"s": {
        "kind": "http", "url": upstream.url + "/huge-body?mb=40",
        "format": "json"}}})
    before = w.rss()
    events = w.post("/v1/jobs", {"source": "s"}, timeout=30).lines()
    assert [e["type"] for e in events] == ["open", "error", "done"]
    assert events[1]["problem"]["status"] == 413
    assert w.rss() - before < 128 << 20  # 16 MiB, and what it grew through


def test_odd_but_valid_answers_are_read(weir, upstream):
    odd = {"/partial-line": [{"i": 0}, {"i": 1}, {"i": 2}],
           "/crlf": [{"i": 0}, {"i": 1}, {"i": 2}],
           "/split-utf8?dt=0": [{"s": "\u00e9\u20ac\U0001F600"}] * 3,
           "/keepalive-close": [{"ok": True}],
           "/redirect?n=2": [{"ok": True, "path": "/json"}],
           "/sse?n=3&dt=0": [{"i": 0}, {"i": 1}, {"i": 2}]}
    w = weir({"sources": {
        "s%d" % i: {"kind": "http", "url": upstream.url + path}
        for i, path in enumerate(odd)}, "pipelines": SIDE_BY_SIDE})
    for i, (path, want) in enumerate(odd.items()):
        events = w.post("/v1/jobs", {"source": "s%d" % i}).lines()
        assert [e["data"] for e in events if e["type"] == "part"] == want, \
            path
        assert events[-1]["state"] == "done", path


def test_a_name_from_a_job_stays_a_name_in_the_address(weir, upstream):
    w = weir({"sources": {"s": {
        "kind": "http", "url": upstream.url + "/echo/{item}/x?q={item}"},
        "e": {"kind": "http", "url": upstream.url + "/echo?q={item}"}},
        "pipelines": SIDE_BY_SIDE})
    for item in ("../..", "..", ".", "%2e%2e", "a/b", "a?b#c", "a b\r\nX: y",
                 "a&admin=1"):
        events = w.post("/v1/jobs", {"source": "s", "item": item}).lines()
        # There is no such endpoint, so it was not asked for another one.
        problem = events[1]["problem"]
        assert events[1]["type"] == "error", (item, events)
        assert "status 404" in problem["detail"] or \
            problem["status"] == 422, (item, events)
    calls = upstream.stats()["calls"]
    assert all(path.startswith("/echo/") and path.endswith("/x")
               for path in calls), calls
    events = w.post("/v1/jobs", {"source": "e", "item": "a&b=1 ..\r\n"}
                    ).lines()
    assert events[1]["data"]["target"] == "/echo?q=a%26b%3D1%20..%0D%0A"


# ---- jobs

def test_a_running_job_can_be_cancelled(weir):
    w = weir({"sources": {"t": {"kind": "timer", "every": "20ms",
                                "data": "{nr}"}}})
    with w.stream("/v1/jobs", "POST", {"id": "a", "source": "t"}) as s:
        assert s.event(seconds=5)["type"] == "open"
        assert s.event(seconds=5)["data"] == 0
        assert w.get("/v1/jobs/a").json()["state"] == "running"
        r = w.delete("/v1/jobs/a")
        assert r.status in (200, 202)
        events = list(s.events(seconds=5))
    assert events[-1]["type"] == "done"
    assert events[-1]["state"] == "cancelled"
    assert not any(e["type"] == "error" for e in events)
    assert w.get("/v1/jobs/a").json()["state"] == "cancelled"
    assert w.delete("/v1/jobs/a").status == 200  # nothing to do any more
    assert w.delete("/v1/jobs/b").status == 404


def test_a_job_that_waits_its_turn_can_be_cancelled(weir):
    w = weir({"sources": {"t": {"kind": "timer", "every": "20ms",
                                "count": "{n}", "data": "{nr}"}},
              "pipelines": {"jobs": "run"}})  # one after the other
    jobs = [{"id": "a", "source": "t", "n": 20},
            {"id": "b", "source": "t", "n": 5},
            {"id": "c", "source": "t", "n": 1}]
    with w.stream("/v1/jobs", "POST", jobs) as s:
        assert s.event(seconds=5)["type"] == "open"
        assert w.get("/v1/jobs/b").json()["state"] == "queued"
        w.delete("/v1/jobs/b")
        events = list(s.events(seconds=10))
    done = {e["job"]: (e["state"], e["parts"]) for e in events
            if e["type"] == "done"}
    assert done == {"a": ("done", 20), "b": ("cancelled", 0),
                    "c": ("done", 1)}


def test_an_id_in_use_is_refused_and_the_others_run(weir):
    w = weir({"sources": {"t": {"kind": "timer", "every": "10ms",
                                "count": 30, "data": "{nr}"},
                          "echo": {"kind": "echo"}},
              "pipelines": SIDE_BY_SIDE})
    with w.stream("/v1/jobs", "POST", {"id": "a", "source": "t"}) as s:
        assert s.event(seconds=5)["type"] == "open"
        events = w.post("/v1/jobs", [
            {"id": "a", "source": "echo", "data": 1},
            {"id": "b", "source": "echo", "data": 2},
            {"id": "b", "source": "echo", "data": 3}]).lines()
        first = [e for e in s.events(seconds=5)]
    errors = [(e["job"], e["problem"]["status"]) for e in events
              if e["type"] == "error"]
    assert errors[0] == ("a", 409)
    assert 2 in [e["data"] for e in events if e["type"] == "part"]
    assert 1 not in [e["data"] for e in events if e["type"] == "part"]
    # The one that had it first goes on undisturbed.
    assert [e["data"] for e in first if e["type"] == "part"] \
        == list(range(30))


def test_a_request_has_at_most_1000_jobs(weir):
    w = weir({"sources": {"echo": {"kind": "echo"}},
              "pipelines": SIDE_BY_SIDE})
    job = {"source": "echo", "data": 1}
    r = w.post("/v1/jobs", [job] * 1001)
    assert r.status == 413
    assert r.headers["content-type"] == "application/problem+json"
    assert "at most 1000 jobs" in r.json()["detail"]
    line = '{"source":"echo","data":1}\n'
    r = w.post("/v1/jobs", line * 1001,
               headers={"Content-Type": "application/x-ndjson"})
    assert r.status == 413
    assert w.admin_get("/metrics").text().count("weir_jobs_total 0\n") == 1
    events = w.post("/v1/jobs", [job] * 1000, timeout=30).lines()
    assert sum(e["type"] == "part" for e in events) == 1000
    assert sum(e["type"] == "done" for e in events) == 1000


def test_jobs_beyond_the_limit_are_told_to_come_back(weir):
    w = weir({"sources": {"t": {"kind": "timer", "every": "30ms",
                                "count": 5, "data": "{nr}"}},
              "pipelines": SIDE_BY_SIDE, "limits": {"jobs": 2}})
    events = w.post("/v1/jobs", [{"id": "j%d" % i, "source": "t"}
                                 for i in range(3)]).lines()
    errors = [e for e in events if e["type"] == "error"]
    assert [(e["job"], e["problem"]["status"]) for e in errors] \
        == [("j2", 503)]
    assert sum(e["type"] == "part" for e in events) == 10
    assert w.post("/v1/jobs", {"source": "t"}).lines()[-1]["state"] == "done"


REQUESTS = [  # body, headers, status, members of the problem
    ('{"source":}', {}, 400, {"line": 1, "column": 11}),
    ('[{"source":"echo"},\n {"source" "echo"}]', {}, 400,
     {"line": 2, "column": 12}),
    ('{"source":"echo"}\n{"source":\n',
     {"Content-Type": "application/x-ndjson"}, 400, {"line": 2}),
    ("", {}, 400, {}),
    ("[]", {}, 422, {}),
    ("7", {}, 422, {}),
    ('{"source":"echo","id":"a b"}', {}, 422, {"pointer": "/id"}),
    ('[{"source":"echo"},{"source":7}]', {}, 422, {"pointer": "/1/source"}),
    ('{"source":"echo"}', {"Content-Type": "text/html"}, 415, {}),
    ('{"source":"echo"}', {"Accept": "image/png"}, 406, {}),
    (b'{"source":"\xff"}', {}, 400, {"line": 1}),
    ("[" * 100000, {}, 400, {}),
    (" " * 70000, {}, 413, {}),
]


def test_each_wrong_request_has_its_problem(weir):
    w = weir({"sources": {"echo": {"kind": "echo"}},
              "limits": {"body": "64KiB"}})
    for body, headers, status, members in REQUESTS:
        if len(body) > 65536:
            status = 413
        r = w.post("/v1/jobs", body, headers=headers)
        assert r.status == status, (body[:80], r)
        assert r.headers["content-type"] == "application/problem+json"
        problem = r.json()
        assert problem["status"] == status and problem["detail"]
        for name, value in members.items():
            assert problem[name] == value, (body[:80], problem)
    assert w.get("/v1/jobs").status == 405
    assert w.post("/v1/jobs", {"source": "echo"}).status == 200


def test_a_client_writes_no_lines_of_its_own_into_the_trace(weir):
    w = weir({"sources": {"echo": {"kind": "echo"}}},
             args=["--trace=never"])
    w.post("/v1/jobs", {"source": "a\n  9999 M   [S] forged\x1b[2J"})
    w.wait_line("is failed")
    assert "\n  9999 M" not in w.text()
    assert "\x1b" not in w.text()


# ---- configuration

CONFIGS = [  # text, the place of the fault, what is said
    ("", None, "the file is empty"),
    ("# nothing\n", None, "the file is empty"),
    ("[]\n", None, "expected an object"),
    ("a: [\n", "2:1", "bracket"),
    ("sources:\n\techo: {kind: echo}\n", "2:1", "tab"),
    ("cors: []\ncors: []\n", "2:1", "duplicate key"),
    ("---\ncors: []\n---\ncors: []\n", "3:1", "second document"),
    ("listn: 127.0.0.1:0\n", "1:1",
     "unknown key 'listn': did you mean 'listen'?"),
    ("\u00e9: 1\n", "1:1", "unknown key '\u00e9'"),
    ("listen: nonsense\n", "1:9", "expected an address"),
    ('listen: ["127.0.0.1:0", 7]\n', "1:25", "expected an address"),
    ("listen: 127.0.0.1:99999\n", "1:9", "a port from 0 to 65535"),
    ("admin: nowhere\n", "1:8", "expected an address"),
    ("limits:\n  body: 1XB\n", "2:9", "a size: 512, 16KiB, 1MiB"),
    ("limits: {head: 1}\n", "1:16", "from 256 to 65535"),
    ("limits: {queu: 1MiB}\n", "1:10", "did you mean 'queue'?"),
    ("timeouts:\n  head: 10\n", "2:9", "a duration with a unit"),
    ("timeouts: 7\n", "1:11", "expected an object"),
    ("sources: [a]\n", "1:1", "expected an object"),
    ("sources:\n  a: {}\n", "2:3", "kind is missing"),
    ("sources:\n  a: {kind: timr}\n", "2:13", "did you mean 'timer'?"),
    ("sources:\n  a: {kind: timer, evry: 1s}\n", "2:20",
     "unknown key 'evry': did you mean 'every'?"),
    ("sources:\n  a: {kind: timer}\n", "2:3", "every is missing"),
    ("sources:\n  a:\n    kind: timer\n    every: 1s\n    data: '{x'\n",
     "5:12", "'{' is not closed"),
    ("sources:\n  a: {kind: http, url: 'ftp://x'}\n", "2:25",
     "http:// or https://"),
    ("sources:\n  a: {kind: http, url: 'http://x', format: jsn}\n", "2:44",
     "one of auto, json, ndjson, sse, lines"),
    ("sources:\n  a: {kind: http, url: 'http://x', list: {url: 7}}\n", None,
     "http:// or https://"),
    ("routes:\n  GET /a: {source: e}\n", "2:20", "unknown source 'e'"),
    ("sources: {echo: {kind: echo}}\nroutes:\n  GET /a: {source: eco}\n",
     "3:20", "unknown source 'eco': did you mean 'echo'?"),
    ("sources: {e: {kind: echo}}\nroutes:\n  'GET /{b': {source: e}\n",
     "3:4", "a parameter is a whole step"),
    ("sources: {e: {kind: echo}}\nroutes:\n  'FETCH /a': {source: e}\n",
     "3:4", "GET, POST, PUT or DELETE"),
    ("sources: {e: {kind: echo}}\nroutes:\n  GET /a: {source: e, as: x}\n",
     "3:23", "unknown key 'as'"),
    ("pipelines: {jobs: 'flat_map { runn }'}\n", "1:12",
     "no operator 'runn'; did you mean 'run'?"),
    ("pipelines:\n  jobs: |\n    run\n    | debunce(1s)\n", "2:3",
     "did you mean 'debounce'?"),
    ("pipelines: {job: run}\n", "1:13", "did you mean 'jobs'?"),
    ("jobs:\n  - {sorce: a}\n", "2:6", "a job needs a source"),
    ("jobs:\n  - {source: a}\n", "2:14", "unknown source 'a'"),
    ("cors: '*'\n", "1:8", "expected a list"),
    ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
        "%s: &%s [%s]\n" % (b, b, ",".join(["*" + a] * 10))
        for a, b in zip("abcde", "bcdef")), "1:24", "too many nodes"),
]


@pytest.mark.parametrize("text, place, says", CONFIGS)
def test_a_wrong_configuration_is_told_with_its_place(tmp_path, text, place,
                                                      says):
    path = tmp_path / "w.yaml"
    path.write_text(text, encoding="utf-8")
    done = server.run("check", str(path))
    assert done.returncode == 1, done
    assert not server.SANITIZER.search(done.stderr), done.stderr
    first, *rest = done.stderr.splitlines()
    assert first.startswith(str(path) + ":"), done.stderr
    assert says in first, done.stderr
    if place:
        line, column = place.split(":")
        assert re.search(r"[: ]%s: " % place, first), done.stderr
        assert len(rest) == 2
        assert rest[1] == " " * (int(column) - 1) + "^"
        if "pipeline" not in first:
            shown = (text.split("\n") + [""])[int(line) - 1]
            assert rest[0] == shown.replace("\t", " ")


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    binary = tmp_path / "nul.yaml"
    binary.write_bytes(b"listen: 127.0.0.1:0\n\0admin: off\n")
    large = tmp_path / "large.yaml"
    large.write_text("#" * (1 << 20) + "\n")
    for path, says in ((tmp_path / "none.yaml", "No such file"),
                       (tmp_path, "cannot be read"),
                       (binary, "NUL"), (large, "larger than 1 MiB")):
        done = server.run("check", str(path))
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done
        assert says in done.stderr


GOOD = {"sources": {"echo": {"kind": "echo"}},
        "routes": {"GET /hello": {"source": "echo", "format": "bare",
                                  "args": {"data": "old"}}},
        "pipelines": {"parts": "map('.data += \" way\"')"}}


def test_a_bad_file_is_told_and_changes_nothing(weir):
    w = weir(GOOD)
    assert w.get("/hello").text() == '"old way"\n'
    pipeline = w.admin_get("/admin/v1/pipelines/parts").json()["text"]
    bad = [
        ("sources: {e: {kind: echo}}\nlimits: {body: x}\n", r":\d+:16: body"),
        ("pipelines:\n  parts: map(.x) | mop(.x)\n", r"1:11: no operator 'mop'"),
        ("sources: {}\nroutes:\n  GET /hello: {source: echo}\n",
         r"unknown source 'echo'"),
        ("cors: [\n", r"bracket"),
    ]
    for i, (text, says) in enumerate(bad):
        w.sighup(text)
        m = w.wait_line(r"configuration is wrong, nothing has changed:\n"
                        r"(.*\n)(.*\n)( *)\^", count=i + 1)
        assert str(w.config) in m[1]
        assert re.search(says, m[1]), m[0]
        r = w.admin_post("/admin/v1/reload")
        assert r.status == 422, r
        assert w.get("/hello").text() == '"old way"\n'
        assert w.admin_get("/admin/v1/pipelines/parts").json()["text"] \
            == pipeline
    w.sighup(GOOD)
    w.wait_line("was read again")
    assert w.get("/hello").text() == '"old way"\n'


def test_a_good_file_is_applied_while_old_jobs_go_on(weir):
    w = weir({**GOOD, "sources": {
        "echo": {"kind": "echo"},
        "t": {"kind": "timer", "every": "100ms", "count": 10,
              "data": "a long"}}, "pipelines": SIDE_BY_SIDE})
    with w.stream("/v1/jobs", "POST", {"source": "t"}) as s:
        assert s.event(seconds=5)["type"] == "open"
        assert s.event(seconds=5)["data"] == "a long"
        w.sighup({**GOOD, "routes": {
            "GET /bye": {"source": "echo", "format": "bare",
                         "args": {"data": "new"}}}})
        w.wait_line("was read again")
        assert w.get("/hello").status == 404
        assert w.get("/bye").text() == '"new way"\n'
        # Its source is in no file any more; the job goes on all the same.
        parts = [e for e in s.events(seconds=10) if e["type"] == "part"]
        assert len(parts) == 9
        assert parts[-1]["data"] == "a long way"
    events = w.post("/v1/jobs", {"source": "t"}).lines()
    assert events[1]["problem"]["status"] == 404


def test_an_address_in_use_ends_the_start_with_a_reason(weir, tmp_path):
    w = weir(GOOD)
    path = tmp_path / "w.yaml"
    path.write_text("listen: 127.0.0.1:%d\nadmin: off\n" % w.port)
    done = server.run("serve", str(path))
    assert done.returncode == 1
    assert "127.0.0.1:%d" % w.port in done.stderr
    assert not server.SANITIZER.search(done.stderr), done.stderr
