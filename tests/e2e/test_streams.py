"""Streams that stay: interests, one request for all, and their ends."""
import json
import threading
import time
from urllib.parse import quote

import pytest

from support import client, wait

SOURCES = {"sources": {"echo": {"kind": "echo"}, "inbox": {"kind": "push"}}}
JSON = {"Accept": "application/json"}


def seq(event):
    return int(event["id"].split(".")[1])


def create(w, **body):
    """-> the path of a stream that nobody reads yet"""
    r = w.post("/v1/streams", body, headers=JSON)
    assert r.status == 201, r.text()
    return r.headers["location"]


def without_cost(interest):
    """The estimate follows what comes; all else of an interest stays."""
    assert interest["cost"] > 0
    return {k: v for k, v in interest.items() if k != "cost"}


def test_one_request_opens_all_a_dashboard_needs(weir):
    w = weir(SOURCES)
    body = {"jobs": [{"id": "j", "source": "echo", "data": 7}],
            "interests": [{"name": "joe", "where": "* contains joe"},
                          {"name": "big", "where": "total gt 100"},
                          {"name": "seven", "value": 7}],
            "overflow": "drop_newest", "linger": "5s"}
    with w.stream("/v1/streams", "POST", body) as s:
        assert s.status == 200
        events = [s.event() for _ in range(6)]
        assert s.headers["content-location"] == \
            "/v1/streams/" + events[0]["stream"]
        assert [(e["type"], e.get("name"), e.get("state")) for e in events] \
            == [("open", None, None), ("interest", "joe", "active"),
                ("interest", "big", "active"),
                ("interest", "seven", "active"), ("part", None, None),
                ("done", None, "done")]
        assert events[4]["matched"] == ["seven"]
        # Also parts of nobody's jobs, and of those of others.
        w.push({"who": "joe doe", "total": 101}, {"who": "jane"})
        e = s.event()
        assert (sorted(e["matched"]), e["data"]["total"]) == \
            (["big", "joe"], 101)
        assert "job" not in e
        w.post("/v1/jobs", {"id": "k", "source": "echo", "data": ["joe"]})
        e = s.event()
        assert (e["job"], e["matched"]) == ("k", ["joe"])
        assert [seq(e) for e in events] == list(range(1, 7))


def test_a_created_stream_waits_for_its_client(weir):
    w = weir(SOURCES)
    r = w.post("/v1/streams",
               {"interests": [{"name": "a", "value": "x", "for": "1h"}],
                "jobs": [{"source": "echo", "data": 1}]}, headers=JSON)
    assert r.status == 201
    got = r.json()
    assert r.headers["location"] == "/v1/streams/" + got["stream"]
    assert len(got["jobs"]) == 1
    a = got["interests"][0]
    assert (a["name"], a["where"], a["state"]) == ("a", '* eq "x"', "active")
    assert "expires" in a
    w.push("x")
    with w.stream(r.headers["location"]) as s:
        kinds = [s.event()["type"] for _ in range(5)]
        assert kinds == ["open", "interest", "part", "done", "part"]


@pytest.mark.parametrize("body, pointer, kind", [
    ({"interest": []}, "/interest", "bad-stream"),
    ({"jobs": {}}, "/jobs", "bad-stream"),
    ({"jobs": [{"source": "echo"}, {"id": "a"}]}, "/jobs/1/source",
     "bad-job"),
    ({"interests": [{"name": "a", "where": "total above 3"}]},
     "/interests/0/where", "bad-condition"),
    ({"interests": [{"name": "a", "value": 1}, {"name": "a", "value": 2}]},
     "/interests/1/name", "bad-interest"),
    ({"interests": [{"name": "a", "value": 1, "for": "2d"}]},
     "/interests/0/for", "bad-interest"),
    ({"overflow": "explode"}, "/overflow", "bad-stream"),
    ({"overflow": "latest"}, "/overflow", "bad-stream"),
    ({"linger": 30}, "/linger", "bad-stream"),
    (["jobs"], "", "bad-stream"),
])
def test_what_is_wrong_is_told_with_its_place(weir, body, pointer, kind):
    w = weir(SOURCES)
    r = w.post("/v1/streams", body)
    problem = r.json()
    assert r.status == 422
    assert r.headers["content-type"] == "application/problem+json"
    assert (problem["pointer"], problem["type"]) == \
        (pointer, "/problems/" + kind)
    if kind == "bad-condition":
        assert (problem["line"], problem["column"]) == (1, 7)
    assert w.admin_get("/admin/v1/streams").json() == []


