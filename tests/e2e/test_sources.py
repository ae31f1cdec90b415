"""Sources as their users meet them: followed files, pushed parts, faults."""
import time




def test_a_followed_file_shows_what_is_appended(weir, tmp_path):
    log = tmp_path / "app.log"
    log.write_text("old\n")
    w = weir({"sources": {"log": {"kind": "tail", "path": str(log)}}})
    with w.stream("/v1/jobs", "POST", {"id": "t", "source": "log"}) as s:
        assert s.event(seconds=5)["type"] == "open"
        time.sleep(0.3)
        with log.open("a") as f:
            f.write('plain\n{"a":1}\n')
        assert s.event(seconds=5)["data"] == "plain"
        assert s.event(seconds=5)["data"] == {"a": 1}
        log.rename(tmp_path / "app.log.1")
        log.write_text("after rotation\n")
        assert s.event(seconds=5)["data"] == "after rotation"
        log.write_text("")
        event = s.event(seconds=5)
        assert event["type"] == "error"
        assert "truncated" in event["problem"]["detail"]
    assert w.delete("/v1/jobs/t").status in (200, 202)


def test_a_missing_file_is_the_jobs_error(weir):
    w = weir({"sources": {"log": {"kind": "tail", "path": "/nowhere/x"}}})
    events = w.post("/v1/jobs", {"source": "log"}).lines()
    assert [e["type"] for e in events] == ["open", "error", "done"]
    assert "/nowhere/x: not found" in events[1]["problem"]["detail"]


def test_pushed_parts_reach_who_listens(weir):
    w = weir({"sources": {"inbox": {"kind": "push"}}})
    with w.stream("/v1/stream") as s:
        assert s.event(seconds=5)["type"] == "open"
        r = w.post("/v1/parts?source=inbox", '{"n":1}\n{"n":2}\n')
        assert (r.status, r.json()) == (202, {"accepted": 2})
        assert [s.event(seconds=5)["data"]["n"] for _ in range(2)] == [1, 2]
    r = w.post("/v1/parts?source=inbox", '[{"n":3},{"n":4}]')
    assert r.json() == {"accepted": 2}
    r = w.post("/v1/parts?source=inbox", '[{"n":3},{"n":4}]',
               headers={"Content-Type": "application/x-ndjson"})
    assert r.json() == {"accepted": 1}
    r = w.post("/v1/parts?source=inbox", '{"n":3}\n{"n":\n')
    assert r.status == 400 and r.json()["line"] == 2
    assert w.post("/v1/parts?source=nope", "{}").status == 404


def test_async_jobs_wait_to_be_fetched(weir):
    w = weir({"sources": {"echo": {"kind": "echo"}}})
    r = w.post("/v1/jobs", {"id": "a", "source": "echo", "data": 7},
               headers={"Prefer": "respond-async"})
    assert r.status == 202 and r.json()["jobs"] == [{"id": "a"}]
    assert w.get("/v1/jobs/a").json()["state"] == "done"
    events = w.get(r.headers["location"]).lines()
    assert [e["type"] for e in events] == ["open", "part", "done"]
    assert w.get("/v1/jobs/b").status == 404


def test_bad_jobs_are_answered_with_their_place(weir):
    w = weir({"sources": {"echo": {"kind": "echo"}}})
    r = w.post("/v1/jobs", '{"source":')
    assert r.status == 400 and r.json()["line"] == 1
    r = w.post("/v1/jobs", [{"source": "echo"}, {"sorce": "echo"}])
    assert r.status == 422 and r.json()["pointer"] == "/1/source"
    r = w.post("/v1/jobs", {"source": "echo"}, headers={"Accept": "image/png"})
    assert r.status == 406
    events = w.post("/v1/jobs", [{"source": "nope"},
                                 {"source": "echo", "data": 1}]).lines()
    assert sorted(e["type"] for e in events) == [
        "done", "done", "error", "open", "part"]


def test_an_upstream_that_fails_is_the_jobs_error(weir, upstream):
    paths = {"s500": "/500", "reset": "/reset?after=body",
             "cut": "/truncate", "ok": "/ndjson?n=2&dt=0"}
    w = weir({"sources": {
        **{k: {"kind": "http", "url": upstream.url + p}
           for k, p in paths.items()},
        "refused": {"kind": "http", "url": "http://127.0.0.1:1/"}},
        "pipelines": {"jobs": "flat_map { run }"}})
    names = list(paths) + ["refused"]
    events = w.post("/v1/jobs", [{"id": n, "source": n} for n in names],
                    timeout=30).lines()
    failed = {e["job"] for e in events if e["type"] == "error"}
    assert failed == {"s500", "reset", "cut", "refused"}
    assert sum(e["type"] == "part" and e["job"] == "ok"
               for e in events) == 2
    assert sum(e["type"] == "done" for e in events) == len(names)


def test_a_bad_line_is_told_and_the_others_go_on(weir, upstream):
    w = weir({"sources": {"bad": {"kind": "http",
                                  "url": upstream.url + "/invalid-json"}}})
    events = w.post("/v1/jobs", {"source": "bad"}, timeout=30).lines()
    assert [e["data"]["i"] for e in events if e["type"] == "part"] == [0, 1, 4]
    assert sum(e["type"] == "error" for e in events) == 4


def test_a_stream_may_ask_for_what_interests_it(weir):
    w = weir({"sources": {"echo": {"kind": "echo"}}})
    with w.stream("/v1/stream?where=*%20eq%20joe&for=1s") as s:
        assert s.event(seconds=5)["type"] == "open"
        for who in ("ann", "joe", "tim"):
            w.post("/v1/jobs", {"source": "echo", "data": {"a": [who]}})
        rest = list(s.events())
    assert [e["type"] for e in rest] == ["part", "bye"]
    assert rest[0]["data"] == {"a": ["joe"]}
    assert rest[1]["reason"] == "expired"
    r = w.get("/v1/stream?where=a%20bogus%203")
    assert (r.status, r.json()["column"]) == (422, 3)
    assert w.get("/v1/stream?for=10").status == 422


def test_big_parts_of_one_moment_all_arrive(weir):
    """The second one waits for room that the first leaves at once."""
    w = weir({"sources": {"echo": {"kind": "echo"}},
              "pipelines": {"jobs": "flat_map { run }"}})
    with w.stream("/v1/stream") as s:
        assert s.event(seconds=5)["type"] == "open"
        jobs = [{"source": "echo", "data": {"n": n, "pad": "p" * 70000}}
                for n in range(2)]
        r = w.post("/v1/jobs", jobs, headers={"Prefer": "respond-async"})
        assert r.status == 202
        assert [s.event(seconds=5)["data"]["n"] for _ in range(2)] == [0, 1]
