#!/usr/bin/python3 -I
"""Three clients ask at the same moment; when does each part arrive?

    ./dev bench scenario                       prints it
    WEIR_BIN=.../weir bench/scenario.py --svg docs/scenario.svg

The same server answers twice: with `jobs: run`, then, swapped by a PUT while it
runs, with `jobs: flat_map { run }`. What is drawn is what was measured.
"""
import http.client
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
WEIR = pathlib.Path(os.environ.get("WEIR_BIN",
                                   ROOT / "build-bench/src/cli/weir"))
JOBS = (("job1", 3, 100), ("job2", 3, 200), ("job3", 3, 300))
PIPELINES = ("run", "flat_map { run }")
CONFIG = """\
listen: 127.0.0.1:0
admin: 127.0.0.1:0
sources:
  demo:
    kind: timer
    every: "{dt}ms"
    count: "{parts}"
    data: { res: "{job} result {nr}", nr: "{nr}", dt: "{ms}" }
routes:
  GET /{job}/{parts}/{dt}: { source: demo, format: bare }
"""


# --- the run -----------------------------------------------------------------

def ask(port, path, arrivals, go):
    """Notes when each line arrives, and last the end of the answer."""
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    conn.connect()
    go.wait()
    conn.request("GET", path)
    answer = conn.getresponse()
    while answer.readline():
        arrivals.append(time.monotonic())
    arrivals.append(time.monotonic())
    conn.close()


def swap(port, text):
    conn = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    conn.request("PUT", "/admin/v1/pipelines/jobs", text)
    assert conn.getresponse().status == 200, text
    conn.close()


def three_clients(port):
    """-> ms since the request of each part and the end, by job"""
    arrivals = [[] for _ in JOBS]
    gates = [threading.Event() for _ in JOBS]
    threads = [threading.Thread(target=ask, args=(port, "/%s/%d/%d" % job,
                                                  times, gate))
               for job, times, gate in zip(JOBS, arrivals, gates)]
    for t in threads:
        t.start()
    time.sleep(0.2)
    began = time.monotonic()
    for gate in gates:  # one after the other, so that their order is known
        gate.set()
        time.sleep(0.003)
    for t in threads:
        t.join()
    return [[(at - began) * 1000 for at in times] for times in arrivals]


def measure():
    with tempfile.TemporaryDirectory(prefix="weir-scenario-") as folder:
        config = pathlib.Path(folder) / "weir.yaml"
        config.write_text(CONFIG)
        child = subprocess.Popen([WEIR, "serve", config], text=True,
                                 stderr=subprocess.PIPE)
        try:
            port, admin = (int(re.search(r":(\d+)$", child.stderr.readline())
                               [1]) for _ in range(2))
            runs = []
            for text in PIPELINES:
                swap(admin, text)
                runs.append(three_clients(port))
            return runs
        finally:
            child.terminate()
            child.wait()


# --- the picture -------------------------------------------------------------

LEFT, LANE, GAP, TOP = 96, 34, 46, 40
PX_PER_MS = 0.30
COLOURS = ("#0a84c1", "#c2571a", "#2e8b57")  # on white and on black
STYLE = """\
  <style>
    text { font: 13px ui-sans-serif, "DejaVu Sans", sans-serif;
           fill: #24292f; }
    .code { font-family: ui-monospace, "DejaVu Sans Mono", monospace; }
    .dim { fill: #6a737d; font-size: 11px; }
    .axis { stroke: #8b949e; stroke-width: 1; }
    .wait { stroke-width: 2; stroke-dasharray: 2 4; }
    .work { stroke-width: 9; stroke-linecap: round; opacity: .28; }
    @media (prefers-color-scheme: dark) {
      text { fill: #d7dde3; }
      .dim { fill: #9aa4ae; }
    }
  </style>
"""


def lane(times, y, job, colour):
    """Waiting is a dotted line, work a band, a part a dot."""
    name, parts, dt = job
    x = [LEFT + at * PX_PER_MS for at in times]
    # Work begins one interval before the first part.
    began = max(LEFT, x[0] - dt * PX_PER_MS)
    out = ['  <text class="code" x="%d" y="%d">%s</text>' % (8, y + 4, name)]
    if began - LEFT > 8:
        out.append('  <line class="wait" stroke="%s" x1="%d" x2="%.1f" '
                   'y1="%d" y2="%d"/>' % (colour, LEFT, began - 6, y, y))
    out.append('  <line class="work" stroke="%s" x1="%.1f" x2="%.1f" '
               'y1="%d" y2="%d"/>' % (colour, began, x[-1], y, y))
    out += ['  <circle fill="%s" cx="%.1f" cy="%d" r="5"/>' % (colour, at, y)
            for at in x[:-1]]
    out.append('  <text class="dim" x="%.1f" y="%d">%d ms</text>'
               % (x[-1] + 12, y + 4, times[-1]))
    return out


def draw(runs):
    panel = TOP + LANE * len(JOBS) + GAP
    width = LEFT + int(2000 * PX_PER_MS) + 40
    height = panel * len(runs)
    out = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" '
           'width="%d" height="%d" role="img">' % (width, height, width,
                                                   height),
           "  <title>When the parts of three jobs arrive</title>"]
    out += STYLE.rstrip("\n").split("\n")
    for i, (text, run) in enumerate(zip(PIPELINES, runs)):
        y = i * panel
        out.append('  <text class="code" x="8" y="%d">jobs: %s</text>'
                   % (y + 18, text))
        for k, job in enumerate(JOBS):
            out += lane(run[k], y + TOP + LANE * k + 6, job, COLOURS[k])
        axis = y + TOP + LANE * len(JOBS)
        out.append('  <line class="axis" x1="%d" x2="%d" y1="%d" y2="%d"/>'
                   % (LEFT, LEFT + 2000 * PX_PER_MS, axis, axis))
        for ms in range(0, 2001, 500):
            x = LEFT + ms * PX_PER_MS
            out.append('  <line class="axis" x1="%d" x2="%d" y1="%d" '
                       'y2="%d"/>' % (x, x, axis, axis + 5))
            out.append('  <text class="dim" text-anchor="middle" x="%d" '
                       'y="%d">%g s</text>' % (x, axis + 19, ms / 1000))
    return "\n".join(out + ["</svg>\n"])


def main(args):
    if not os.access(WEIR, os.X_OK):
        sys.exit("scenario: %s is not built; ./dev bench scenario builds it"
                 % WEIR)
    runs = measure()
    for text, run in zip(PIPELINES, runs):
        for job, times in zip(JOBS, run):
            print("%-18s %s  parts at %s ms, end at %d ms"
                  % (text, job[0], ", ".join("%d" % t for t in times[:-1]),
                     times[-1]))
        print("%-18s all done after %.2f s"
              % (text, max(times[-1] for times in run) / 1000))
    if args[:1] == ["--svg"]:
        pathlib.Path(args[1]).write_text(draw(runs))


main(sys.argv[1:])
