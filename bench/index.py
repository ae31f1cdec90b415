#!/usr/bin/python3 -I
"""The index of interests: events a second beside the goals, and what it takes.

    ./dev bench index         or: WEIR_BIN=.../weir bench/index.py [SIZE..]

A SIZE is a number of interests such as 1k, 100k, 1M (these are the default) or
10M. Interests and events come from matchgen.py, the generator that the goals
were set with, in ../shared/bench or where WEIR_MATCHGEN says; without it
nothing is measured. First all workloads are checked against its reference.

Rates are of CPU time, best of three runs, since the machine is rarely ours
alone; "ideal" is a throw-away program that leaves out or, not, owners and
expiry, measured for the design on a machine of this kind.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
WEIR = os.environ.get("WEIR_BIN", str(ROOT / "build-bench/src/cli/weir"))
GENERATOR = pathlib.Path(os.environ.get(
    "WEIR_MATCHGEN", ROOT.parent / "shared/bench/matchgen.py"))
SIZES = {"1k": 1000, "10k": 10**4, "100k": 10**5, "1M": 10**6, "10M": 10**7}
EVENTS = 50000
# (goal, ideal), events a second
GOALS = {
    "anyeq": {"1k": (2.0e6, 3.2e6), "100k": (1.8e6, 3.0e6),
              "1M": (1.5e6, 2.6e6), "10M": (0.75e6, 1.5e6)},
    "conj": {"1k": (1.7e6, 2.85e6), "100k": (1.4e6, 2.3e6),
             "1M": (1.0e6, 1.75e6), "10M": (0.37e6, 0.74e6)},
    "range": {"1k": (1.3e6, 2.3e6), "100k": (1.0e6, 1.8e6),
              "1M": (0.55e6, 0.95e6), "10M": (70e3, 137e3)},
    "contains": {"1k": (0.75e6, 1.3e6), "100k": (0.5e6, 0.9e6),
                 "1M": (0.3e6, 0.53e6), "10M": (60e3, 120e3)},
    "mixed": {},
}


def generate(workload, interests, events, where, *more):
    subprocess.run([sys.executable, str(GENERATOR), "--workload", workload,
                    "--interests", str(interests), "--events", str(events),
                    "--out", str(where), *more],
                   check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def match(where, *more):
    done = subprocess.run([WEIR, "bench", "match", "--interests",
                           str(where / "interests.ndjson"), "--events",
                           str(where / "events.ndjson"), *more],
                          stdout=subprocess.PIPE)
    if done.returncode:
        sys.exit("weir bench match failed")
    return json.loads(done.stdout)


def count(n):
    for unit, size in (("M", 1e6), ("k", 1e3)):
        if n >= size:
            return "%.3g %s" % (n / size, unit)
    return "%.3g" % n


def check(where):
    pairs = 0
    for workload in GOALS:
        generate(workload, 20000, 100, where, "--expect")
        found = match(where, "--seconds", "0.01", "--expected",
                      str(where / "expected.ndjson"))
        pairs += 20000 * found["checked"]
    print("checked: %s pairs of all five workloads, none wrong\n" % count(pairs))


def main():
    sizes = sys.argv[1:] or ["1k", "100k", "1M"]
    if not GENERATOR.is_file():
        print("SKIPPED: there is no %s; set WEIR_MATCHGEN" % GENERATOR)
        return
    with tempfile.TemporaryDirectory() as name:
        where = pathlib.Path(name)
        check(where)
        print("%-9s %5s %9s %8s %8s  %-7s %6s %6s %6s %9s %9s %9s %6s %6s %8s" % (
            "", "", "events/s", "goal", "ideal", "", "match", "cand.",
            "bytes", "insert/s", "remove/s", "expire/s", "p50", "p99 us",
            "pause us"))
        for workload, goals in GOALS.items():
            for size in sizes:
                generate(workload, SIZES[size], EVENTS, where)
                r = match(where)
                goal, ideal = goals.get(size, (0, 0))
                print("%-9s %5s %9s %8s %8s  %-7s %6.2f %6.1f %6.0f %9s %9s "
                      "%9s %6.2f %6.2f %8s" % (
                          workload, size, count(r["events_per_cpu_s"]),
                          count(goal) if goal else "-",
                          count(ideal) if ideal else "-",
                          "" if not goal else "met" if
                          r["events_per_cpu_s"] >= goal else "MISSED",
                          r["matches_per_event"], r["candidates_per_event"],
                          r["bytes_per_interest"],
                          count(r["insert_per_cpu_s"]),
                          count(r["remove_per_cpu_s"]), count(r["expire_per_s"]),
                          r["p50_ns"] / 1e3, r["p99_ns"] / 1e3,
                          r.get("longest_pause_us", "-")), flush=True)


if __name__ == "__main__":
    main()
