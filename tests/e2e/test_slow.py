"""Clients that read slowly, or go away: they hurt only themselves."""
import socket
import threading
import time

from support import wait

INBOX = {"sources": {"inbox": {"kind": "push"}}}
BATCH = 100          # parts in a request
PAD = "x" * 1000     # bytes of a part


def push(w, first, n):
    """Hands in parts numbered from first."""
    lines = "".join('{"n":%d,"pad":"%s"}\n' % (i, PAD)
                    for i in range(first, first + n))
    r = w.post("/v1/parts?source=inbox", lines)
    assert (r.status, r.json()) == (202, {"accepted": n})


def deafen(stream):
    """Less is buffered on the way to a client that does not read; but a few
    segments of the loopback (64 KiB) must fit, or all comes in drops."""
    stream.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 18)


def seq(event):
    return int(event["id"].split(".")[1])


def check_accounts(events):
    """Numbers without a hole: each event has the next one, and `dropped`
    that of the last of those it counts. -> the parts, how many were lost"""
    at, lost, parts = 0, 0, []
    for e in events:
        assert seq(e) == at + e.get("count", 1), (at, e)
        at = seq(e)
        if e["type"] == "dropped":
            lost += e["count"]
        elif e["type"] == "part":
            parts.append(e)
    return parts, lost


def read_until(s, last):
    """The events up to the part numbered last."""
    events = []
    while True:
        e = s.event(seconds=30)
        assert e is not None
        events.append(e)
        if e["type"] == "part" and e["data"]["n"] == last:
            return events


def test_a_client_that_does_not_read_is_told_what_it_lost(weir):
    w = weir(INBOX)
    total = 60 * BATCH  # more than 6 MB
    heard = []
    with w.stream("/v1/stream") as slow, w.stream("/v1/stream") as fast:
        deafen(slow)
        reader = threading.Thread(
            target=lambda: heard.extend(read_until(fast, total - 1)))
        reader.start()
        for first in range(0, total, BATCH):
            push(w, first, BATCH)
        reader.join(60)
        # Who reads has lost nothing meanwhile.
        parts, lost = check_accounts(heard)
        assert lost == 0
        assert [p["data"]["n"] for p in parts] == list(range(total))

        events = read_until(slow, total - 1)
        parts, lost = check_accounts(events)
        assert events[0]["type"] == "open"
        assert lost > 0
        assert len(parts) + lost == total
        numbers = [p["data"]["n"] for p in parts]
        assert numbers == sorted(set(numbers))
        # The oldest went, the newest are there: as many as a queue holds.
        assert numbers[-500:] == list(range(total - 500, total))
        # The stream lives on without a loss.
        push(w, total, 1)
        e = slow.event(seconds=10)
        assert (e["type"], e["data"]["n"]) == ("part", total)
        assert seq(e) == seq(events[-1]) + 1
    metrics = w.admin_get("/metrics").text()
    assert "dropped_total %d\n" % lost in metrics, metrics


def test_a_slow_reader_slows_its_own_job_and_gets_every_part(weir, upstream):
    n = 10000  # 20 MB: more than all buffers on the way hold
    w = weir({"sources": {
        "much": {"kind": "http",
                 "url": upstream.url + "/ndjson?n=%d&dt=0&pad=2000" % n},
        "echo": {"kind": "echo"}},
        "pipelines": {"jobs": "flat_map { run }"}})

    def so_far():
        return w.get("/v1/jobs/big").json()["parts"]

    with w.stream("/v1/jobs", "POST", {"id": "big", "source": "much"},
                  timeout=60) as s:
        deafen(s)
        assert s.event(seconds=10)["type"] == "open"
        # It comes to a stand, and its upstream with it.
        stands = wait.until(
            lambda: (lambda before: time.sleep(0.7) or (
                before == so_far() and before))(so_far()),
            "the job stands still", 30)
        assert 0 < stands < n
        assert upstream.stats()["open"] == 2  # this question, and the job
        # Nobody else is slowed.
        began = time.monotonic()
        events = w.post("/v1/jobs", {"source": "echo", "data": 1}).lines()
        assert [e["type"] for e in events] == ["open", "part", "done"]
        assert time.monotonic() - began < 2

        numbers, done = [], None
        for e in s.events(seconds=60):
            assert e["type"] in ("part", "done"), e
            if e["type"] == "part":
                numbers.append(e["data"]["i"])
            else:
                done = e
    assert numbers == list(range(n))
    assert (done["state"], done["parts"]) == ("done", n)


def test_many_jobs_of_a_slow_reader_lose_nothing_in_a_small_queue(weir):
    w = weir({"sources": {"t": {
        "kind": "timer", "every": "0ms", "count": 300,
        "data": {"n": "{nr}", "pad": PAD}}},
        "limits": {"queue": "4KiB"},
        "pipelines": {"jobs": "flat_map { run }"}})
    jobs = [{"id": "j%d" % i, "source": "t"} for i in range(50)]
    with w.stream("/v1/jobs", "POST", jobs, timeout=60) as s:
        deafen(s)
        time.sleep(1)
        events = list(s.events(seconds=60))
    parts, lost = check_accounts(events)
    assert lost == 0
    for job in jobs:
        assert [p["data"]["n"] for p in parts if p["job"] == job["id"]] \
            == list(range(300))
    assert sum(e["type"] == "done" for e in events) == len(jobs)


def test_what_nobody_fetches_waits_and_slows_its_job(weir, upstream):
    n = 3000
    w = weir({"sources": {"much": {
        "kind": "http",
        "url": upstream.url + "/ndjson?n=%d&dt=0&pad=2000" % n}}})
    r = w.post("/v1/jobs", {"id": "big", "source": "much"},
               headers={"Prefer": "respond-async"})
    assert r.status == 202
    time.sleep(1)
    state = w.get("/v1/jobs/big").json()
    assert state["state"] == "running" and 0 < state["parts"] < 400, state
    with w.stream(r.headers["location"], timeout=60) as s:
        parts, lost = check_accounts(list(s.events(seconds=60)))
    assert lost == 0
    assert [p["data"]["i"] for p in parts] == list(range(n))


def test_clients_that_break_off_leave_nothing_behind(weir):
    w = weir({"sources": {"t": {"kind": "timer", "every": "5ms",
                                "data": "{nr}"}},
              "pipelines": {"jobs": "flat_map { run }"},
              "timeouts": {"orphan": "300ms", "record": "100ms"}})
    w.get("/v1/jobs/none")
    wait.until(lambda: w.admin_get("/admin/v1/streams").json() == [],
               "no stream at the beginning")
    before = w.descriptors()
    for i in range(100):
        s = w.stream("/v1/jobs", "POST", {"id": "j%d" % i, "source": "t"})
        assert s.event(seconds=10)["type"] == "open"
        assert s.event(seconds=10)["type"] == "part"
        if i % 4:
            s.reset()
        else:
            s.close()
    # Their jobs go on for a while, then they are orphans and end.
    assert w.admin_get("/admin/v1/jobs").json()
    wait.until(lambda: w.admin_get("/admin/v1/jobs").json() == [],
               "all jobs have ended")
    assert w.admin_get("/admin/v1/streams").json() == []
    wait.until(lambda: w.descriptors() <= before, "all descriptors closed")
    wait.until(lambda: w.get("/v1/jobs/j99").status == 404,
               "its record is forgotten")
    assert "\nweir_jobs 0\n" in w.admin_get("/metrics").text()
