"""A child process that says on its output when it is ready.

What it writes goes to a file, so that a chatty child never blocks and the
file is there to be shown when a test fails. A process is ended by its id,
and nothing waits without a deadline.
"""
import os
import re
import signal
import subprocess

from support import wait


class Process:
    def __init__(self, name, command, log, env=None, cwd=None):
        self.name = name
        self.log = log
        self.ended_badly = None
        with open(log, "wb") as out:
            self.child = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out,
                stderr=subprocess.STDOUT, cwd=cwd,
                env=dict(os.environ, **(env or {})))

    @property
    def pid(self):
        return self.child.pid

    def text(self):
        """All it has written so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def tail(self, lines=60):
        return "\n".join(self.text().splitlines()[-lines:])

    def alive(self):
        return self.child.poll() is None

    def wait_line(self, pattern, seconds=20.0, count=1):
        """-> the match of the count-th line that contains the pattern."""
        def there():
            found = list(re.finditer(pattern, self.text(), re.M))
            if len(found) >= count:
                return found[count - 1]
            if not self.alive():
                raise AssertionError(
                    "%s ended with status %d before it said '%s':\n%s"
                    % (self.name, self.child.returncode, pattern,
                       self.tail()))
            return None
        return wait.until(there, "%s says '%s'" % (self.name, pattern),
                          seconds)

    def send(self, number):
        self.child.send_signal(number)

    def end(self, number=signal.SIGTERM, seconds=15.0):
        """Asks it to end; kills it when it does not. -> exit status, negative
        for a signal. A second call only tells the status again."""
        if self.alive():
            self.send(number)
            try:
                self.child.wait(seconds)
            except subprocess.TimeoutExpired:
                self.ended_badly = "did not end within %g s" % seconds
                self.child.kill()
                self.child.wait(10)
        return self.child.returncode

    def _status(self, field):
        with open("/proc/%d/status" % self.pid, encoding="ascii") as f:
            return re.search(r"^%s:\s+(\d+)" % field, f.read(), re.M)[1]

    def rss(self):
        """Resident bytes."""
        return int(self._status("VmRSS")) * 1024

    def threads(self):
        return int(self._status("Threads"))

    def descriptors(self):
        return len(os.listdir("/proc/%d/fd" % self.pid))
