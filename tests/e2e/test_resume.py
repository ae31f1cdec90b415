"""A lost connection: what comes after the last event is there again, once and
in order, on whatever transport the client comes back with."""
import json
import random
import socket
import struct
import threading

from support import client

SOURCES = {"sources": {"echo": {"kind": "echo"}, "inbox": {"kind": "push"}}}
JSON = {"Accept": "application/json"}
TRANSPORTS = ("application/x-ndjson", "text/event-stream",
              "application/json-seq")


def seq(event):
    return int(event["id"].split(".")[1])


def read_cut(w, path, accept, last, limit, patience=20):
    """Reads so many bytes of the answer, head and all, and breaks off; all of
    it for None. -> status or None, the body as it came, whether it has ended,
    bytes read"""
    conn = w.connect(timeout=patience)
    head = "GET %s HTTP/1.1\r\nHost: h\r\nAccept: %s\r\n" % (path, accept)
    if last:
        head += "Last-Event-ID: %s\r\n" % last
    conn.sendall(head.encode() + b"Connection: close\r\n\r\n")
    data = b""
    while limit is None or len(data) < limit:
        try:
            more = conn.recv(65536 if limit is None else limit - len(data))
        except socket.timeout:
            assert limit is not None
            break
        if not more:
            break
        data += more
    conn.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                    struct.pack("ii", 1, 0))
    conn.close()
    head, blank, rest = data.partition(b"\r\n\r\n")
    status = int(head.split(b" ", 2)[1]) if blank else None
    body, ended = b"", status == 204
    while rest and b"\r\n" in rest:
        size, _, rest = rest.partition(b"\r\n")
        n = int(size, 16)
        ended = n == 0
        body += rest[:n]
        rest = rest[n + 2:]
    return status, body, ended, len(data)


def whole_events(body, accept):
    """Those that came completely."""
    if accept == "text/event-stream":
        events = []
        for block in body.decode(errors="replace").split("\n\n")[:-1]:
            fields = dict(line.split(": ", 1) for line in block.split("\n")
                          if not line.startswith(":"))
            if not fields:
                continue
            event = json.loads(fields["data"])
            assert fields.get("id") == event.get("id")
            events.append(event)
        return events
    return [json.loads(line.lstrip(b"\x1e"))
            for line in body.split(b"\n")[:-1]]


def fetch_all(w, path, cuts, first=0):
    """Reads a stream to its end, cut off again and again. -> the events with
    an id, and the number of bytes of the first connection"""
    got, last, n, length = [], None, 0, None
    while True:
        accept = TRANSPORTS[(first + n) % 3]
        limit = cuts[n] if n < len(cuts) else None
        status, body, ended, size = read_cut(w, path, accept, last, limit)
        n += 1
        length = length or size
        if status not in (None, 200):
            assert status == 204, status
            return got, length
        for e in whole_events(body, accept):
            assert e["type"] not in ("gap", "dropped"), e
            if "id" in e:
                got.append(e)
                last = e["id"]
        if ended and limit is None:
            return got, length


def check_whole(events):
    assert [seq(e) for e in events] == list(range(1, len(events) + 1))
    assert len({e["id"].split(".")[0] for e in events}) == 1


def test_a_stream_may_be_cut_at_every_byte(weir):
    w = weir(SOURCES)
    jobs = [{"id": "a", "source": "echo", "data": {"text": "äöü \n"}},
            {"id": "b", "source": "nowhere"},
            {"id": "c", "source": "echo", "data": [1, 2]}]

    def new_stream():
        r = w.post("/v1/jobs", jobs, headers={"Prefer": "respond-async"})
        assert r.status == 202
        return r.headers["location"]

    events, length = fetch_all(w, new_stream(), [])
    check_whole(events)
    kinds = sorted(e["type"] for e in events)
    assert kinds == ["done"] * 3 + ["error", "open", "part", "part"]
    for at in range(1, length + 1):
        got, _ = fetch_all(w, new_stream(), [at, at * 7 % length + 1], at)
        check_whole(got)
        assert sorted(e["type"] for e in got) == kinds, at
        assert [e["data"] for e in got if e["type"] == "part"] == \
            [{"text": "äöü \n"}, [1, 2]]


