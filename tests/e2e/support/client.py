"""An HTTP client for tests: whole answers, and streams line by line.

The streams are read from a raw socket, because a test wants to see what
arrives and when: each line carries the moment at which its last byte came.
"""
import collections
import http.client
import json
import socket
import struct
import time

from support.wait import Late

Line = collections.namedtuple("Line", "at text")  # at: time.monotonic()
Response = collections.namedtuple("Response", "status headers body")


class Answer(Response):
    """headers: names in lower case; body: bytes."""

    def text(self):
        return self.body.decode("utf-8")

    def json(self):
        return json.loads(self.body)

    def lines(self):
        """The NDJSON events of the body."""
        return [json.loads(line) for line in self.body.splitlines() if line]


def encode(body):
    """-> bytes, and the headers that go with them."""
    if body is None:
        return b"", {}
    if isinstance(body, bytes):
        return body, {}
    if isinstance(body, str):
        return body.encode("utf-8"), {}
    data = json.dumps(body, ensure_ascii=False).encode("utf-8")
    return data, {"Content-Type": "application/json"}


def request(port, method, path, body=None, headers=None, timeout=15.0):
    """One request on a connection of its own, read to its end."""
    data, default = encode(body)
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        conn.request(method, path, body=data or None,
                     headers={**default, **(headers or {})})
        r = conn.getresponse()
        return Answer(r.status,
                      {k.lower(): v for k, v in r.getheaders()}, r.read())
    finally:
        conn.close()


def connect(port, timeout=15.0):
    """A raw socket to say what no client library would."""
    return socket.create_connection(("127.0.0.1", port), timeout=timeout)


class Stream:
    """An answer that goes on. Use it in a `with`, so that it is closed.

        with weir.stream("/v1/stream") as s:
            assert s.status == 200
            assert s.event()["type"] == "open"
            for line in s.lines(seconds=5): ...
    """

    def __init__(self, port, path, method="GET", body=None, headers=None,
                 timeout=15.0):
        self.timeout = timeout
        self.ended = False   # the last chunk, or the length, or EOF was seen
        self.chunks = 0      # how many came
        self._raw = b""      # from the socket, undecoded
        self._text = b""     # decoded, the unfinished line
        self._left = None    # bytes to come: of the body; None: chunked, EOF
        self._lines = collections.deque()
        data, default = encode(body)
        head = {"Host": "127.0.0.1:%d" % port, **default, **(headers or {})}
        if data or method in ("POST", "PUT"):
            head["Content-Length"] = str(len(data))
        text = "%s %s HTTP/1.1\r\n" % (method, path)
        text += "".join("%s: %s\r\n" % h for h in head.items())
        self.sock = connect(port, timeout)
        try:
            self.sock.sendall(text.encode("latin-1") + b"\r\n" + data)
            self._read_head()
        except BaseException:
            self.sock.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    def reset(self):
        """Goes away without a farewell: the peer sees RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()

    # ---- bytes

    def _fill(self, deadline, what):
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late("%s: nothing more came in time; unfinished: %r"
                       % (what, self._text[-200:]))
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(65536)
        except socket.timeout:
            return self._fill(deadline, what)
        if not data:
            return False
        self._raw += data
        return True

    def _read_head(self):
        deadline = time.monotonic() + self.timeout
        while b"\r\n\r\n" not in self._raw:
            if not self._fill(deadline, "the head of the answer"):
                raise AssertionError("closed before the head: %r" % self._raw)
        head, self._raw = self._raw.split(b"\r\n\r\n", 1)
        first, *rest = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ", 2)[1])
        self.headers = {}
        for line in rest:
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        self.chunked = self.headers.get("transfer-encoding") == "chunked"
        if "content-length" in self.headers:
            self._left = int(self.headers["content-length"])
            self.ended = self._left == 0
        elif self.status in (204, 304):
            self.ended = True

    def _take(self, data):
        at = time.monotonic()
        *whole, self._text = (self._text + data).split(b"\n")
        self._lines.extend(Line(at, line.decode("utf-8").rstrip("\r"))
                           for line in whole)

    def _decode(self):
        """Moves what is whole from _raw to _lines."""
        if not self.chunked:
            data, self._raw = self._raw, b""
            if self._left is not None:
                self._left -= len(data)
                self.ended = self._left <= 0
            self._take(data)
            return
        while not self.ended:
            size_line, crlf, rest = self._raw.partition(b"\r\n")
            if not crlf:
                return
            size = int(size_line.split(b";")[0], 16)
            if len(rest) < size + 2:
                return
            assert rest[size:size + 2] == b"\r\n", "bad chunk: %r" % rest
            self._raw = rest[size + 2:]
            if size == 0:
                self.ended = True
            else:
                self.chunks += 1
                self._take(rest[:size])

    # ---- lines

    def line(self, seconds=None, what="a line"):
        """-> the next Line; None once the answer has ended in order."""
        deadline = time.monotonic() + (seconds or self.timeout)
        while True:
            self._decode()
            if self._lines:
                return self._lines.popleft()
            if self.ended:
                if self._text:
                    rest, self._text = self._text, b""
                    return Line(time.monotonic(), rest.decode("utf-8"))
                return None
            if not self._fill(deadline, what):
                if self.chunked or self._left:
                    raise AssertionError("closed inside the answer")
                self.ended = True

    def lines(self, seconds=None):
        """All lines to the end of the answer; seconds for all of them."""
        deadline = time.monotonic() + (seconds or self.timeout)
        while True:
            line = self.line(max(deadline - time.monotonic(), 0.001))
            if line is None:
                return
            yield line

    def quiet(self, seconds):
        """Is there really no line for so long?"""
        try:
            line = self.line(seconds)
        except Late:
            return True
        assert line is not None, "the answer has ended"
        self._lines.appendleft(line)
        return False

    # ---- events

    def event(self, seconds=None, pings=False):
        """-> the next NDJSON event, without heartbeats; None at the end."""
        deadline = time.monotonic() + (seconds or self.timeout)
        while True:
            line = self.line(max(deadline - time.monotonic(), 0.001),
                             "an event")
            if line is None:
                return None
            event = json.loads(line.text)
            if pings or event["type"] != "ping":
                return event

    def events(self, seconds=None):
        """All events to the end of the answer."""
        deadline = time.monotonic() + (seconds or self.timeout)
        while True:
            event = self.event(max(deadline - time.monotonic(), 0.001))
            if event is None:
                return
            yield event

    def sse(self, seconds=None):
        """-> the next server-sent event as a dict of its fields, comments
        left out; None at the end. `data` lines are joined by a newline."""
        deadline = time.monotonic() + (seconds or self.timeout)
        fields = {}
        while True:
            line = self.line(max(deadline - time.monotonic(), 0.001),
                             "an SSE event")
            if line is None:
                return None  # an event without its blank line is void
            if not line.text:
                if fields:
                    return fields
                continue
            name, _, value = line.text.partition(":")
            value = value[1:] if value.startswith(" ") else value
            if name == "data" and "data" in fields:
                value = fields["data"] + "\n" + value
            if name:
                fields[name] = value
