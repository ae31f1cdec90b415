"""weir.v1.json: a stream and all its requests on one WebSocket.

What RFC 6455 itself asks for is the matter of test_probes_websocket.py.
"""
import time

import pytest

from support import ws
from support.wait import until

CONFIG = {
    "sources": {
        "echo": {"kind": "echo"},
        "inbox": {"kind": "push"},
        "demo": {"kind": "timer", "every": "{dt}ms", "count": "{parts}",
                 "data": {"nr": "{nr}"}},
        "flood": {"kind": "timer", "every": "0ms", "count": "100000",
                  "data": {"nr": "{nr}", "pad": "x" * 1000}},
    },
    "timeouts": {"head": "2s"},
}


@pytest.fixture
def w(weir):
    return weir(CONFIG)


def numbers(events):
    return [int(e["id"].split(".")[1]) for e in events]


# ---- the handshake

def refused(w, **headers):
    with pytest.raises(ws.Refused) as e:
        w.websocket(headers={k.replace("_", "-"): v
                             for k, v in headers.items()})
    return e.value.answer


def test_what_is_no_handshake_is_a_problem(w):
    answer = refused(w, Upgrade=None, Connection=None)
    assert answer.status == 426
    assert answer.headers["upgrade"] == "websocket"
    assert answer.json()["type"] == "/problems/upgrade-required"
    answer = refused(w, Sec_WebSocket_Version="8")
    assert answer.status == 426
    assert answer.headers["sec-websocket-version"] == "13"
    answer = refused(w, Sec_WebSocket_Protocol="weir.v2")
    assert answer.status == 400
    assert "weir.v1.json" in answer.json()["detail"]
    assert w.post("/v1/ws", "{}").status == 405


def test_pages_of_other_origins_are_kept_out(weir):
    w = weir({**CONFIG, "cors": ["http://good.example"]})
    assert refused(w, Origin="http://bad.example").status == 403
    with w.websocket(headers={"Origin": "http://good.example"}) as s:
        assert s.headers["sec-websocket-protocol"] == "weir.v1.json"
    with w.websocket() as s:  # no page at all
        pass


# ---- hello

def test_hello_opens_a_stream(w):
    with w.websocket() as s:
        s.send({"op": "hello", "ref": "a"})
        opened = s.event("open")
        assert s.message() == {"ref": "a",
                               "ok": {"stream": opened["stream"]}}
        streams = w.admin_get("/admin/v1/streams").json()
        assert opened["stream"] in str(streams)
        s.send({"op": "hello", "ref": "b"})
        assert s.answer("b")["error"]["status"] == 409


@pytest.mark.parametrize("message, why", [
    ({"op": "ping"}, "the first message is hello"),
    ('{"op":"hello"', "expected"),
    ("[]", "expected an object with an op"),
    ({"ref": 1}, "expected an object with an op"),
    ({"op": 7}, "expected an object with an op"),
    ({"op": "hello", "ref": [1]}, "ref is a string or a number"),
])
def test_what_is_no_message_is_closed_with_the_reason(w, message, why):
    with w.websocket() as s:
        s.send(message)
        code, reason = s.closed()
        assert code == 4400
        assert why in reason


def test_messages_are_text(w):
    with w.websocket(hello=True) as s:
        s.event("open")
        s.send_frame(ws.BINARY, b'{"op":"ping"}')
        assert s.closed() == (1003, "messages are text")


def test_without_a_hello_it_is_closed(w):
    begun = time.monotonic()
    with w.websocket() as s:
        s.send_frame(ws.PING, b"still here")
        assert s.frame() == (ws.PONG, b"still here")
        assert s.closed() == (4408, "no hello came")
    assert 1.5 < time.monotonic() - begun < 4


# ---- jobs

def test_events_are_those_of_the_other_transports(w):
    def without_id(event):
        event = {k: v for k, v in event.items()
                 if k not in ("time", "ms", "stream")}
        assert event.pop("id")
        return event

    jobs = [{"id": "a", "source": "echo", "data": {"n": [1, "\u20ac"]}},
            {"id": "b", "source": "nowhere"}]
    with w.stream("/v1/jobs", "POST", jobs) as lines:
        expected = [without_id(e) for e in lines.events()]
    with w.websocket(hello=True) as s:
        s.send({"op": "jobs", "jobs": jobs})
        events = [s.event() for _ in expected]
    assert numbers(events) == list(range(1, len(events) + 1))
    assert [without_id(e) for e in events] == expected


def test_jobs_are_answered_with_their_ids(w):
    with w.websocket(hello=True) as s:
        s.send({"op": "jobs", "ref": 1, "jobs": [
            {"id": "mine", "source": "demo", "dt": 10, "parts": 1},
            {"source": "demo", "dt": 10, "parts": 1}]})
        first, second = s.answer(1)["ok"]["jobs"]
        assert first == {"id": "mine"}
        done = set()
        while len(done) < 2:
            event = s.event()
            if event["type"] == "done":
                done.add(event["job"])
        assert done == {"mine", second["id"]}


def test_a_bad_job_takes_all_of_its_message_with_it(w):
    with w.websocket(hello=True) as s:
        s.event("open")
        s.send({"op": "jobs", "ref": 1, "jobs": [
            {"id": "a", "source": "echo"}, {"id": "b"}]})
        problem = s.message()["error"]
        assert problem["status"] == 422
        assert problem["pointer"] == "/jobs/1/source"
        s.send({"op": "jobs", "ref": 2, "jobs": {}})
        assert s.message()["error"]["pointer"] == "/jobs"
        assert w.get("/v1/jobs/a").status == 404
        # Without a ref it is an event.
        s.send({"op": "jobs", "jobs": []})
        event = s.event("error")
        assert event["problem"]["type"] == "/problems/no-jobs"
        assert numbers([event]) == [2]


