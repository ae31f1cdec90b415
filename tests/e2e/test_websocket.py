"""weir.v1.json: a stream and all its requests on one WebSocket.

What RFC 6455 itself asks for is the matter of test_probes_websocket.py.
"""
import json
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
    "timeouts": {"head": "2s", "linger": "2s"},
}


@pytest.fixture
def w(weir):
    return weir(CONFIG)


def numbers(events):
    return [int(e["id"].split(".")[1]) for e in events]


def push(w, *parts):
    r = w.post("/v1/parts?source=inbox", list(parts))
    assert r.json() == {"accepted": len(parts)}


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
                               "ok": {"stream": opened["stream"],
                                      "resumed": False}}
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
    ({"op": "hello", "stream": 1}, "are strings"),
    ({"op": "hello", "stream": "s", "last": "x"}, "is not the id of an event"),
    ({"op": "hello", "last": "abc.1"}, "stream, which is missing"),
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
        push(w, {"n": 1})
        s.send({"op": "ping", "ref": 1})
        assert s.message() == {"ref": 1, "ok": {}}


# ---- interests

def test_an_interest_is_acknowledged_and_matches(w):
    with w.websocket(hello=True) as s:
        s.event("open")
        s.send({"op": "interest", "name": "hot", "where": "temp gt 30",
                "ref": 1})
        active = s.event("interest")
        assert (active["name"], active["state"]) == ("hot", "active")
        answer = s.message()["ok"]["interest"]
        assert (answer["name"], answer["where"]) == ("hot", "temp gt 30")
        s.send({"op": "interest", "name": "me", "value": "joe"})
        assert s.event("interest")["name"] == "me"
        push(w, {"temp": 12}, {"temp": 31}, {"temp": 40, "who": "joe"})
        first, second = s.event("part"), s.event("part")
        assert (first["data"], first["matched"]) == ({"temp": 31}, ["hot"])
        assert sorted(second["matched"]) == ["hot", "me"]
        assert numbers([active, first, second]) == [2, 4, 5]
        # It is a stream like all others.
        path = "/v1/streams/%s/interests" % w.admin_get(
            "/admin/v1/streams").json()[0]["id"]
        assert [i["name"] for i in w.get(path).json()] == ["hot", "me"]
        assert w.delete(path + "/me").status == 204
        assert s.event("interest")["state"] == "dropped"


def test_an_interest_is_changed_dropped_and_expires(w):
    with w.websocket(hello=True) as s:
        s.event("open")

        def hear(state):
            event = s.event("interest")
            assert (event["name"], event["state"]) == ("a", state)

        s.send({"op": "interest", "name": "a", "where": "n eq 1"})
        hear("active")
        s.send({"op": "interest", "name": "a", "where": "n eq 2"})
        hear("changed")
        push(w, {"n": 1}, {"n": 2})
        assert s.event("part")["data"] == {"n": 2}
        s.send({"op": "drop", "name": "a", "ref": 1})
        hear("dropped")
        assert s.message() == {"ref": 1, "ok": {}}
        push(w, {"n": 2})
        s.send({"op": "drop", "name": "a", "ref": 2})
        assert s.message()["error"]["status"] == 404
        s.send({"op": "interest", "name": "a", "where": "n eq 1",
                "for": "100ms"})
        hear("active")
        hear("expired")


def test_a_bad_interest_is_told_its_place(w):
    with w.websocket(hello=True) as s:
        s.event("open")
        for ref, member, pointer in (
                (1, {"where": "temp bogus 3"}, "/where"),
                (2, {"wher": "temp gt 3"}, "/wher"),
                (3, {"where": "temp gt 3", "for": "1000d"}, "/for")):
            s.send({"op": "interest", "name": "x", "ref": ref, **member})
            problem = s.answer(ref)["error"]
            assert (problem["status"], problem["pointer"]) == (422, pointer)
            if ref == 1:
                assert problem["type"] == "/problems/bad-condition"
                assert problem["line"] == 1
        s.send({"op": "interest", "name": "x"})
        assert s.event("error")["problem"]["status"] == 422


