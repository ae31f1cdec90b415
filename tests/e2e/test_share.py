"""Parts that several clients get: the cache, what is of interest in a part,
and one run for all who ask for the same."""
import json
import socket
import threading
import time

from support import wait

INBOX = {"inbox": {"kind": "push"}}
SIDE_BY_SIDE = {"jobs": "flat_map { run }"}


def metric(w, name):
    for line in w.admin_get("/metrics").text().splitlines():
        if line.startswith("weir_%s " % name):
            return int(line.split()[1])
    raise AssertionError(name)


# ---- the cache

def test_the_cache_tells_what_there_has_been(weir):
    w = weir({"sources": {**INBOX, "echo": {"kind": "echo"}},
              "cache": {"for": "1m"}})
    w.push({"n": 1}, {"n": 2}, {"n": 3})
    w.post("/v1/jobs", {"id": "j", "source": "echo", "data": {"n": 4}})
    r = w.get("/v1/parts")
    assert r.headers["content-type"] == "application/x-ndjson"
    events = r.lines()
    assert [e["data"]["n"] for e in events] == [1, 2, 3, 4]
    assert all(e["type"] == "part" and "id" not in e for e in events)
    assert [e.get("job") for e in events] == [None, None, None, "j"]
    some = w.get("/v1/parts?where=n+gt+2").lines()
    assert [e["data"]["n"] for e in some] == [3, 4]
    assert w.get("/v1/parts?where=n+gt").json()["column"] == 5


def test_the_cache_is_bounded_by_time(weir):
    w = weir({"sources": INBOX, "cache": {"for": "400ms"}})
    w.push(1, 2)
    assert len(w.get("/v1/parts").lines()) == 2
    wait.until(lambda: metric(w, "cached_parts") == 0, "they go by age")
    assert metric(w, "cached_bytes") == 0
    assert w.get("/v1/parts").lines() == []


def test_the_cache_is_bounded_by_size(weir):
    w = weir({"sources": INBOX, "cache": {"max": "64KiB"}})
    w.push(*({"n": n, "pad": "x" * 900} for n in range(500)))
    assert metric(w, "cached_bytes") <= 65536
    numbers = [e["data"]["n"] for e in w.get("/v1/parts").lines()]
    assert numbers == list(range(500 - len(numbers), 500))
    assert 55 < len(numbers) < 70


def test_without_a_cache_nothing_is_kept(weir):
    w = weir({"sources": INBOX})
    w.push(1)
    assert w.get("/v1/parts").lines() == []
    assert metric(w, "cached_parts") == 0


def test_who_reads_the_cache_slowly_holds_nobody_up(weir):
    w = weir({"sources": INBOX, "cache": {"for": "1m"}})
    total = 20000  # 20 MB
    for first in range(0, total, 500):
        w.push(*({"n": n, "pad": "x" * 1000}
                  for n in range(first, first + 500)))
    with w.stream("/v1/parts", timeout=60) as slow:
        began = time.monotonic()
        time.sleep(0.3)
        w.push({"n": -1})
        assert time.monotonic() - began < 2
        numbers = [json.loads(line.text)["data"]["n"]
                   for line in slow.lines(seconds=60)]
        assert numbers == list(range(total))


# ---- values

def test_only_the_values_of_a_source_are_of_interest(weir):
    w = weir({"sources": {
        **INBOX,
        "some": {"kind": "push", "values": [".id", ".user.email"]},
        "made": {"kind": "push", "values": "{sum: (.a + .b)}"}}})
    interests = [{"name": "joe", "where": "* contains joe"},
                 {"name": "mail", "where": "user.email eq joe"},
                 {"name": "three", "where": "sum eq 3"}]
    with w.stream("/v1/streams", "POST", {"interests": interests}) as s:
        for _ in range(4):
            s.event()
        text = {"text": "joe", "id": 1}
        w.push(text, source="some")    # not of interest there
        w.push(text)                   # but here
        e = s.event()
        assert (e["source"], e["matched"]) == ("inbox", ["joe"])
        mail = {"user": {"email": "joe", "x": 1}, "other": 2}
        w.push(mail, source="some")
        e = s.event()
        assert sorted(e["matched"]) == ["joe", "mail"]
        assert e["data"] == mail  # what is sent is all of it
        w.push({"a": 1, "b": 2}, "what fails", source="made")
        assert s.event()["matched"] == ["three"]


def test_values_and_share_are_checked(weir):
    w = weir({"sources": INBOX})
    for source, what in (
            ({"kind": "echo", "values": 1}, "a list of paths or a program"),
            ({"kind": "echo", "values": []}, "1 to 64 paths"),
            ({"kind": "echo", "values": [".a", 2]}, "this is number"),
            ({"kind": "echo", "values": "{a"}, "values"),
            ({"kind": "echo", "share": "often"}, "true, false or live"),
            ({"kind": "push", "share": True}, "takes no jobs")):
        w.sighup({"sources": {"s": source}})
        wait.until(lambda: what in w.text(), what)


