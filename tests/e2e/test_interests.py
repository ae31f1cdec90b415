"""What an interest costs: how it is told, what is refused, what an operator
sees of it."""
import json
from urllib.parse import quote

from support.wait import until

SOURCES = {"inbox": {"kind": "push"}}
JSON = {"Accept": "application/json"}


def server(weir, residual=20, **more):
    return weir({"sources": SOURCES, "limits": {"residual": residual}, **more})


def create(w, *interests):
    """-> the path of the interests of a stream that nobody reads yet"""
    r = w.post("/v1/streams", {"interests": interests}, headers=JSON)
    assert r.status == 201, r.text()
    return r.headers["location"] + "/interests"


def metric(w, name):
    for line in w.admin_get("/metrics").text().splitlines():
        if line.startswith("weir_%s " % name):
            return int(line.split()[1])
    raise AssertionError(name)


# ---- what a client is told

def test_the_answer_tells_what_leads_to_an_interest(weir):
    w = server(weir)
    at = create(w)
    told = w.put(at + "/a", {"where": "user.id eq 4711 and note ne x"}).json()
    assert told["indexed"] == "user.id eq"
    assert 0 < told["cost"] < 1
    assert "residual" not in told
    told = w.put(at + "/b", {"where": "note ne x"}).json()
    assert (told["indexed"], told["cost"], told["residual"]) == (None, 1, True)
    told = w.put(at + "/c", {"value": "joe"}).json()
    assert told["indexed"] == "* eq"
    assert [i["indexed"] for i in w.get(at).json()] == \
        ["user.id eq", None, "* eq"]
    assert w.get(at + "/a").json()["indexed"] == "user.id eq"


def test_the_estimate_follows_what_comes(weir):
    w = server(weir)
    at = create(w, {"name": "a", "where": "type eq order"},
                {"name": "b", "where": "type eq rare"})
    w.push(*[{"type": "order"}] * 200)
    # The parts are on their way.
    until(lambda: w.get(at).json()[0]["cost"] > 0.8, "the parts")
    assert w.get(at).json()[1]["cost"] < 0.1


def test_what_cannot_be_found_is_refused_beyond_the_limit(weir):
    w = server(weir)
    at = create(w)
    for n in range(2):  # a stream's tenth
        assert w.put("%s/n%d" % (at, n), {"where": "n ne %d" % n}).status == 201
    r = w.put(at + "/n2", {"where": "a eq 1 or n ne 2"})
    assert r.status == 422
    problem = r.json()
    assert problem["type"] == "/problems/not-selective"
    assert problem["pointer"] == "/where"
    assert problem["detail"].startswith("'n not eq 2' would be held against "
                                        "each part")
    assert w.put(at + "/n2", {"where": "n ne 2 and a eq 1"}).status == 201
    # Others still may, until the server has its number.
    for n in range(2, 20, 2):
        create(w, {"name": "a", "where": "n ne %d" % n},
               {"name": "b", "where": "n ne %d" % (n + 1)})
    r = w.get("/v1/stream?where=" + quote("n ne 99"))
    assert (r.status, r.json()["type"]) == (422, "/problems/not-selective")
    assert metric(w, "residual_conditions") == 20
    # What somebody states already is looked at once.
    with w.stream("/v1/stream?where=" + quote("n ne 3")) as s:
        assert s.status == 200
        assert s.event()["type"] == "open"


def test_of_many_those_that_are_refused_are_told_by_events(weir):
    w = server(weir, residual=10)
    body = {"interests": [{"name": "one", "where": "n ne 1"},
                          {"name": "two", "where": "n ne 2"},
                          {"name": "three", "where": "n eq 3"}]}
    with w.stream("/v1/streams", "POST", body) as s:
        events = [s.event() for _ in range(4)][1:]
        assert [(e["name"], e["state"]) for e in events] == \
            [("one", "active"), ("two", "denied"), ("three", "active")]
        assert "'n not eq 2'" in events[1]["detail"]
    with w.websocket() as ws:
        ws.send({"op": "hello"})
        for name in "ab":
            ws.send({"op": "interest", "name": name, "ref": name,
                     "where": "n ne 1" + name})
        answers = [ws.message() for _ in range(4)]
        (error,) = [a["error"] for a in answers if "error" in a]
        assert error["type"] == "/problems/not-selective"


# ---- what the operator sees

def test_the_operator_sees_what_all_interests_cost(weir):
    w = server(weir)
    create(w, {"name": "a", "where": "n ne 1"},
           {"name": "b", "where": "n eq 1"},
           {"name": "c", "where": "n == 1.0"})
    with w.stream("/v1/stream") as s:
        s.event()
        w.push({"n": 1}, {"n": 2})
        seen = w.admin_get("/admin/v1/interests").json()
    assert [seen[k] for k in ("interests", "conditions", "residual")] == \
        [4, 3, 1]
    assert seen["parts"] == 2
    assert 0 < seen["candidates"] <= 6
    assert 0 < seen["bytes"] < 100000000
    assert [d["where"] for d in seen["dearest"]] == ["n ne 1", "n eq 1"]
    assert seen["dearest"][0]["residual"]
    assert seen["dearest"][1]["indexed"] == "n eq"
    assert metric(w, "residual_conditions") == 1
    assert metric(w, "matched_parts_total") == 2
    assert metric(w, "candidates_total") == seen["candidates"]
    assert metric(w, "interest_bytes") > 0


def test_the_dearest_are_few_however_many_there_are(weir):
    w = server(weir)
    at = create(w)
    many = [{"name": "n%d" % n, "where": "n eq %d" % n} for n in range(900)]
    assert w.put(at, many).status == 200
    dearest = w.admin_get("/admin/v1/interests").json()["dearest"]
    assert len(dearest) == 20
    costs = [d["cost"] for d in dearest]
    assert all(a >= b * 0.99 for a, b in zip(costs, costs[1:]))


def test_a_condition_can_be_explained_before_anybody_states_it(weir):
    w = server(weir)

    def explain(text):
        return w.admin_get("/admin/v1/interests?explain=" + quote(text))

    assert explain("b eq 1 and b eq 1 and not a gt 2").json()["indexed"] == \
        "b eq"
    assert explain("a ne 1").json() == \
        {"where": "a not eq 1", "indexed": None, "cost": 1, "residual": True}
    r = explain("a eqq 1")
    assert (r.status, r.json()["column"]) == (422, 3)
    assert w.admin_get("/admin/v1/interests").json()["conditions"] == 0


# ---- values

def test_the_cache_is_asked_what_interests_are(weir):
    w = weir({"sources": {
        **SOURCES,
        "some": {"kind": "push", "values": [".id", ".user.email"]},
        "made": {"kind": "push", "values": "{sum: (.a + .b)}"}},
        "cache": {"for": "1m"}})
    part = {"id": 1, "text": "joe", "user": {"email": "j@x", "x": 2}}
    w.push(part, source="some")
    w.push(part)
    w.push({"a": 1, "b": 2}, source="made")

    def found(where):
        return [(e["source"], e["data"]) for e in
                w.get("/v1/parts?where=" + quote(where)).lines()]

    assert found("text eq joe") == [("inbox", part)]
    assert found("user.email eq j@x") == [("some", part), ("inbox", part)]
    assert found("user.x eq 2 and @source eq some") == []
    assert found("@source eq some") == [("some", part)]
    assert found("sum eq 3") == [("made", {"a": 1, "b": 2})]
    assert found("a eq 1") == []
    # What goes to clients is the part alone.
    assert b"sum" not in w.get("/v1/parts").body
    until(lambda: metric(w, "cached_parts") == 3, "all are kept")
