"""The main job: three clients, one server, and pipelines that are swapped.

The route GET /{job}/{parts}/{dt} emits `parts` parts, one each `dt` ms.
"""
import json
import threading
import time

CONFIG = {
    "sources": {
        "demo": {"kind": "timer", "every": "{dt}ms", "count": "{parts}",
                 "data": {"res": "{job} result {nr}", "nr": "{nr}",
                          "dt": "{ms}"}},
    },
    "routes": {"GET /{job}/{parts}/{dt}": {"source": "demo",
                                           "format": "bare"}},
    "pipelines": {"jobs": "run"},
}
JOBS = (("job1", 3, 100), ("job2", 3, 200), ("job3", 3, 300))


def read(w, job, parts, dt, out):
    with w.stream("/%s/%d/%d" % (job, parts, dt), timeout=30) as s:
        out[job] = [(line.at, json.loads(line.text)) for line in s.lines()]


def all_at_once(w, jobs):
    """-> lines by job, seconds in all"""
    out = {}
    began = time.monotonic()
    threads = [threading.Thread(target=read, args=(w, *j, out)) for j in jobs]
    for t in threads:
        t.start()
        time.sleep(0.005)
    for t in threads:
        t.join(30)
    return out, time.monotonic() - began


def check(out):
    for job, parts, dt in JOBS:
        lines = out[job]
        assert [p["res"] for _, p in lines] == [
            "%s result %d" % (job, i) for i in range(parts)]
        assert [p["nr"] for _, p in lines] == list(range(parts))
        for (a, _), (b, _) in zip(lines, lines[1:]):
            assert dt * 0.8 < (b - a) * 1000 < dt + 150, (job, lines)


def test_run_takes_one_job_after_the_other(weir):
    w = weir(CONFIG)
    out, seconds = all_at_once(w, JOBS)
    check(out)
    assert 1.75 < seconds < 2.4, seconds


def test_swapped_to_flat_map_all_run_side_by_side(weir):
    w = weir(CONFIG)
    assert w.admin_put("jobs", "flat_map { run }").status == 200
    out, seconds = all_at_once(w, JOBS)
    check(out)
    assert 0.85 < seconds < 1.4, seconds


def test_a_hundred_swaps_under_load_lose_and_double_nothing(weir):
    w = weir(CONFIG)
    wrong, rounds = [], [0]
    stop = threading.Event()

    def client(n):
        i = 0
        while not stop.is_set():
            job = "c%dr%d" % (n, i)
            lines = w.get("/%s/4/5" % job, timeout=30).lines()
            if [p["res"] for p in lines] != ["%s result %d" % (job, k)
                                             for k in range(4)]:
                wrong.append((job, lines))
            i += 1
            rounds[0] += 1

    threads = [threading.Thread(target=client, args=(n,)) for n in range(6)]
    for t in threads:
        t.start()
    texts = ("flat_map { run }", "group_by(.source) { flat_map { run } }",
             "flat_map(max_concurrent=50) { run }")
    for i in range(100):
        assert w.admin_put("jobs", texts[i % 3]).status == 200
        time.sleep(0.01)
    stop.set()
    for t in threads:
        t.join(30)
    assert not wrong, wrong[:3]
    assert rounds[0] > 20


def test_a_list_api_is_called_once_for_many_jobs(weir, upstream):
    w = weir({
        "sources": {"items": {"kind": "http", "list": {
            "url": upstream.url + "/list?ids={ids}", "ids": "item",
            "max": 50}}},
        "pipelines": {"jobs":
                      "group_by(.source) { buffer_with_time(200ms) | run }"},
    })
    got = {}

    def client(k):
        jobs = [{"id": "j%d" % i, "source": "items", "item": "i%d" % i}
                for i in range(k * 5, k * 5 + 5)]
        got[k] = w.post("/v1/jobs", jobs, timeout=30).lines()

    threads = [threading.Thread(target=client, args=(k,)) for k in range(10)]
    for t in threads:
        t.start()
    for t in threads:
        t.join(30)
    for k in range(10):
        parts = {e["job"]: e["data"]["id"] for e in got[k]
                 if e["type"] == "part"}
        assert parts == {"j%d" % i: "i%d" % i
                         for i in range(k * 5, k * 5 + 5)}, got[k]
    assert upstream.stats()["calls"]["/list"] <= 2