def test_a_stream_has_a_bounded_number_of_interests(weir):
    w = weir({**CONFIG, "limits": {"interests": 2}})
    with w.websocket(hello=True) as s:
        for n in range(3):
            s.send({"op": "interest", "name": "i%d" % n, "ref": n,
                    "where": "n eq %d" % n})
        assert "ok" in s.answer(1)
        assert s.answer(2)["error"]["type"] == "/problems/too-many-interests"


# ---- resume

def test_a_lost_connection_is_taken_up_again(w):
    with w.websocket(hello=True) as s:
        stream = s.event("open")["stream"]
        s.send({"op": "interest", "name": "all", "where": "n ge 0"})
        s.event("interest")
        push(w, {"n": 1}, {"n": 2})
        last = s.event("part")["id"]
    push(w, {"n": 3})
    with w.websocket(hello={"op": "hello", "stream": stream, "last": last,
                            "ref": 1}) as s:
        opened = s.event("open")
        assert (opened["resumed"], opened["missed"]) == (True, 0)
        assert [s.event("part")["data"]["n"] for _ in range(2)] == [2, 3]
        assert s.message()["ok"] == {"stream": stream, "resumed": True}
        push(w, {"n": 4})
        assert s.event("part")["data"]["n"] == 4


def test_the_transport_may_change_on_the_way(w):
    with w.stream("/v1/streams", "POST",
                  {"interests": [{"name": "all", "where": "n ge 0"}]}) as s:
        stream = s.event()["stream"]
        assert s.event()["type"] == "interest"
        push(w, {"n": 1})
        last = s.event()["id"]
    with w.websocket(hello={"op": "hello", "stream": stream,
                            "last": last}) as s:
        s.event("open")
        push(w, {"n": 2})
        part = s.event("part")
        assert (part["data"], part["matched"]) == ({"n": 2}, ["all"])
    with w.stream("/v1/streams/" + stream,
                  headers={"Last-Event-ID": part["id"]}) as s:
        assert s.event()["type"] == "open"
        push(w, {"n": 3})
        assert s.event()["data"] == {"n": 3}


def test_a_stream_that_waits_is_fetched(w):
    r = w.post("/v1/jobs", {"id": "j", "source": "echo", "data": 7},
               headers={"Prefer": "respond-async"})
    stream = r.json()["stream"]
    with w.websocket(hello={"op": "hello", "stream": stream}) as s:
        assert [s.event()["type"] for _ in range(3)] == ["open", "part",
                                                         "done"]
        assert s.closed()[0] == 1000


def test_a_restart_is_told(w):
    hello = {"op": "hello", "stream": "snobody", "last": "oldold.7", "ref": 1}
    with w.websocket(hello=hello) as s:
        opened = s.event("open")
        assert numbers([opened]) == [1]
        gap = s.event("gap")
        assert (gap["reason"], gap["from"]) == ("restart", "oldold.8")
        assert s.message()["ok"] == {"stream": opened["stream"],
                                     "resumed": False}


def test_what_has_ended_is_not_begun_anew(w):
    with w.websocket(hello=True) as s:
        stream = s.event("open")["stream"]
        assert w.delete("/v1/streams/" + stream).status == 204
        assert s.event("bye")["reason"] == "deleted"
        assert s.closed() == (1000, "nothing more comes here")
    with w.websocket(hello={"op": "hello", "stream": stream}) as s:
        assert s.closed() == (1000, "the stream has ended")


def test_another_connection_takes_over(w):
    with w.websocket(hello=True) as old:
        opened = old.event("open")
        hello = {"op": "hello", "stream": opened["stream"]}
        with w.websocket(hello=hello) as s:
            assert s.closed()[0] == 4400
        with w.websocket(hello={**hello, "last": opened["id"]}) as s:
            assert s.event("open")["resumed"]
            assert old.event("bye")["reason"] == "replaced"
            assert old.closed()[0] == 1000
            s.send({"op": "ping", "ref": 1})
            assert s.message() == {"ref": 1, "ok": {}}