def test_interests_change_while_the_stream_runs(weir):
    w = weir(SOURCES)
    with w.stream("/v1/streams", "POST", {}) as s:
        at = s.headers["content-location"] + "/interests"
        assert s.event()["type"] == "open"
        r = w.put(at + "/joe", {"where": "n eq 1"})
        assert r.status == 201
        e = s.event()
        assert (e["type"], e["name"], e["state"], e["id"]) == \
            ("interest", "joe", "active", r.json()["id"])
        w.push({"n": 1}, {"n": 2})
        assert s.event()["data"] == {"n": 1}

        r = w.put(at + "/joe", {"where": "n eq 2"})
        assert r.status == 200
        e = s.event()
        assert (e["state"], e["id"]) == ("changed", r.json()["id"])
        w.push({"n": 1}, {"n": 2})
        assert s.event()["data"] == {"n": 2}

        # The same again keeps it, and nothing is told.
        joe = without_cost(r.json())
        again = w.put(at + "/joe", {"where": "n eq 2"}).json()
        assert without_cost(again) == joe
        assert without_cost(w.get(at + "/joe").json()) == joe
        assert [without_cost(i) for i in w.get(at).json()] == [joe]

        got = w.put(at, [{"name": "a@b", "where": "n eq 3"},
                         {"name": "c", "value": 4}]).json()
        assert [i["name"] for i in got] == ["a@b", "c"]
        assert [(e["name"], e["state"])
                for e in (s.event(), s.event(), s.event())] == \
            [("joe", "dropped"), ("a@b", "active"), ("c", "active")]
        assert w.delete(at + "/" + quote("a@b")).status == 204
        assert s.event()["state"] == "dropped"
        assert w.get(at + "/joe").status == 404
        w.push({"n": 3}, {"n": 4})
        assert s.event()["matched"] == ["c"]
        assert w.put(at + "/x", {"where": "n eq"}).json()["column"] == 5
        assert w.put(at, {"where": "n"}).status == 422
        assert w.post(at, []).headers["allow"] == "GET, HEAD, PUT"
        assert w.get("/v1/streams/none/interests").status == 404


def test_an_interest_expires_and_is_kept_by_putting_it_again(weir):
    w = weir(SOURCES)
    with w.stream("/v1/streams", "POST", {}) as s:
        at = s.headers["content-location"] + "/interests/a"
        s.event()
        for _ in range(4):
            w.put(at, {"value": 1, "for": "400ms"})
            time.sleep(0.2)
        assert s.event()["state"] == "active"
        e = s.event(seconds=5)
        assert (e["type"], e["state"]) == ("interest", "expired")
        assert w.get(at).status == 404


def test_parts_that_race_an_interest_are_not_missed(weir):
    """Once PUT has answered every part that is pushed arrives, and its number
    is behind the one the answer names."""
    w = weir(SOURCES)
    stop = threading.Event()

    def noise():
        while not stop.is_set():
            w.push(*({"n": -1} for _ in range(20)))

    threads = [threading.Thread(target=noise) for _ in range(2)]
    with w.stream("/v1/streams", "POST", {}) as s:
        at = s.headers["content-location"] + "/interests/"
        for t in threads:
            t.start()
        try:
            for n in range(50):
                marked = w.put(at + "i%d" % n, {"where": "n eq %d" % n}) \
                    .json()["id"]
                w.push({"n": n})
                while True:
                    e = s.event(seconds=10)
                    if e["type"] == "part":
                        break
                assert (e["data"]["n"], e["matched"]) == (n, ["i%d" % n])
                assert seq(e) > int(marked.split(".")[1])
                assert w.delete(at + "i%d" % n).status == 204
        finally:
            stop.set()
            for t in threads:
                t.join()


def test_an_interest_may_ask_for_less(weir):
    w = weir(SOURCES)
    body = {"interests": [{"name": "slow", "where": "n ge 0",
                           "every": "300ms", "key": ".k"}]}
    with w.stream("/v1/streams", "POST", body) as s:
        s.event(), s.event()
        w.push(*({"k": k, "n": n} for n in range(50) for k in "ab"))
        got = [s.event(seconds=5)["data"] for _ in range(4)]
        assert [(d["k"], d["n"]) for d in got] == \
            [("a", 0), ("b", 0), ("a", 49), ("b", 49)]
        assert s.quiet(0.7)


