"""Clients on several threads: who comes over another connection, and so mostly
over another thread, finds the same streams and jobs, and nothing is lost or told
twice on the way between them."""
import json
import threading
import time
from urllib.parse import quote

import pytest

from support import client, wait

THREADS = 4
CONFIG = {"threads": THREADS,
          "sources": {"echo": {"kind": "echo"}, "inbox": {"kind": "push"},
                      "tick": {"kind": "timer", "every": "2ms",
                               "count": "{n}"}}}
JSON = {"Accept": "application/json"}


def create(w, **body):
    r = w.post("/v1/streams", body, headers=JSON)
    assert r.status == 201, r.text()
    return r.headers["location"]


def seq(event):
    return int(event["id"].split(".")[1])


def test_connections_are_divided_and_all_are_served(weir):
    w = weir(CONFIG)
    streams = [w.stream("/v1/stream?where=" + quote("n gt 0"))
               for _ in range(40)]
    try:
        ids = [s.event()["stream"] for s in streams]
        # The system divides them by chance: one thread of four gets none in
        # one of ten thousand runs.
        assert len({i[1] for i in ids}) == THREADS
        for n in range(1, 101):
            w.push({"n": n}, {"n": -n})
        for s in streams:
            events = [s.event() for _ in range(100)]
            assert [e["data"]["n"] for e in events] == list(range(1, 101))
            assert [seq(e) for e in events] == list(range(2, 102))
        listed = w.admin_get("/admin/v1/streams").json()
        assert sorted(s["id"] for s in listed) == sorted(ids)
        metrics = w.admin_get("/metrics").text()
        assert "\nweir_streams 40\n" in metrics
        assert "\nweir_interests 40\n" in metrics
        assert "\nweir_events_total 4000\n" in metrics
    finally:
        for s in streams:
            s.close()


def test_a_stream_is_found_over_any_connection(weir):
    w = weir(CONFIG)
    path = create(w, interests=[{"name": "a", "where": "n eq 1"}])
    for n in range(16):
        name = "/interests/i%d" % n
        r = w.put(path + name, {"where": "n eq %d" % n})
        assert (r.status, r.json()["where"]) == (201, "n eq %d" % n)
        assert w.get(path + name).status == 200
        assert w.delete(path + name).status == 204
    jobs = w.post("/v1/jobs?stream=" + path.split("/")[-1],
                  [{"id": "j%d" % n, "source": "echo", "data": {"n": n}}
                   for n in range(20)])
    assert jobs.status == 202
    with w.stream(path) as s:
        events = [s.event() for _ in range(2 + 32 + 40)]
        assert [seq(e) for e in events] == list(range(1, len(events) + 1))
        assert sum(e["type"] == "done" for e in events) == 20
    assert w.delete(path).status == 204
    for _ in range(8):
        assert w.get(path).status in (204, 410)


def test_one_connection_serves_streams_of_all_threads(weir):
    """It goes where it is needed, again and again, with what was sent behind
    the request."""
    w = weir(CONFIG)
    paths = [create(w) for _ in range(12)]
    assert len({p.split("/")[-1][1] for p in paths}) > 1
    with w.connect() as c:
        body = json.dumps({"where": "n eq 1"})
        request = "".join(
            "PUT %s/interests/x HTTP/1.1\r\nHost: w\r\n"
            "Content-Type: application/json\r\n"
            "Content-Length: %d\r\n\r\n%s" % (p, len(body), body)
            for p in paths)
        c.sendall(request.encode())
        c.settimeout(10)
        got = b""
        while got.count(b'"state":"active"') < len(paths):
            more = c.recv(65536)
            assert more, got
            got += more
    assert got.count(b"HTTP/1.1 201 ") == len(paths)
    for p in paths:
        assert len(w.get(p + "/interests").json()) == 1


def read_some(w, how, path, last, count):
    """Comes back for a stream on a connection of its own. -> its events"""
    if how == "ws":
        with w.websocket() as c:
            c.send({"op": "hello", "ref": 1, "stream": path.split("/")[-1],
                    **({"last": last} if last else {})})
            out = []
            while len(out) < count:
                m = c.message()
                if "id" in m:
                    out.append(m)
            return out
    headers = {"Last-Event-ID": last} if last else {}
    if how == "sse":
        headers["Accept"] = "text/event-stream"
    with w.stream(path, headers=headers) as s:
        out = []
        while len(out) < count:
            e = json.loads(s.sse()["data"]) if how == "sse" else s.event()
            if "id" in e:
                out.append(e)
        return out


def test_a_stream_is_resumed_over_any_connection_and_transport(weir):
    w = weir(CONFIG)
    path = create(w, interests=[{"name": "n", "where": "n exists"}],
                  linger="20s")
    events, n = [], 0
    for turn in range(18):
        parts = [{"n": n + i} for i in range(7)]
        n += len(parts)
        w.push(*parts)
        last = events[-1]["id"] if events else None
        # Less than there is: the rest is sent again to the next one.
        events += read_some(w, ("ndjson", "ws", "sse")[turn % 3], path, last,
                            5)
    rest = n + 2 - len(events)
    events += read_some(w, "ws", path, events[-1]["id"], rest)
    assert [seq(e) for e in events] == list(range(1, n + 3))
    assert [e["data"]["n"] for e in events[2:]] == list(range(n))


