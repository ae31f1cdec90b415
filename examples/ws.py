#!/usr/bin/env python3
"""Speaks weir.v1.json from a shell: a line in is a message, a message a line.

    (echo '{"op":"hello"}'; cat) | examples/ws.py ws://localhost:8080/v1/ws

It needs nothing but Python. When its input ends it says good-bye; the code that
the server closes with is told on standard error.
"""
import base64
import os
import select
import socket
import struct
import sys
import urllib.parse

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


def connect(url):
    u = urllib.parse.urlsplit(url)
    sock = socket.create_connection((u.hostname, u.port or 80))
    key = base64.b64encode(os.urandom(16)).decode()
    sock.sendall(("GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
                  "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: %s\r\n"
                  "Sec-WebSocket-Protocol: weir.v1.json\r\n\r\n"
                  % (u.path or "/", u.netloc, key)).encode())
    head = b""
    while b"\r\n\r\n" not in head:
        data = sock.recv(4096)
        if not data:
            break
        head += data
    head, _, rest = head.partition(b"\r\n\r\n")
    if b" 101 " not in head.split(b"\r\n")[0]:
        sys.exit("%s\n%s" % (head.decode(), rest.decode()))
    return sock, rest


def send(sock, opcode, data):
    """What a client sends is masked, so that no proxy takes it for HTTP."""
    mask = os.urandom(4)
    n = len(data)
    head = (struct.pack(">BB", 0x80 | opcode, 0x80 | n) if n < 126 else
            struct.pack(">BBH", 0x80 | opcode, 0x80 | 126, n) if n < 65536 else
            struct.pack(">BBQ", 0x80 | opcode, 0x80 | 127, n))
    sock.sendall(head + mask + bytes(b ^ mask[i % 4]
                                     for i, b in enumerate(data)))


def take(data):
    """-> opcode, payload and the rest; None while the frame is not whole.
    weir sends each message in one frame."""
    if len(data) < 2:
        return None
    n, at = data[1], 2
    if n > 125:
        at = 4 if n == 126 else 10
        if len(data) < at:
            return None
        n = int.from_bytes(data[2:at], "big")
    if len(data) < at + n:
        return None
    return data[0] & 15, data[at:at + n], data[at + n:]


def main():
    sock, data = connect(sys.argv[1])
    sources = [sock, sys.stdin.buffer.raw]
    lines = b""
    while True:
        frame = take(data)
        if frame:
            opcode, payload, data = frame
            if opcode == TEXT:
                print(payload.decode(), flush=True)
            elif opcode == PING:
                send(sock, PONG, payload)
            elif opcode == CLOSE:
                print("closed: %d %s" % (int.from_bytes(payload[:2], "big"),
                                         payload[2:].decode()),
                      file=sys.stderr)
                return
            continue
        for ready in select.select(sources, [], [])[0]:
            if ready is sock:
                more = sock.recv(65536)
                if not more:
                    sys.exit("the connection has ended")
                data += more
                continue
            more = ready.read(65536)
            *whole, lines = (lines + more).split(b"\n")
            for line in whole:
                if line.strip():
                    send(sock, TEXT, line)
            if not more:
                send(sock, CLOSE, struct.pack(">H", 1000))
                sources.remove(ready)


main()