def test_a_connection_may_be_cut_anywhere(w):
    """Once and in order, whatever came through before."""
    with w.websocket(hello=True) as s:
        stream = s.event("open")["stream"]
        s.send({"op": "interest", "name": "all", "where": "n ge 0"})
        last = s.event("interest")["id"]
    seen, n = [], 0
    for cut in range(0, 700, 3):
        push(w, {"n": n})
        n += 1
        with w.websocket(hello={"op": "hello", "stream": stream,
                                "last": last}) as s:
            for event in s.cut(cut, seconds=0.05):
                assert event["type"] in ("open", "part"), event
                if event["type"] == "part":
                    seen.append(event)
                    last = event["id"]
    with w.websocket(hello={"op": "hello", "stream": stream,
                            "last": last}) as s:
        s.event("open")
        while len(seen) < n:
            seen.append(s.event("part"))
    assert [e["data"]["n"] for e in seen] == list(range(n))
    assert numbers(seen) == list(range(3, 3 + n))


# ---- small things

def test_a_token_may_be_renewed(w):
    with w.websocket(hello={"op": "hello", "token": "t"}) as s:
        s.event("open")
        s.send({"op": "token", "token": "u", "ref": 1})
        assert s.message() == {"ref": 1, "ok": {}}
        s.send({"op": "token", "ref": 2})
        assert s.message()["error"]["pointer"] == "/token"


def test_silence_is_broken_by_pings(weir):
    w = weir({**CONFIG, "timeouts": {"heartbeat": "200ms"}})
    with w.websocket(hello=True) as s, w.websocket(hello=True) as dead:
        s.event("open")
        until(lambda: s.pings > 6 or not s.quiet(0.1), "pings come")
        dead.event("open")
        for _ in range(3):
            assert dead.frame() == (ws.PING, b"")
        assert dead.closed() == (1008, "no ping was answered")


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


# ---- compression

DEFLATE = {**CONFIG, "websocket": {"deflate": True}}
OFFER = {"Sec-WebSocket-Extensions":
         "permessage-deflate; client_max_window_bits"}


def test_compression_is_off_unless_it_is_switched_on(w):
    with w.websocket(headers=OFFER, hello=True) as s:
        assert "sec-websocket-extensions" not in s.headers


def test_what_many_receive_comes_compressed(weir):
    w = weir(DEFLATE)
    text = "all work and no play makes a part easy to compress, " * 40
    with w.websocket(headers=OFFER) as a, w.websocket(headers=OFFER) as b, \
            w.websocket() as plain:
        assert a.headers["sec-websocket-extensions"] == (
            "permessage-deflate; server_no_context_takeover; "
            "client_no_context_takeover")
        assert "sec-websocket-extensions" not in plain.headers
        for s in (a, b, plain):
            s.send({"op": "hello", "ref": 1})
            s.answer(1)
            s.send({"op": "interest", "name": "all", "where": "text",
                    "ref": 2})
            s.answer(2)
        push(w, {"text": text, "n": 1}, {"text": "short", "n": 2},
             {"text": text, "n": 3})
        for s in (a, b, plain):
            parts = [s.event("part") for _ in range(3)]
            assert [p["data"]["n"] for p in parts] == [1, 2, 3]
            assert parts[0]["data"]["text"] == text
            assert parts[2]["matched"] == ["all"]
        assert (a.compressed, b.compressed, plain.compressed) == (2, 2, 0)


def test_messages_may_come_compressed(weir):
    w = weir({**DEFLATE, "limits": {"body": "4KiB"}})
    with w.websocket(headers=OFFER, hello=True) as s:
        s.event("open")
        job = json.dumps({"op": "jobs", "ref": 7, "jobs": [
            {"id": "e", "source": "echo", "data": {"pad": "x" * 100}}]})
        data = ws.packed(job)
        s.send_frame(ws.TEXT, data[:20], rsv=4, fin=False)
        s.send_frame(ws.PING, b"between")
        s.send_frame(ws.CONTINUATION, data[20:])
        while s.message().get("type") != "done":
            pass
        s.send_frame(ws.TEXT, ws.packed('{"op":"ping"}'), rsv=4)
        s.event("ping")