def test_what_a_websocket_says_behind_hello_goes_along(weir):
    w = weir({**CONFIG, "websocket": {"deflate": True}})
    for n in range(12):
        path = create(w)
        with w.websocket() as c:
            c.send({"op": "hello", "ref": 1, "stream": path.split("/")[-1]})
            c.send({"op": "jobs", "ref": 2, "jobs": [
                {"id": "j%d" % n, "source": "echo", "data": n}]})
            c.send({"op": "cancel", "ref": 3, "job": "j%d" % n})
            c.send({"op": "interest", "ref": 4, "name": "x", "where": "a"})
            c.send({"op": "ping", "ref": 5})
            refs = []
            while len(refs) < 5:
                m = c.message()
                if "ref" in m:
                    assert "ok" in m, m
                    refs.append(m["ref"])
            assert refs == [1, 2, 3, 4, 5]


def test_publishers_race_with_interests_that_change(weir):
    """Of the parts behind the event that tells of an interest none is missing,
    whoever pushes them over whichever thread."""
    w = weir(CONFIG)
    stop = threading.Event()
    pushed, lock = [0], threading.Lock()

    def publish():
        while not stop.is_set():
            with lock:
                n = pushed[0]
                pushed[0] += 1
                w.push({"n": n})

    with w.stream("/v1/streams", "POST", {}) as s:
        path = "/v1/streams/" + s.event()["stream"]
        threads = [threading.Thread(target=publish) for _ in range(3)]
        for t in threads:
            t.start()
        try:
            for turn in range(15):
                r = w.put(path + "/interests/x",
                          {"where": "n ge 0 and n ge -%d" % turn})
                assert r.status in (200, 201)
                with lock:
                    first = pushed[0]
                until = first + 5
                wait.until(lambda: pushed[0] > until, "more parts")
                assert w.delete(path + "/interests/x").status == 204
                seen, on = [], False
                while True:
                    e = s.event()
                    if e["type"] == "interest":
                        if e["state"] == "dropped":
                            break
                        on = True
                    elif e["type"] == "part":
                        assert on
                        seen.append(e["data"]["n"])
                assert seen == list(range(seen[0], seen[-1] + 1))
                assert seen[0] <= first and seen[-1] >= until - 1
        finally:
            stop.set()
            for t in threads:
                t.join()


def test_a_slow_client_holds_up_its_own_job_only(weir):
    w = weir({**CONFIG, "limits": {"queue": "64KiB"},
              "pipelines": {"jobs": "flat_map { run }"}})
    big = {"source": "tick", "n": 100000, "id": "slow"}
    with w.connect() as c:
        body = json.dumps({**big})
        c.sendall(("POST /v1/jobs HTTP/1.1\r\nHost: w\r\nContent-Length: %d"
                   "\r\n\r\n%s" % (len(body), body)).encode())
        began = time.monotonic()
        for _ in range(10):
            r = w.post("/v1/jobs", {"source": "tick", "n": 5})
            assert r.text().count('"part"') == 5
        assert time.monotonic() - began < 10
        assert w.get("/v1/jobs/slow").json()["state"] == "running"


@pytest.mark.parametrize("threads", [0, THREADS])
def test_the_job_of_a_bare_route_ends_with_its_request(weir, threads):
    w = weir({**CONFIG, "threads": threads,
              "routes": {"GET /ticks": {"source": "tick", "format": "bare",
                                        "args": {"n": 100000}}}})
    with w.stream("/ticks") as s:
        assert json.loads(s.line().text)["nr"] == 0
        assert len(w.admin_get("/admin/v1/jobs").json()) == 1
    wait.until(lambda: not w.admin_get("/admin/v1/jobs").json(),
               "the end of the job")


@pytest.mark.parametrize("threads", [0, 1, THREADS])
def test_a_reload_and_the_end_reach_all_threads(weir, threads):
    config = {**CONFIG, "threads": threads,
              "routes": {"GET /a": {"source": "echo", "format": "bare", "args": {"data": 1}}}}
    w = weir(config)
    streams = [w.stream("/v1/stream") for _ in range(12)]
    try:
        for s in streams:
            assert s.event()["type"] == "open"
        assert [w.get("/a").text() for _ in range(12)] == ["1\n"] * 12
        config["routes"] = {"GET /b": {"source": "echo", "format": "bare", "args": {"data": 2}}}
        w.sighup(config)
        wait.until(lambda: w.get("/b").status == 200, "the new route")
        assert [w.get("/b").text() for _ in range(12)] == ["2\n"] * 12
        assert [w.get("/a").status for _ in range(12)] == [404] * 12
        w.stop()
        for s in streams:
            last = None
            for last in iter(s.event, None):
                pass
            assert last["type"] == "bye"
    finally:
        for s in streams:
            s.close()


@pytest.mark.parametrize("threads", [0, THREADS])
def test_a_bare_error_is_all_of_a_response(weir, threads):
    w = weir({**CONFIG, "threads": threads,
              "pipelines": {"jobs": "flat_map { run }"},
              "sources": {**CONFIG["sources"], "nobody": {
                  "kind": "http", "url": "http://127.0.0.1:1/"}},
              "routes": {"GET /t/{n}": {"source": "tick", "format": "bare"},
                         "GET /nobody": {"source": "nobody",
                                         "format": "bare"}}})
    statuses = []

    def ask():
        for _ in range(60):
            for path in ("/t/1", "/t/x", "/nobody"):
                statuses.append(w.get(path).status)

    askers = [threading.Thread(target=ask) for _ in range(16)]
    for a in askers:
        a.start()
    for a in askers:
        a.join()
    assert sorted(statuses) == [200] * 960 + [422] * 960 + [502] * 960
