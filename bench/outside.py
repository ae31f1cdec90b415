"""What the programs share that look at a server from outside.

The server has a core for itself, who asks has another one.
"""
import os
import pathlib
import re
import socket
import sys
import time

SERVER, LOAD = 0, 1


def check(program, kind, names, known, weir):
    """Ends the program when it is asked for what there is not."""
    unknown = set(names) - set(known)
    if unknown:
        sys.exit("%s: no %s '%s'; there are %s"
                 % (program, kind, unknown.pop(), ", ".join(known)))
    if not os.access(weir, os.X_OK):
        sys.exit("%s: %s is not built; ./dev bench %s builds it"
                 % (program, weir, program))


def pin(core):
    """For a child: one core of its own, as far as there are any."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core % len(cores)]})


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for_port(port, process):
    """Until the process, a Popen, takes connections there."""
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
            return
        except ConnectionRefusedError:
            if process.poll() is not None:
                sys.exit("%s has ended at its start" % process.args[0])
            time.sleep(0.01)


def memory(pid, field):
    """-> bytes"""
    text = pathlib.Path("/proc/%d/status" % pid).read_text()
    return int(re.search(r"^%s:\s+(\d+) kB" % field, text, re.M)[1]) * 1024


def cpu_seconds(pid):
    """Of all threads, from the scheduler's clock in ns."""
    tasks = pathlib.Path("/proc/%d/task" % pid).iterdir()
    return sum(int((t / "schedstat").read_text().split()[0])
               for t in tasks) / 1e9
