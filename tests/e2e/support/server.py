"""weir under test: started with a configuration of its own, ended politely.

A configuration is a dict (written as JSON, which is YAML) or YAML text. Its
listeners are always ports that the system picks on 127.0.0.1; the server says
on stderr which.
"""
import json
import os
import pathlib
import re
import signal
import subprocess
import textwrap

from support import client, ws
from support.process import Process

ROOT = pathlib.Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
LISTENERS = {"listen": "127.0.0.1:0", "admin": "127.0.0.1:0"}
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|runtime error: |^SUMMARY: \w+San",
                       re.M)
SANITIZER_ENV = {
    "ASAN_OPTIONS": "halt_on_error=1:detect_leaks=1:exitcode=86",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1:exitcode=86",
    "TSAN_OPTIONS": "halt_on_error=1:exitcode=86",
}


def binary():
    path = os.environ.get("WEIR_BIN", "build-test/src/cli/weir")
    return (ROOT / path).resolve()


def example(name):
    """A program of examples/, built beside the server."""
    return binary().parents[2] / "examples" / name


def config_text(config):
    """-> the YAML to serve, with the listeners of a test, and as many threads
    as WEIR_E2E_THREADS says, if it does and the test does not care."""
    own = dict(LISTENERS)
    threads = os.environ.get("WEIR_E2E_THREADS")
    if threads and "threads" not in config:
        own["threads"] = int(threads)
    if not isinstance(config, str):
        return json.dumps({**config, **own}, indent=1) + "\n"
    text = textwrap.dedent(config)
    for key, value in own.items():
        text = re.sub(r"(?m)^%s:.*\n?" % key, "", text)
        text = "%s: %s\n%s" % (key, value, text)
    return text


def run(*args, stdin="", seconds=30.0):
    """A verb that ends by itself. -> subprocess.CompletedProcess, texts"""
    return subprocess.run([str(binary()), *args], input=stdin,
                          capture_output=True, timeout=seconds,
                          encoding="utf-8", env={**os.environ,
                                                 **SANITIZER_ENV})


class Weir(Process):
    def __init__(self, folder, config, args=(), env=None, command=None):
        """command: a program that embeds weir, instead of `weir serve`."""
        self.config = folder / "weir.yaml"
        self.write_config(config)
        super().__init__(
            "weir", [*(command or (str(binary()), "serve")),
                     str(self.config), *args],
            folder / "weir.log", env={**SANITIZER_ENV, **(env or {})},
            cwd=folder)
        self.port = self.admin_port = None
        self.killed = False

    def wait_ready(self, seconds=20.0):
        for what, attribute in (("listening", "port"),
                                ("admin", "admin_port")):
            m = self.wait_line(what + r" on http://127\.0\.0\.1:(\d+)",
                               seconds)
            setattr(self, attribute, int(m[1]))
        self.url = "http://127.0.0.1:%d" % self.port

    def write_config(self, config):
        self.config.write_text(config_text(config), encoding="utf-8")

    # ---- the public listener

    def get(self, path, **kw):
        return client.request(self.port, "GET", path, **kw)

    def post(self, path, body=None, **kw):
        return client.request(self.port, "POST", path, body, **kw)

    def put(self, path, body=None, **kw):
        return client.request(self.port, "PUT", path, body, **kw)

    def delete(self, path, **kw):
        return client.request(self.port, "DELETE", path, **kw)

    def stream(self, path, method="GET", body=None, **kw):
        return client.Stream(self.port, path, method, body, **kw)

    def websocket(self, **kw):
        return ws.WebSocket(self.port, **kw)

    def connect(self, **kw):
        return client.connect(self.port, **kw)

    def push(self, *parts, source="inbox"):
        """Hands parts in, one a line."""
        body = "".join(json.dumps(p) + "\n" for p in parts)
        r = self.post("/v1/parts?source=" + source, body,
                      headers={"Content-Type": "application/x-ndjson"})
        assert (r.status, r.json()) == (202, {"accepted": len(parts)})

    # ---- the admin listener

    def admin_get(self, path, **kw):
        return client.request(self.admin_port, "GET", path, **kw)

    def admin_post(self, path, body=None, **kw):
        return client.request(self.admin_port, "POST", path, body, **kw)

    def admin_put(self, pipeline, text, query=""):
        """Replaces the pipeline of that name."""
        return client.request(self.admin_port, "PUT",
                              "/admin/v1/pipelines/" + pipeline + query, text)

    # ---- life

    def sighup(self, config=None):
        """Reloads, after writing another configuration when one is given."""
        if config is not None:
            self.write_config(config)
        self.send(signal.SIGHUP)

    def kill(self):
        """Ends it as a power cut would; no clean end is asked of it then."""
        self.killed = True
        self.end(signal.SIGKILL)

    def stop(self, number=signal.SIGTERM, seconds=15.0):
        """Ends it and insists on a clean end."""
        status = self.end(number, seconds)
        if self.killed:
            return
        assert self.ended_badly is None, "weir %s" % self.ended_badly
        report = SANITIZER.search(self.text())
        assert not report, "a sanitizer's report:\n" + \
            self.text()[report.start():][:6000]
        assert status == 0, "weir ended with status %d:\n%s" % (
            status, self.tail())
