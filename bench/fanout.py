#!/usr/bin/python3 -I
"""One part to thousands of streams: what weir adds to the kernel's own price.

    WEIR_FANLOAD=DIR ./dev bench fanout    or: bench/fanout.py [TABLE..]

                       a POST each                  a stream each
    load tool, core 1 ------------> server, core 0 ==============> load tool
                                    weir | nginx with nchan | the floor

DIR has the sources of `fanload`, which publishes, subscribes and counts, and of
`limit`, the floor: a program that does nothing but recv and send. The servers
run in turn, and again, since only the figures of one session can be compared;
the best CPU time of each counts, and the latency of that run. weir matches a
condition for each subscriber, numbers the events and keeps them for who comes
back; the floor does not.

Whatever is missing, doubled or out of order ends it with an error.
"""
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "bench"))
import outside  # noqa: E402

WEIR = os.environ.get("WEIR_BIN", str(ROOT / "build-bench/src/cli/weir"))
NGINX = "/usr/sbin/nginx"
NCHAN = "/usr/lib/nginx/modules/ngx_nchan_module.so"
ROUNDS = 3
IDLE_STREAMS = 10000
IDLE_SECONDS = 20  # one heartbeat of each stream is in it
WITHIN = 1.15      # of the floor

WEIR_CONF = """\
listen: 127.0.0.1:%d
admin: off
sources:
  news: { kind: push }
"""
NGINX_CONF = """\
load_module %s;
daemon off;
worker_processes 1;
worker_rlimit_nofile 20000;
pid nginx.pid;
error_log nginx.log;
events { worker_connections 15000; }
http {
	access_log off;
	server {
		listen 127.0.0.1:%d backlog=4096;
		keepalive_requests 1000000;
		location = /pub {
			nchan_publisher;
			nchan_channel_id news;
			nchan_message_buffer_length 1000;
		}
		location = /sub {
			nchan_subscriber %s;
			nchan_channel_id news;
			nchan_subscriber_first_message newest;
		}
	}
}
"""
WHERE = "* eq news"
BODY = '{"topic":"news","p":{payload}}'


def ws_subscriber():
    """What a client of weir.v1.json says first. Its frames are masked with
    zeros, so the load tool can send them as text."""
    def frame(text):
        head = b"\x81\xfe" + len(text).to_bytes(2, "big") + bytes(4)
        return "".join("\\x%02x" % b for b in head) + text

    return ("GET /v1/ws HTTP/1.1\\r\\nHost: x\\r\\nConnection: Upgrade\\r\\n"
            "Upgrade: websocket\\r\\nSec-WebSocket-Version: 13\\r\\n"
            "Sec-WebSocket-Key: ZmFubG9hZC13cy1rZXktMQ==\\r\\n\\r\\n"
            + frame(json.dumps({"op": "hello"}).ljust(126))
            + frame(json.dumps({"op": "interest", "name": "n",
                                "where": WHERE}).ljust(126)))


# --- the servers -------------------------------------------------------------

class Server:
    """One that runs; `load` are the load tool's words for it."""

    def __init__(self, folder, kind, form, conf):
        self.port = outside.free_port()
        self.conf = conf
        at = "http://127.0.0.1:%d" % self.port
        argv = getattr(self, kind)(folder, form, at)
        with open(folder / "server.log", "wb") as log:
            self.process = subprocess.Popen(
                argv, cwd=folder, stdout=log, stderr=log,
                preexec_fn=lambda: outside.pin(outside.SERVER))
        self.pid = self.process.pid
        outside.wait_for_port(self.port, self.process)

    def weir(self, folder, form, at):
        (folder / "weir.yaml").write_text(WEIR_CONF % self.port + self.conf)
        self.load = ["--pub-url", at + "/v1/parts?source=news", "--pub-header",
                     "Content-Type: application/json", "--pub-body", BODY]
        if form == "ws":
            self.load += ["--proto", "raw", "--url", "tcp" + at[4:],
                          "--sub-raw", ws_subscriber(), "--pub-ack", "http"]
        else:
            self.load += ["--url", at + "/v1/stream?where="
                          + WHERE.replace(" ", "%20")]
        if form == "sse":
            self.load += ["--sub-header", "Accept: text/event-stream"]
        return [WEIR, "serve", str(folder / "weir.yaml")]

    def nchan(self, folder, form, at):
        folder.chmod(0o755)
        (folder / "nginx.conf").write_text(
            NGINX_CONF % (NCHAN, self.port,
                          {"sse": "eventsource", "ws": "websocket"}.get(
                              form, "http-raw-stream")))
        self.load = ["--url", at + "/sub", "--pub-url", at + "/pub",
                     "--pub-body", BODY]
        if form == "sse":
            self.load += ["--sub-header", "Accept: text/event-stream"]
        if form == "ws":
            self.load += ["--proto", "ws"]
        return [NGINX, "-p", str(folder), "-e", "nginx.log",
                "-c", str(folder / "nginx.conf")]

    def floor(self, folder, form, at):
        self.load = ["--url", at + "/", "--pub-body", BODY]
        return [str(tools / "limit"), str(self.port)]

    def end(self):
        self.process.terminate()
        self.process.wait()