# ---- share

def shared(upstream, share=True, query="n=20&dt=0.05"):
    return {"sources": {"up": {
        "kind": "http", "url": upstream.url + "/ndjson?" + query,
        "share": share}}, "pipelines": SIDE_BY_SIDE}


def runs(upstream):
    return upstream.stats()["calls"]["/ndjson"]


def test_the_same_job_runs_once_for_all(weir, upstream):
    w = weir(shared(upstream))
    answers = {}

    def ask(i):
        answers[i] = w.post("/v1/jobs", {"id": "j%d" % i, "source": "up"},
                            timeout=30).lines()

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(5)]
    for i, t in enumerate(threads):
        t.start()
        time.sleep(0.1)
    for t in threads:
        t.join()
    assert runs(upstream) == 1
    for i in range(5):
        events = answers[i]
        parts = [e for e in events if e["type"] == "part"]
        assert len(parts) == 20
        assert {e["job"] for e in parts} == {"j%d" % i}
        assert [p["data"] for p in parts] == \
            [p["data"] for p in answers[0] if p["type"] == "part"]
        assert (events[-1]["type"], events[-1]["parts"]) == ("done", 20)
    # After its end the same is a new run.
    w.post("/v1/jobs", {"source": "up"}, timeout=30)
    assert runs(upstream) == 2


def test_a_shared_run_goes_on_while_one_of_them_is_there(weir, upstream):
    w = weir(shared(upstream, query="n=1000&dt=0.02"))
    streams = [w.stream("/v1/jobs", "POST", {"id": "j%d" % i, "source": "up"})
               for i in range(3)]
    try:
        for s in streams:
            while s.event()["type"] != "part":
                pass
        assert upstream.stats()["open"] == 2
        for i in (0, 2):
            assert w.delete("/v1/jobs/j%d" % i).status in (200, 202)
            while streams[i].event()["type"] != "done":
                pass
        for _ in range(10):
            assert streams[1].event(seconds=5)["type"] == "part"
        assert upstream.stats()["open"] == 2
        w.delete("/v1/jobs/j1")
        wait.until(lambda: upstream.stats()["open"] == 1,
                   "the run ends with the last of them")
    finally:
        for s in streams:
            s.close()


def test_a_live_source_gives_newcomers_what_comes_from_then_on(weir, upstream):
    w = weir(shared(upstream, "live", "n=60&dt=0.03"))
    with w.stream("/v1/jobs", "POST", {"source": "up"}) as first:
        kinds = [first.event()["type"] for _ in range(20)]
        assert kinds.count("part") == 19
        late = w.post("/v1/jobs", {"source": "up"}, timeout=30).lines()
        parts = [e["data"] for e in late if e["type"] == "part"]
        rest = [e["data"] for e in first.events() if e["type"] == "part"]
    assert 20 < len(parts) <= 41
    assert parts == rest[-len(parts):]
    assert runs(upstream) == 1


def test_who_shares_and_does_not_read_holds_nobody_up(weir, upstream):
    """The run goes at the pace of the fastest; what the other one loses is
    told."""
    n = 8000  # 16 MB: more than all buffers on the way hold
    w = weir(shared(upstream, "live", "n=%d&dt=0&pad=2000" % n))
    with w.stream("/v1/jobs", "POST", {"id": "slow", "source": "up"},
                  timeout=60) as slow, \
            w.stream("/v1/jobs", "POST", {"id": "fast", "source": "up"},
                     timeout=60) as fast:
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)
        counted = 0
        for e in fast.events(seconds=60):
            assert e["type"] != "dropped"
            counted += e["type"] == "part"
        assert e["parts"] == counted
        got = lost = 0
        for e in slow.events(seconds=60):
            got += e["type"] == "part"
            lost += e["count"] if e["type"] == "dropped" else 0
        assert e["type"] == "done"
        assert got + lost == e["parts"] == n
        assert lost > 0
    assert runs(upstream) == 1


def test_what_a_shared_upstream_says_wrong_is_told_to_all(weir, upstream):
    w = weir({"sources": {"up": {
        "kind": "http", "url": upstream.url + "/stall?after=none",
        "timeout": "700ms", "share": True}},
        "pipelines": SIDE_BY_SIDE})
    answers = {}

    def ask(i):
        answers[i] = w.post("/v1/jobs", {"id": "j%d" % i, "source": "up"},
                            timeout=30).lines()

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for i in range(2):
        assert [e["type"] for e in answers[i]] == ["open", "error", "done"]
        assert answers[i][1]["job"] == "j%d" % i