def test_a_living_stream_is_followed_through_many_cuts(weir):
    """A producer goes on and on; the client is cut off anywhere, and changes
    the transport each time."""
    w = weir(SOURCES)
    r = w.post("/v1/streams", {"interests": [
        {"name": "n", "where": "n ge 0"}]}, headers=JSON)
    path = r.headers["location"]
    total = 3000

    def produce():
        for first in range(0, total, 50):
            client.request(w.port, "POST", "/v1/parts?source=inbox", "".join(
                '{"n":%d}\n' % n for n in range(first, first + 50)))

    producer = threading.Thread(target=produce)
    producer.start()
    rand = random.Random(8)
    got, last, n = [], None, 0
    while len([e for e in got if e["type"] == "part"]) < total:
        accept = TRANSPORTS[n % 3]
        _, body, _, _ = read_cut(w, path, accept, last,
                                 rand.randrange(100, 20000), patience=1)
        n += 1
        for e in whole_events(body, accept):
            assert e["type"] not in ("gap", "dropped"), e
            if "id" in e:
                got.append(e)
                last = e["id"]
    producer.join()
    check_whole(got)
    assert [e["data"]["n"] for e in got if e["type"] == "part"] == \
        list(range(total))
    assert n > 20


def test_what_is_gone_is_told(weir):
    w = weir({**SOURCES, "limits": {"kept": 1000}})
    with w.stream("/v1/stream") as s:
        assert s.event()["type"] == "open"
        at = s.headers["content-location"]
        client.request(w.port, "POST", "/v1/parts?source=inbox",
                       "".join("%d\n" % n for n in range(100)))
        events = [s.event() for _ in range(100)]
        assert [seq(e) for e in events] == list(range(2, 102))
        epoch = events[0]["id"].split(".")[0]
    with w.stream(at + "?last_event_id=%s.51" % epoch) as s:
        e = s.event()
        missed = e["missed"]
        assert (e["type"], e["resumed"]) == ("open", True)
        assert 30 < missed < 50
        gap = s.event()
        assert (gap["type"], gap["reason"], gap["count"]) == \
            ("gap", "expired", missed)
        assert gap["from"] == "%s.52" % epoch
        assert gap["to"] == gap["id"] == "%s.%d" % (epoch, 51 + missed)
        assert [s.event()["data"] for _ in range(50 - missed)] == \
            list(range(50 + missed, 100))


def test_an_eventsource_comes_back_to_its_one_shot_stream(weir):
    w = weir(SOURCES)
    sse = {"Accept": "text/event-stream"}
    path = "/v1/stream?where=n+ge+0"
    with w.stream(path, headers=sse) as s:
        first = s.sse()["id"]
        s.reset()
    w.post("/v1/parts?source=inbox", '{"n":1}\n{"m":2}\n{"n":3}')
    with w.stream(path, headers={**sse, "Last-Event-ID": first}) as s:
        fields = s.sse()
        assert "id" not in fields
        assert json.loads(fields["data"])["resumed"] is True
        assert [json.loads(s.sse()["data"])["data"]["n"]
                for _ in range(2)] == [1, 3]
    # Another question is another stream, whatever id it names.
    with w.stream("/v1/stream?where=m+ge+0",
                  headers={**sse, "Last-Event-ID": first}) as s:
        assert json.loads(s.sse()["data"])["type"] == "open"
        assert json.loads(s.sse()["data"])["reason"] == "restart"
    assert w.get(path, headers={"Last-Event-ID": "nonsense"}).status == 400


def test_a_killed_server_is_noticed(weir):
    w = weir(SOURCES)
    sse = {"Accept": "text/event-stream"}
    with w.stream("/v1/stream", headers=sse) as s:
        last = s.sse()["id"]
        w.kill()
    again = weir(SOURCES)
    with again.stream("/v1/stream",
                      headers={**sse, "Last-Event-ID": last}) as s:
        fresh = json.loads(s.sse()["data"])
        gap = json.loads(s.sse()["data"])
        assert fresh["id"].split(".")[0] != last.split(".")[0]
        assert (gap["type"], gap["reason"]) == ("gap", "restart")
        assert gap["from"] == last.replace(".1", ".2")
        assert "to" not in gap
    assert again.get("/v1/streams/" + "s0123456789a",
                     headers={"Last-Event-ID": last}).status == 404