@contextlib.contextmanager
def server(kind, form="ndjson", conf=""):
    with tempfile.TemporaryDirectory(prefix="weir-bench-") as folder:
        s = Server(pathlib.Path(folder), kind, form, conf)
        try:
            yield s
        finally:
            s.end()


def fanload(s, args):
    return subprocess.Popen(
        [str(tools / "fanload"), *s.load, "--server-pid", str(s.pid), *args],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=lambda: outside.pin(outside.LOAD))


def result(load):
    """-> what the load tool says; anything but all of it, once and in order,
    is the end."""
    out, err = load.communicate()
    if load.returncode:
        sys.exit("fanout: a delivery went wrong (%d): %s%s"
                 % (load.returncode, out, err))
    return json.loads(out)


def best_runs(kinds, args, form="ndjson"):
    """-> by kind the run that took the least CPU time; in turn, in rounds"""
    best = {}
    for _ in range(ROUNDS):
        for kind in kinds:
            with server(kind, form) as s:
                run = result(fanload(s, args))
            cost = run["cpu_us_per_delivery"]
            if kind not in best or cost < best[kind]["cpu_us_per_delivery"]:
                best[kind] = run
    return best


# --- the tables --------------------------------------------------------------

def tell(what, who, *cells):
    print("%-28s %-6s" % (what, who)
          + "".join(" %9s" % c for c in cells[:-1]) + "  " + cells[-1],
          flush=True)


def verdict(met, goal):
    return "goal %s: %s" % (goal, "met" if met else "MISSED")


def peers():
    """weir last: it is held against what stands above it."""
    return ["floor", "nchan", "weir"] if has_nchan else ["floor", "weir"]


def compare(what, args, cell, form="ndjson"):
    """A line a server. cell: (run, floor's run) -> cells and a verdict"""
    runs = best_runs(peers(), args, form)
    for kind in peers():
        cells, judged = cell(runs[kind], runs["floor"])
        tell(what, kind, *cells, judged if kind == "weir" else "")
    return runs["weir"]


def cost_cells(limit, goal):
    def cells(run, floor):
        us = run["cpu_us_per_delivery"]
        times = us / floor["cpu_us_per_delivery"]
        return (["%.2f us" % us, "%.2fx" % times],
                verdict(limit(us, times), goal))
    return cells


def one():
    """A part at a time: the next once its POST is answered."""
    tell("one at a time", "", "CPU each", "floor", "")
    for subs, msgs in ((1000, 100), (10000, 20)):
        for size in (100, 1024):
            compare("%d streams, %d B" % (subs, size),
                    ["--subs", str(subs), "--msgs", str(msgs),
                     "--size", str(size), "--max-lag", "64"],
                    cost_cells(lambda us, times: times <= WITHIN,
                               "%.2fx" % WITHIN))


def burst():
    """16 publishes on their way at any time."""
    tell("bursts of 16", "", "CPU each", "floor", "")
    for subs, msgs in ((1000, 1500), (10000, 100)):
        compare("%d streams, 100 B" % subs,
                ["--subs", str(subs), "--msgs", str(msgs), "--size", "100",
                 "--max-lag", "64", "--window", "16"],
                cost_cells(lambda us, times: us <= 1, "1 us"))


