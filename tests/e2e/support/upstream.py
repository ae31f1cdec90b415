"""The upstream that can misbehave: ../shared/probes/upstream.py, where it is.

Its own text lists what it serves (/chunks, /ndjson, /sse, /list, /stall ...);
/stats tells what was asked of it.
"""
import os
import pathlib
import sys

from support import client
from support.process import Process

ROOT = pathlib.Path(__file__).resolve().parents[3]


def probes():
    """The folder of the black-box probes, beside the checkout."""
    return pathlib.Path(os.environ.get(
        "WEIR_PROBES", ROOT.parent / "shared" / "probes")).resolve()


class Upstream(Process):
    def __init__(self, folder, *args):
        super().__init__(
            "upstream", [sys.executable, "-u", str(probes() / "upstream.py"),
                         "--port", "0", *args], folder / "upstream.log")
        self.port = None

    def wait_ready(self):
        m = self.wait_line(r"listening on http://127\.0\.0\.1:(\d+)")
        self.port = int(m[1])
        self.url = "http://127.0.0.1:%d" % self.port

    def stats(self):
        return client.request(self.port, "GET", "/stats").json()

    def reset_stats(self):
        client.request(self.port, "POST", "/reset-stats")
