#!/usr/bin/python3 -I
"""weir match beside jq's select, on the same file: one line a condition.

    ./dev bench match         or: WEIR_BIN=.../weir bench/match.py

CPU seconds of the best of three rounds, and how many times as long jq takes.
"""
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
WEIR = os.environ.get("WEIR_BIN", str(ROOT / "build-bench/src/cli/weir"))
LINES = 200000
ROUNDS = 3
CASES = [
    ("temp gt 30 and site eq x", 'select(.temp > 30 and .site == "x")'),
    ("user.email startswith joe",
     'select(.user.email | startswith("joe"))'),
    ("* eq joe5@example.org",
     'select(any(.. | scalars; . == "joe5@example.org"))'),
    ('msg matches ".*place 9[0-9]{2,3}"',
     'select(.msg | test("^.*place 9[0-9]{2,3}$"))'),
]


def write_events(f):
    random.seed(1)
    for i in range(LINES):
        f.write('{"id":%d,"type":"%s","user":{"id":%d,"email":"%s%d@example.org"},'
                '"temp":%.2f,"site":"%s","tags":["a","bb"],"msg":"something '
                'happened at the place %d","ts":%d}\n' % (
                    i, random.choice(["order", "sensor", "audit"]),
                    random.randrange(10**6), random.choice(["joe", "ann", "eve"]),
                    random.randrange(1000), random.uniform(-20, 60),
                    random.choice("xyz"), random.randrange(10**5), 1700000000 + i))


def seconds(command, path):
    best, lines = None, None
    for _ in range(ROUNDS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        with open(path, "rb") as f:
            done = subprocess.run(command, stdin=f, stdout=subprocess.PIPE)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        took = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        best = took if best is None else min(best, took)
        lines = done.stdout.count(b"\n")
    return best, lines


def main():
    jq = shutil.which("jq")
    with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as f:
        write_events(f)
        f.flush()
        size = os.path.getsize(f.name) / 1e6
        for cond, program in CASES:
            mine, lines = seconds([WEIR, "match", cond], f.name)
            print("match %-36s %6.3f s %5.0f MB/s" % (cond, mine, size / mine),
                  end="")
            if jq:
                theirs, found = seconds([jq, "-c", program], f.name)
                if found != lines:
                    sys.exit("\njq finds %d lines, weir %d" % (found, lines))
                print("   jq %6.2f s, %4.0f times as long" % (theirs, theirs / mine),
                      end="")
            print(flush=True)


if __name__ == "__main__":
    main()
