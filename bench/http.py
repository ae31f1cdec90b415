#!/usr/bin/python3 -I
"""What the server costs, seen from outside: one line a figure.

    ./dev bench http          or: WEIR_BIN=.../weir bench/http.py [FIGURE..]

Beside each figure stand the goal and what the prototype in Python needed, which
weir began as. The server has core 0 for itself, who asks has core 1. What a
busy machine spoils is measured several times; the best is what weir can do.
"""
import contextlib
import os
import pathlib
import re
import resource
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))
import outside  # noqa: E402

WEIR = pathlib.Path(os.environ.get("WEIR_BIN",
                                   ROOT / "build-bench/src/cli/weir"))
STREAMS = 10000
STARTS = 20
ROUNDS = 3
ROUND_SECONDS = 4
CONFIG = """\
listen: 127.0.0.1:%d
admin: off
sources:
  demo:
    kind: timer
    every: "{dt}ms"
    count: "{parts}"
    data: { res: "{job} result {nr}", nr: "{nr}", dt: "{ms}" }
routes:
  GET /{job}/{parts}/{dt}: { source: demo, format: bare }
pipelines:
  jobs: flat_map { run }
"""
REQUEST = b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n"


def tell(what, figure, prototype, goal, met=None):
    verdict = {None: "", True: "met", False: "MISSED"}[met]
    print("%-27s %-42s %-13s %-16s %s" % (what, figure, prototype, goal,
                                          verdict), flush=True)


class Server:
    """A fresh weir; `began` is the moment before it was asked for."""

    def __init__(self, folder):
        self.port = outside.free_port()
        config = folder / "weir.yaml"
        config.write_text(CONFIG % self.port)
        # Plain fork and exec: less than a millisecond of what is measured.
        self.began = time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:
            with contextlib.suppress(OSError):
                outside.pin(outside.SERVER)
                with open(folder / "weir.log", "wb") as log:
                    os.dup2(log.fileno(), 2)
                os.execv(WEIR, [str(WEIR), "serve", str(config)])
            os._exit(127)

    def ask(self, path=b"/job1/1/0"):
        """-> the seconds until the whole answer was there."""
        while True:
            try:
                s = socket.create_connection(("127.0.0.1", self.port))
                break
            except ConnectionRefusedError:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    sys.exit("http: %s has ended at its start" % WEIR)
                time.sleep(0.0001)
        with s:
            s.sendall(REQUEST % path)
            text = b""
            while b"\r\n0\r\n\r\n" not in text:
                text += s.recv(65536)
        assert text.startswith(b"HTTP/1.1 200 "), text
        return time.perf_counter() - self.began

    def memory(self, field):
        return outside.memory(self.pid, field)

    def cpu_seconds(self):
        return outside.cpu_seconds(self.pid)

    def end(self):
        os.kill(self.pid, signal.SIGTERM)
        os.waitpid(self.pid, 0)


@contextlib.contextmanager
def server():
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
        s = Server(pathlib.Path(folder))
        try:
            yield s
        finally:
            s.end()


# --- the figures -------------------------------------------------------------

def start():
    ms = []
    for _ in range(STARTS):
        with server() as s:
            ms.append(s.ask() * 1000)
    tell("start to first 200",
         "%.1f ms best, %.1f ms median of %d" % (min(ms),
                                                 statistics.median(ms),
                                                 STARTS),
         "300 ms", "under 10 ms", statistics.median(ms) < 10)


def wrk(port, connections):
    """-> requests in all, per second"""
    out = subprocess.run(
        ["wrk", "-t1", "-c%d" % connections, "-d%ds" % ROUND_SECONDS,
         "http://127.0.0.1:%d/job1/1/0" % port],
        capture_output=True, text=True, check=True,
        preexec_fn=lambda: outside.pin(outside.LOAD)).stdout
    wrong = re.search(r"Non-2xx.*|Socket errors:.*", out)
    assert not wrong, wrong[0]
    return (int(re.search(r"(\d+) requests in", out)[1]),
            float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]))