def test_a_deleted_stream_tells_an_eventsource_to_stop(weir):
    w = weir({**SOURCES, "timeouts": {"linger": "300ms"}})
    at = create(w)
    with w.stream(at, headers={"Accept": "text/event-stream"}) as s:
        assert s.sse()["event"] == "open"
        assert w.get(at).status == 409
        assert w.delete(at).status == 204
        assert json.loads(s.sse()["data"])["reason"] == "deleted"
        assert s.sse() is None
    assert w.get(at).status == 204
    assert w.delete(at).status == 410
    assert w.put(at + "/interests/a", {"value": 1}).status == 410
    assert w.post("/v1/jobs?stream=" + at.split("/")[-1],
                  {"source": "echo"}).status == 410
    assert w.get("/v1/streams/sneverwas").status == 404
    # One that nobody came for is gone as well, but was not all sent.
    lost = create(w)
    wait.until(lambda: w.put(lost + "/interests/a", {"value": 1})
               .status == 410, "the stream is given up")
    assert w.get(lost).status == 410


def test_a_silent_stream_has_heartbeats(weir):
    w = weir({**SOURCES, "timeouts": {"heartbeat": "200ms"}})
    with w.stream("/v1/stream") as s, w.stream(
            "/v1/stream", headers={"Accept": "text/event-stream"}) as sse:
        assert s.event()["type"] == "open"
        began = time.monotonic()
        for n in range(1, 6):
            line = s.line(seconds=2)
            assert json.loads(line.text) == {"type": "ping"}
            assert abs(line.at - began - 0.2 * n) < 0.15
        # What is sent puts it off.
        for _ in range(6):
            w.push(1)
            time.sleep(0.1)
        kinds = [s.event(pings=True)["type"] for _ in range(6)]
        assert kinds.count("ping") <= 1
        assert sse.sse()["event"] == "open"
        while sse.line(seconds=2).text != ": ping":
            pass


def test_streams_are_told_at_a_rate_that_the_server_closes(weir):
    """Each one a time to come back of its own, so that they do not come back
    all at once."""
    w = weir({**SOURCES, "limits": {"drain": 100}})
    streams = [w.stream("/v1/stream", headers={
        "Accept": "text/event-stream"}) for _ in range(60)]
    try:
        for s in streams:
            assert s.sse()["event"] == "open"
        began = time.monotonic()
        stopper = threading.Thread(target=w.stop)
        stopper.start()
        ends, retries = [], set()
        for s in streams:
            fields = s.sse(seconds=10)
            assert fields["event"] == "bye"
            bye = json.loads(fields["data"])
            assert bye["reason"] == "shutdown"
            assert int(fields["retry"]) == bye["retry"]
            assert 500 <= bye["retry"] < 5000
            retries.add(bye["retry"])
            assert s.sse() is None
            ends.append(time.monotonic())
        assert len(retries) > 30
        assert ends[-1] - began > 0.5  # one in 10 ms
        stopper.join()
    finally:
        for s in streams:
            s.close()


def test_a_reload_under_load_disturbs_nobody(weir):
    config = {**SOURCES, "pipelines": {"parts": "map(.)"}}
    w = weir(config)
    total = 6000
    got = {}

    def listen(name):
        with w.stream("/v1/streams", "POST", {"interests": [
                {"name": "all", "where": "n ge 0"}]}, timeout=60) as s:
            ready.release()
            numbers = got[name] = []
            while len(numbers) < total:
                e = s.event(seconds=30)
                assert e["type"] in ("open", "interest", "part"), e
                if e["type"] == "part":
                    numbers.append((seq(e), e["data"]["n"]))

    ready = threading.Semaphore(0)
    threads = [threading.Thread(target=listen, args=(i,)) for i in range(4)]
    for t in threads:
        t.start()
    for _ in threads:
        ready.acquire()
    wait.until(lambda: "weir_interests 4" in w.admin_get("/metrics").text(),
               "all are interested")
    for first in range(0, total, 100):
        w.push(*({"n": n} for n in range(first, first + 100)))
        if first % 600 == 0:
            w.sighup({**config, "pipelines": {
                "parts": "map(.)" if first % 1200 else "as_observable"}})
    for t in threads:
        t.join(60)
    for i in range(4):
        assert got[i] == [(n + 3, n) for n in range(total)]
    assert w.text().count("was read again") >= 2