@pytest.mark.parametrize("data, code", [
    (b" " * 5000, 1009),             # over the limit
    (b" " * 4000 + b"{}", 1009),     # below it, but made to grow
    (b'{"op":"\xff"}', 1007),
    (None, 1007),                    # not DEFLATE at all
])
def test_a_bad_compressed_message_is_refused(weir, data, code):
    w = weir({**DEFLATE, "limits": {"body": "4KiB"}})
    with w.websocket(headers=OFFER, hello=True) as s:
        s.event("open")
        payload = b"\xff\xff" if data is None else ws.packed(data)
        s.send_frame(ws.TEXT, payload, rsv=4)
        assert s.closed()[0] == code


def test_the_bit_means_nothing_without_an_agreement(weir):
    w = weir(DEFLATE)
    with w.websocket(hello=True) as s:
        s.event("open")
        s.send_frame(ws.TEXT, ws.packed('{"op":"ping"}'), rsv=4)
        assert s.closed()[0] == 1002


# ---- slow ones

@pytest.mark.parametrize("question", [
    {"op": "ping", "ref": "?" * 50000},
    {"op": "nothing that there is", "pad": "?" * 1000},
], ids=["answers", "events"])
def test_who_asks_and_does_not_read_is_closed(w, question):
    with w.websocket(hello=True, receive_buffer=4096) as s:
        text = ws.frame(ws.TEXT, json.dumps(question))
        for _ in range(60000000 // len(text)):
            s.send_raw(text)
        assert s.closed() == (4429, "more is asked than is read")
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


def test_a_slow_listener_is_told_what_it_lost(weir):
    w = weir({**CONFIG, "limits": {"queue": "64KiB"}})
    pad = "x" * 10000
    with w.websocket(hello=True, receive_buffer=4096) as s:
        s.event("open")
        s.send({"op": "interest", "name": "all", "where": "n ge 0"})
        s.event("interest")
        for n in range(0, 2000, 20):
            push(w, *({"n": i, "pad": pad} for i in range(n, n + 20)))
        lost, at = 0, 2
        while at < 2002:
            event = s.event()
            number, = numbers([event])
            if event["type"] == "dropped":
                assert number - at == event["count"]
                lost += event["count"]
            else:
                assert number == at + 1
            at = number
        assert 0 < lost < 2000
        # Questions pass by what waits.
        s.send({"op": "ping", "ref": 1})
        assert s.message() == {"ref": 1, "ok": {}}


def test_a_slow_listener_may_rather_be_closed(weir):
    w = weir({**CONFIG, "limits": {"queue": "64KiB"}})
    r = w.post("/v1/streams", {"overflow": "close", "interests": [
        {"name": "all", "where": "n ge 0"}]},
        headers={"Accept": "application/json"})
    with w.websocket(hello={"op": "hello", "stream": r.json()["stream"]},
                     receive_buffer=4096) as s:
        s.event("open")
        for n in range(0, 2000, 20):
            push(w, *({"n": i, "pad": "x" * 10000}
                      for i in range(n, n + 20)))
        event = s.event()
        while event["type"] != "bye":
            event = s.event()
        assert event["reason"] == "overflow"
        assert s.closed()[0] == 1008


# ---- ends

def test_the_server_says_good_bye(w):
    with w.websocket(hello=True) as with_stream, w.websocket() as without:
        with_stream.event("open")
        w.stop()
        assert with_stream.event("bye")["reason"] == "shutdown"
        assert with_stream.closed() == (1001, "the server is closing")
        assert without.closed() == (1001, "the server is closing")


def test_a_stream_lingers_without_its_connection(w):
    def streams():
        return len(w.admin_get("/admin/v1/streams").json())

    with w.websocket(hello=True) as half, w.websocket(hello=True) as s:
        half.event("open")
        s.event("open")
        half.sock.shutdown(1)
        assert half.frame() is None
    assert streams() == 2
    until(lambda: streams() == 0, "nobody comes for them")