def load(connections):
    """-> requests/s, server CPU us each: the best of each"""
    rates, costs = [], []
    with server() as s:
        s.ask()
        wrk(s.port, connections)  # warm
        for _ in range(ROUNDS):
            before = s.cpu_seconds()
            n, rate = wrk(s.port, connections)
            costs.append((s.cpu_seconds() - before) * 1e6 / n)
            rates.append(rate)
    return max(rates), min(costs)


def requests():
    rate, us = load(50)
    tell("GET /job1/1/0, wrk -c50", "%d requests/s" % rate,
         "1,075", "40,000", rate >= 40000)
    tell("  CPU of the server each", "%.1f us" % us, "650 us",
         "under 10 us", us < 10)


def alone():
    ms = 1000 / load(1)[0]
    tell("one connection alone", "%.3f ms each" % ms, "44 ms",
         "under 0.2 ms", ms < 0.2)


def memory():
    with server() as s:
        s.ask()
        rss, own = s.memory("VmRSS"), s.memory("RssAnon")
    tell("RSS at start", "%.1f MB, %.1f MB of it not shared libraries"
         % (rss / 1e6, own / 1e6), "47 MB", "under 8 MB", rss < 8e6)


def open_streams(port, n):
    """-> n sockets, each with its first event read."""
    waiting = selectors.DefaultSelector()
    socks = []
    for i in range(n):
        s = socket.socket()
        # Some 28,000 ports for each address that a connection may come from.
        s.bind(("127.0.0.%d" % (2 + i // 20000), 0))
        s.connect(("127.0.0.1", port))
        s.sendall(REQUEST % b"/v1/stream")
        waiting.register(s, selectors.EVENT_READ)
        socks.append(s)
    text = dict.fromkeys(socks, b"")
    while waiting.get_map():
        ready = waiting.select(10)
        assert ready, "%d streams are silent" % len(waiting.get_map())
        for key, _ in ready:
            s = key.fileobj
            text[s] += s.recv(4096)
            if b'"type":"open"' in text[s]:
                waiting.unregister(s)
    return socks


def streams():
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    n = STREAMS if hard == resource.RLIM_INFINITY else min(STREAMS, hard - 100)
    with server() as s:
        s.ask()
        before = s.memory("VmRSS")
        socks = open_streams(s.port, n)
        each = (s.memory("VmRSS") - before) / n
        for sock in socks:
            sock.close()
    tell("RSS of an open stream", "%d bytes, at %d open ones" % (each, n),
         "50 KB", "under 4 KiB", each < 4096)


def size():
    stripped = ""
    if shutil.which("strip"):
        with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
            small = os.path.join(folder, "weir")
            subprocess.run(["strip", "-o", small, str(WEIR)], check=True)
            stripped = ", stripped %d" % (os.stat(small).st_size // 1000)
    tell("size of the binary", "%d kB%s" % (WEIR.stat().st_size // 1000,
                                            stripped), "-", "-")


def build():
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
        began = time.perf_counter()
        subprocess.run(["meson", "setup", folder, str(ROOT),
                        "--buildtype=release", "-Doptimization=2",
                        "-Db_lto=true", "-Dtests=false"],
                       check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["ninja", "--quiet", "-C", folder], check=True)
        seconds = time.perf_counter() - began
    tell("clean build, with LTO", "%.0f s on %d cores"
         % (seconds, len(os.sched_getaffinity(0))), "-", "-")


FIGURES = {f.__name__: f for f in (start, requests, alone, memory, streams,
                                   size, build)}
NEEDS = {requests: "wrk", alone: "wrk", build: "ninja"}


def main(names):
    outside.check("http", "figure", names, FIGURES, WEIR)
    tell("", "", "prototype", "goal")
    for name in names or FIGURES:
        tool = NEEDS.get(FIGURES[name])
        if tool and not shutil.which(tool):
            print("SKIP %s: there is no %s" % (name, tool))
        else:
            FIGURES[name]()


main(sys.argv[1:])