def formats():
    """Does what stands around an event cost anything?"""
    tell("formats, 1000 streams, 100 B", "", "CPU each", "NDJSON", "")
    args = ["--subs", "1000", "--msgs", "100", "--size", "100",
            "--max-lag", "64"]
    best = {}
    for _ in range(ROUNDS):
        for form in ("ndjson", "sse", "ws"):
            with server("weir", form) as s:
                us = result(fanload(s, args))["cpu_us_per_delivery"]
            best[form] = min(us, best.get(form, us))
    for form, us in best.items():
        times = us / best["ndjson"]
        tell(form, "weir", "%.2f us" % us, "%.2fx" % times,
             verdict(times <= 1.1, "1.10x"))


def latency():
    """From the publish to the read, while nothing is in a hurry."""
    tell("20 parts/s, 1000 streams", "", "p50", "floor", "p99", "floor", "")

    def cells(run, floor):
        out, met = [], True
        for q in ("lat_p50_us", "lat_p99_us"):
            times = run[q] / floor[q]
            out += ["%.1f ms" % (run[q] / 1000), "%.2fx" % times]
            met = met and times <= WITHIN
        return out, verdict(met, "%.2fx" % WITHIN)

    compare("100 B", ["--subs", "1000", "--msgs", "60", "--size", "100",
                      "--rate", "20"], cells)


def gather():
    """What is it worth that parts wait for more, and what does it cost?"""
    tell("100 parts/s, 1000 streams", "", "CPU each", "p50", "p99", "")
    best = {}
    for _ in range(ROUNDS):
        for ms in (0, 20):
            with server("weir", conf="gather: %dms\n" % ms) as s:
                run = result(fanload(s, ["--subs", "1000", "--msgs", "300",
                                         "--size", "100", "--rate", "100"]))
            if ms not in best or (run["cpu_us_per_delivery"]
                                  < best[ms]["cpu_us_per_delivery"]):
                best[ms] = run
    for ms, run in best.items():
        tell("gather: %dms" % ms, "weir",
             "%.2f us" % run["cpu_us_per_delivery"],
             "%.1f ms" % (run["lat_p50_us"] / 1000),
             "%.1f ms" % (run["lat_p99_us"] / 1000), "")


def idle():
    """What a stream costs that nothing is sent to."""
    with server("weir") as s:
        load = fanload(s, ["--subs", str(IDLE_STREAMS), "--msgs", "0",
                           "--hold", str(IDLE_SECONDS + 5)])
        fds = "/proc/%d/fd" % s.pid
        deadline = time.monotonic() + 30
        while len(os.listdir(fds)) < IDLE_STREAMS:
            if load.poll() is not None or time.monotonic() > deadline:
                load.kill()
                sys.exit("fanout: the idle streams were not opened")
            time.sleep(0.1)
        time.sleep(1)
        before = outside.cpu_seconds(s.pid)
        time.sleep(IDLE_SECONDS)
        cpu = outside.cpu_seconds(s.pid) - before
        run = result(load)
    us = cpu * 1e6 / IDLE_SECONDS / IDLE_STREAMS
    tell("%d idle streams" % IDLE_STREAMS, "", "each", "")
    tell("RSS", "weir", "%d B" % run["rss_per_idle_conn"],
         verdict(run["rss_per_idle_conn"] <= 1024, "1 KiB"))
    tell("CPU a second", "weir", "%.2f us" % us, verdict(us <= 1, "1 us"))


TABLES = {f.__name__: f for f in (one, burst, formats, latency, gather, idle)}


def main(names):
    outside.check("fanout", "table", names, TABLES, WEIR)
    if not has_nchan:
        print("SKIP nchan: there is no %s, or no %s" % (NGINX, NCHAN))
    for name in names or TABLES:
        TABLES[name]()


source = os.environ.get("WEIR_FANLOAD")
if not source:
    print("SKIP fanout: WEIR_FANLOAD says no folder with fanload and limit")
    sys.exit()
has_nchan = os.access(NGINX, os.X_OK) and os.path.exists(NCHAN)
with tempfile.TemporaryDirectory(prefix="weir-bench-") as built:
    tools = pathlib.Path(built)
    for tool in ("fanload", "limit"):
        shutil.copy(pathlib.Path(source) / (tool + ".c"), tools)
        subprocess.run(["cc", "-O2", "-o", tool, tool + ".c"], cwd=tools,
                       check=True)
    main(sys.argv[1:])
