"""HTTP/1.1 as its RFCs have it: the 121 black-box probes.

They cover framing, smuggling, limits, timeouts, paths and streams; each line
that they print names the clause it rests on.
"""
import subprocess
import sys

import pytest

from support import server
from support.upstream import probes

HTTP1 = probes() / "http1.py"
SHORT = {
    "head": "5s",
    "body": "5s",
    "idle": "5s",
}


@pytest.mark.skipif(not HTTP1.is_file(), reason="no http1.py in %s" % probes())
def test_all_http1_probes_pass(weir):
    config = (server.EXAMPLES / "quickstart.yaml").read_text(encoding="utf-8")
    limits = "".join("  %s: %s\n" % limit for limit in SHORT.items())
    w = weir(config + "\ntimeouts:\n" + limits)
    done = subprocess.run(
        [sys.executable, str(HTTP1), "--base", w.url, "--get", "/job1/1/0",
         "--post", "/v1/jobs",
         "--post-body", '{"source":"echo","data":{"probe":1}}',
         "--stream", "/v1/stream"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=180, encoding="utf-8")
    closing = done.stdout.rstrip().rsplit("\n", 1)[-1]
    assert closing == "121 passed, 0 failed", done.stdout[-8000:]
