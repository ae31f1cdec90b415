"""WebSockets as RFC 6455 has them: the 189 black-box probes.

They cover the handshake, frames, fragments, UTF-8, control frames, close codes
and limits; each line that they print names the clause it rests on.
"""
import subprocess
import sys

import pytest

from support.upstream import probes

WEBSOCKET = probes() / "websocket.py"
CONFIG = """
cors: ["http://good.example"]
sources: { echo: { kind: echo } }
"""


@pytest.mark.skipif(not WEBSOCKET.is_file(),
                    reason="no websocket.py in %s" % probes())
def test_all_websocket_probes_pass(weir):
    w = weir(CONFIG)
    done = subprocess.run(
        [sys.executable, str(WEBSOCKET),
         "--url", "ws://127.0.0.1:%d/v1/ws" % w.port,
         "--protocol", "weir.v1.json", "--hello", '{"op":"hello"}',
         "--message", '{"op":"ping","ref":"%s"}',
         "--origin", "http://good.example",
         "--bad-origin", "http://bad.example"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=180, encoding="utf-8")
    closing = done.stdout.rstrip().rsplit("\n", 1)[-1]
    assert closing == "189 passed, 0 failed", done.stdout[-8000:]
