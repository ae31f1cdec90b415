"""A WebSocket client for tests, down to the single frame (RFC 6455).

It says what it is told to, also what no client should, and insists that what
it hears is right.

    with weir.websocket() as ws:
        ws.send({"op": "hello", "ref": 1})
        assert ws.message() == {"ref": 1, "ok": {...}}
        assert ws.closed() == (1000, "...")
"""
import base64
import hashlib
import json
import os
import socket
import struct
import time
import zlib

from support import client
from support.wait import Late

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(opcode, data=b"", fin=True, rsv=0, mask=b"\x37\xfa\x21\x3d"):
    """-> the bytes of a client's frame; mask None: without one"""
    if isinstance(data, str):
        data = data.encode("utf-8")
    masked = 0x80 if mask else 0
    head = bytes([fin << 7 | rsv << 4 | opcode])
    if len(data) < 126:
        head += bytes([masked | len(data)])
    elif len(data) < 65536:
        head += struct.pack(">BH", masked | 126, len(data))
    else:
        head += struct.pack(">BQ", masked | 127, len(data))
    if not mask:
        return head + data
    key = (mask * (len(data) // 4 + 1))[:len(data)]
    return head + mask + bytes(a ^ b for a, b in zip(data, key))


def packed(data):
    """-> the payload of a compressed message (RFC 7692, section 7.2.1)"""
    if isinstance(data, str):
        data = data.encode("utf-8")
    z = zlib.compressobj(9, zlib.DEFLATED, -15)
    return (z.compress(data) + z.flush(zlib.Z_SYNC_FLUSH))[:-4]


def unpacked(data):
    z = zlib.decompressobj(-15)
    text = z.decompress(data + b"\0\0\xff\xff")
    assert not z.unconsumed_tail and not z.unused_data
    return text


class Refused(AssertionError):
    """The answer to the handshake was another one than 101."""

    def __init__(self, answer):
        super().__init__("refused: %d %r" % (answer.status, answer.body))
        self.answer = answer


class WebSocket:
    def __init__(self, port, path="/v1/ws", headers=None, hello=None,
                 receive_buffer=None, timeout=15.0):
        """hello: the first message, or True for the shortest one.
        receive_buffer: bytes, for a client that is slow on purpose."""
        self.timeout = timeout
        self.pings = 0
        self.compressed = 0  # messages that came so
        self._raw = b""
        self.sock = socket.socket()
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                 receive_buffer)
        self.sock.settimeout(timeout)
        try:
            self.sock.connect(("127.0.0.1", port))
            self._open(port, path, headers or {})
        except BaseException:
            self.sock.close()
            raise
        if hello:
            self.send({"op": "hello"} if hello is True else hello)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.sock.close()

    # ---- the handshake

    def _open(self, port, path, headers):
        key = base64.b64encode(os.urandom(16))
        head = {"Host": "127.0.0.1:%d" % port, "Upgrade": "websocket",
                "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": key.decode("ascii"),
                "Sec-WebSocket-Protocol": "weir.v1.json", **headers}
        text = "GET %s HTTP/1.1\r\n" % path
        text += "".join("%s: %s\r\n" % h for h in head.items() if h[1])
        self.sock.sendall(text.encode("latin-1") + b"\r\n")
        deadline = time.monotonic() + self.timeout
        while b"\r\n\r\n" not in self._raw:
            assert self._fill(deadline, "the answer to the handshake")
        text, self._raw = self._raw.split(b"\r\n\r\n", 1)
        first, *rest = text.decode("latin-1").split("\r\n")
        self.headers = {name.lower(): value.strip() for name, _, value in
                        (line.partition(":") for line in rest)}
        status = int(first.split(" ", 2)[1])
        if status != 101:
            left = int(self.headers["content-length"])
            while len(self._raw) < left:
                assert self._fill(deadline, "the body of the refusal")
            raise Refused(client.Answer(status, self.headers, self._raw))
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        assert self.headers["sec-websocket-accept"] == accept.decode("ascii")

    # ---- saying

    def send_raw(self, data):
        self.sock.settimeout(self.timeout)
        self.sock.sendall(data)

    def send_frame(self, opcode, data=b"", **kw):
        self.send_raw(frame(opcode, data, **kw))

    def send(self, message):
        """A message: a dict is sent as JSON, a text as it is."""
        if not isinstance(message, str):
            message = json.dumps(message, ensure_ascii=False)
        self.send_frame(TEXT, message)

    def close(self, code=1000, reason=""):
        self.send_frame(CLOSE, struct.pack(">H", code)
                        + reason.encode("utf-8"))

    # ---- hearing

    def _fill(self, deadline, what):
        left = deadline - time.monotonic()
        if left <= 0:
            raise Late("%s: nothing more came in time" % what)
        self.sock.settimeout(left)
        try:
            data = self.sock.recv(65536)
        except socket.timeout:
            return self._fill(deadline, what)
        self._raw += data
        return bool(data)

    def _take(self, deadline, n, what):
        while len(self._raw) < n:
            if not self._fill(deadline, what):
                return None
        data, self._raw = self._raw[:n], self._raw[n:]
        return data

    def frame(self, seconds=None, what="a frame"):
        """-> the next (opcode, payload), made readable; None at the end"""
        deadline = time.monotonic() + (seconds or self.timeout)
        head = self._take(deadline, 2, what)
        if head is None:
            return None
        bits = head[0] & 0xf0
        if "sec-websocket-extensions" in self.headers and head[0] & 15 < 8:
            bits &= ~0x40
        assert bits == 0x80, "in fragments, or a reserved bit"
        assert head[1] < 0x80, "a server's frame is masked"
        length = head[1]
        if length == 126:
            length, = struct.unpack(">H", self._take(deadline, 2, what))
            assert length > 125
        elif length == 127:
            length, = struct.unpack(">Q", self._take(deadline, 8, what))
            assert length > 65535
        data = self._take(deadline, length, what)
        if head[0] & 0x40:
            self.compressed += 1
            data = unpacked(data)
        return head[0] & 15, data

    def message(self, seconds=None):
        """-> the next message; pings are answered on the way"""
        deadline = time.monotonic() + (seconds or self.timeout)
        while True:
            got = self.frame(max(deadline - time.monotonic(), 0.001),
                             "a message")
            assert got is not None, "the connection has ended"
            opcode, data = got
            if opcode == PING:
                self.pings += 1
                self.send_frame(PONG, data)
            elif opcode == TEXT:
                return json.loads(data)
            else:
                assert opcode == PONG, "%r instead of a message" % (got,)

    def event(self, kind=None, seconds=None):
        """-> the next event, of that type, and no answer before it"""
        event = self.message(seconds)
        assert "ref" not in event, event
        assert kind in (None, event["type"]), event
        return event

    def answer(self, ref, seconds=None):
        """-> the answer with that ref; events before it are passed over"""
        deadline = time.monotonic() + (seconds or self.timeout)
        while True:
            message = self.message(max(deadline - time.monotonic(), 0.001))
            if message.get("ref") == ref and "type" not in message:
                return message

    def quiet(self, seconds):
        """Is there really no message for so long? Pings are answered."""
        try:
            message = self.message(seconds)
        except Late:
            return True
        raise AssertionError("%r instead of silence" % message)

    def cut(self, limit, seconds):
        """Reads at most limit bytes, or what comes in this time, and breaks
        off. -> the messages that came completely"""
        deadline = time.monotonic() + seconds
        while len(self._raw) < limit:
            try:
                if not self._fill(deadline, "more"):
                    break
            except Late:
                break
        self._raw = self._raw[:limit]
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                             struct.pack("ii", 1, 0))
        self.sock.close()
        messages = []
        while len(self._raw) >= 2:
            size = self._raw[1]
            at = 2 if size < 126 else 4
            if size == 126:
                size = int.from_bytes(self._raw[2:4], "big")
            if len(self._raw) < at + size:
                break
            messages.append(json.loads(self._raw[at:at + size]))
            self._raw = self._raw[at + size:]
        return messages

    def closed(self, seconds=None):
        """Reads on to the close frame, answers it, and insists that the
        connection ends. -> (code, reason)"""
        deadline = time.monotonic() + (seconds or self.timeout)
        code = reason = None
        while True:
            left = max(deadline - time.monotonic(), 0.001)
            try:
                got = self.frame(left, "the end")
            except ConnectionResetError:
                got = None
            if got is None:
                assert code is not None, "ended without a close frame"
                return code, reason
            assert code is None, "%r behind the close frame" % (got,)
            opcode, data = got
            if opcode == CLOSE:
                code = struct.unpack(">H", data[:2])[0] if data else 1005
                reason = data[2:].decode("utf-8")
                try:
                    self.send_frame(CLOSE, data[:2])
                except OSError:
                    pass  # it does not wait for it
