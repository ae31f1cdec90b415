"""The quick start, as its reader sees it."""
import json

import pytest

from support import server


@pytest.fixture
def quick(weir):
    return weir((server.EXAMPLES / "quickstart.yaml").read_text("utf-8"))


def test_it_is_alive_and_ready(quick):
    assert quick.admin_get("/livez").status == 200
    assert quick.admin_get("/readyz").status == 200


def test_parts_arrive_one_by_one_as_they_are_made(quick):
    with quick.stream("/job1/3/300") as s:
        assert s.status == 200
        lines = list(s.lines())
    parts = [json.loads(line.text) for line in lines]
    assert [p["res"] for p in parts] == ["job1 result %d" % i
                                         for i in range(3)]
    gaps = [b.at - a.at for a, b in zip(lines, lines[1:])]
    assert all(0.15 < gap < 2 for gap in gaps), gaps


def test_jobs_of_one_request_run_side_by_side(quick):
    jobs = [{"id": "slow", "source": "demo", "job": "a", "parts": 2,
             "dt": 400},
            {"id": "fast", "source": "demo", "job": "b", "parts": 2,
             "dt": 50}]
    with quick.stream("/v1/jobs", "POST", jobs) as s:
        events = list(s.events())
    done = [e["job"] for e in events if e["type"] == "done"]
    assert done == ["fast", "slow"]
    assert sum(e["type"] == "part" for e in events) == 4


def test_a_stream_opens_at_once_and_numbers_its_events(quick):
    with quick.stream("/v1/stream") as s:
        assert s.headers["content-type"] == "application/x-ndjson"
        first = s.event(seconds=5)
        assert first["type"] == "open"
        assert quick.post("/v1/jobs", {"source": "demo", "job": "x",
                                       "parts": 2, "dt": 20}).status == 200
        ids = [first["id"]] + [s.event(seconds=5)["id"] for _ in range(2)]
    epochs = {i.split(".")[0] for i in ids}
    assert len(epochs) == 1
    numbers = [int(i.split(".")[1]) for i in ids]
    assert numbers == list(range(numbers[0], numbers[0] + 3))


def test_an_unknown_address_is_a_problem_with_a_name(quick):
    r = quick.get("/nowhere")
    assert r.status == 404
    assert r.headers["content-type"] == "application/problem+json"
    assert r.json()["status"] == 404


def test_a_bad_pipeline_is_refused_with_its_place(quick):
    r = quick.admin_put("parts", "map(.a) | debunce(10ms)")
    assert r.status == 422
    problem = r.json()
    assert (problem["line"], problem["column"]) == (1, 11)
    assert "debounce" in problem["detail"]


def test_a_pipeline_tells_what_passed_each_stage(quick):
    def stage():
        found = quick.admin_get("/admin/v1/pipelines/jobs").json()["stages"]
        assert [s["stage"] for s in found] == ["flat_map"]
        assert found[0]["args"]["max_buffer"] == 65536
        return found[0]["counts"], found[0]["block"][0]["counts"]

    outer, inner = stage()
    assert outer["in"] == inner["out"] == 0
    quick.get("/job1/3/0")
    with quick.stream("/job2/2/2000") as s:
        next(s.lines())
        outer, inner = stage()
        assert (outer["in"], outer["live"], inner["live"]) == (2, 1, 1)
        assert outer["out"] == inner["out"] == 4
        assert inner["errors"] == outer["dropped"] == outer["held"] == 0


def test_what_a_stage_holds_is_told(quick):
    assert quick.admin_put("jobs", "buffer_with_time(1h) | run").status == 200
    for n in range(3):
        assert quick.post("/v1/jobs", {"source": "demo", "job": "x"},
                          headers={"Prefer": "respond-async"}).status == 202
    found = quick.admin_get("/admin/v1/pipelines/jobs").json()["stages"]
    assert found[0]["counts"]["in"] == found[0]["counts"]["held"] == 3
    # They come out with the old pipeline when it is replaced.
    assert quick.admin_put("jobs", "flat_map { run }").status == 200


def test_a_bad_file_changes_nothing_when_reloaded(quick):
    quick.sighup("pipelines: { parts: 'no_such_stage' }\n")
    quick.wait_line("no_such_stage")
    assert quick.get("/job1/1/0").json()["res"] == "job1 result 0"


def test_pages_of_other_origins_change_nothing_by_the_admin_listener(quick):
    foreign = {"Origin": "http://evil.example"}
    r = quick.admin_post("/admin/v1/reload", headers=foreign)
    assert r.status == 403
    assert "access-control-allow-origin" not in r.headers
    own = {"Origin": "http://127.0.0.1:%d" % quick.admin_port}
    assert quick.admin_post("/admin/v1/reload", headers=own).status == 204


def test_a_routes_path_wins_over_its_query(quick):
    parts = quick.get("/job1/1/0?job=other&more=1").lines()
    assert parts[0]["res"] == "job1 result 0"