def test_too_many_jobs_are_refused(w):
    with w.websocket(hello=True) as s:
        s.send({"op": "jobs", "ref": 1,
                "jobs": [{"source": "echo"}] * 1001})
        assert s.answer(1)["error"]["status"] == 413


def test_a_job_is_cancelled(w):
    with w.websocket(hello=True) as s:
        s.send({"op": "jobs", "jobs": [
            {"id": "long", "source": "demo", "dt": 50, "parts": 1000}]})
        s.event("open")
        s.event("part")
        s.send({"op": "cancel", "job": "long", "ref": 5})
        assert s.answer(5)["ok"]["job"]["id"] == "long"
        until(lambda: w.get("/v1/jobs/long").json()["state"] == "cancelled",
              "the job is cancelled")
        s.send({"op": "cancel", "job": "none", "ref": 6})
        assert s.answer(6)["error"]["status"] == 404
        s.send({"op": "cancel", "ref": 7})
        assert s.answer(7)["error"]["pointer"] == "/job"


def test_a_job_outlives_its_connection(w):
    with w.websocket(hello=True) as s:
        s.send({"op": "jobs", "jobs": [
            {"id": "on", "source": "demo", "dt": 300, "parts": 3}]})
        s.event("open")
        s.event("part")
        s.close(1000)
        assert s.closed()[0] == 1000
    assert w.get("/v1/jobs/on").json()["state"] == "running"
    until(lambda: w.get("/v1/jobs/on").json()["state"] == "done",
          "the job goes on to its end")


def test_one_sees_nothing_of_others_unasked(w):
    with w.websocket(hello=True) as s:
        s.event("open")
        assert w.post("/v1/parts?source=inbox", {"n": 1}).status == 202
        s.send({"op": "ping", "ref": 1})
        assert s.message() == {"ref": 1, "ok": {}}


# ---- small things

def test_pings_of_the_application(w):
    with w.websocket(hello=True) as s:
        s.event("open")
        s.send({"op": "ping"})
        assert s.message() == {"type": "ping"}
        for ref in (0, -1.5, "", "\u20ac\n", True):
            s.send({"op": "ping", "ref": ref})
            assert s.message() == {"ref": ref, "ok": {}}


def test_an_unknown_op_is_told_the_known_ones(w):
    with w.websocket(hello=True) as s:
        s.event("open")
        s.send({"op": "jump" + "\u20ac" * 100, "ref": 1})
        problem = s.message()["error"]
        assert problem["status"] == 400
        assert "jobs" in problem["detail"]


def test_a_message_may_come_in_many_frames(w):
    text = '{"op":"ping","ref":"\u20ac"}'.encode("utf-8")
    with w.websocket(hello=True) as s:
        s.event("open")
        for i, byte in enumerate(text):
            s.send_frame(ws.TEXT if i == 0 else ws.CONTINUATION,
                         bytes([byte]), fin=i == len(text) - 1)
        assert s.message() == {"ref": "\u20ac", "ok": {}}


def test_a_message_is_at_most_as_long_as_a_body(weir):
    w = weir({**CONFIG, "limits": {"body": "10KiB"}})
    with w.websocket(hello=True) as s:
        s.event("open")
        s.send({"op": "ping", "ref": "x" * 10000})
        assert len(s.message()["ref"]) == 10000
        s.send({"op": "ping", "ref": "x" * 10240})
        assert s.closed()[0] == 1009


# ---- slow ones

def test_who_asks_and_does_not_read_is_closed(w):
    question = {"op": "ping", "ref": "?" * 50000}
    with w.websocket(hello=True, receive_buffer=4096) as s:
        with pytest.raises(OSError):
            for _ in range(2000):
                s.send(question)
        # It has been told; whether it still gets to read it is its matter.
    with w.websocket(hello=True) as s:
        s.event("open")


def test_a_slow_reader_slows_its_jobs_down(w):
    with w.websocket(hello=True, receive_buffer=4096) as s:
        s.send({"op": "jobs", "jobs": [{"id": "f", "source": "flood"}]})
        s.event("open")

        def parts():
            return w.get("/v1/jobs/f").json()["parts"]

        until(lambda: parts() > 100, "parts flow")
        last = -1
        while parts() != last:
            last = parts()
            time.sleep(0.3)
        assert last < 50000
        events = [s.event("part") for _ in range(2000)]
        assert numbers(events) == list(range(2, 2002))
        until(lambda: parts() > last, "the job goes on")
        s.send({"op": "cancel", "job": "f"})


# ---- ends

def test_the_server_says_good_bye(w):
    with w.websocket(hello=True) as with_stream, w.websocket() as without:
        with_stream.event("open")
        w.stop()
        assert with_stream.event("bye")["reason"] == "shutdown"
        assert with_stream.closed() == (1001, "the server is closing")
        assert without.closed() == (1001, "the server is closing")


def test_a_deleted_stream_closes_its_connection(w):
    with w.websocket(hello=True) as s:
        stream = s.event("open")["stream"]
        assert w.delete("/v1/streams/" + stream).status == 204
        assert s.event("bye")["reason"] == "deleted"
        assert s.closed()[0] == 1000


def test_a_connection_that_is_cut_ends_its_stream(w):
    def streams():
        return len(w.admin_get("/admin/v1/streams").json())

    with w.websocket(hello=True) as half, w.websocket(hello=True) as s:
        half.event("open")
        s.event("open")
        assert streams() == 2
        half.sock.shutdown(1)
        assert half.frame() is None
        until(lambda: streams() == 1, "half of it is not enough")
    until(lambda: streams() == 0, "and none is not either")
