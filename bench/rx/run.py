#!/usr/bin/python3
"""run.py - ReactiveX beside others: the same chains in weir, RxJS and RxPY.

    ./dev bench rx

In each round every program runs once, one after the other, so that a busy
machine slows all of them. For each chain the best and the median of the rounds
are told, as JSON lines and as a table: CPU time for each item pushed. The
checksums of what comes out have to be equal, or the exit status is 1.

RxJS is installed with npm into build-bench/rxjs, in the version that
package.json says; without node, npm or RxPY the rest runs.

RX_ROUNDS=n is the number of rounds, 5 without it.
"""
import json
import os
import shutil
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "..", "..", "build-bench")
BENCH_RX = os.path.join(BUILD, "bench", "bench_rx")
LARGE = os.path.join(BUILD, "bench", "bench_rx_large")
PYTHON = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else "python3"

GOALS = {  # millions of items a second, C functions
    "map | filter | scan": 30,
    "debounce": 30,
    "flat_map(just)": 10,
    "buffer_with_count(100)": 30,
    "group_by(100 keys) | scan": 20,
}


def say(text):
    print(f"bench/rx: {text}", flush=True)


def rxjs():
    """The command of the peer in JavaScript, or None."""
    where = os.path.join(BUILD, "rxjs")
    if not shutil.which("node"):
        say("there is no node: without RxJS")
        return None
    os.makedirs(where, exist_ok=True)
    for name in ("package.json", "peer_rxjs.mjs"):
        shutil.copy(os.path.join(HERE, name), where)
    if not os.path.isdir(os.path.join(where, "node_modules", "rxjs")):
        if not shutil.which("npm"):
            say("there is no npm: without RxJS")
            return None
        done = subprocess.run(
            ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund"],
            cwd=where, capture_output=True, text=True, check=False)
        if done.returncode:
            say("npm could not install RxJS: without it")
            print(done.stderr[-500:])
            return None
    return ["node", os.path.join(where, "peer_rxjs.mjs"), "2000000"]


def rxpy():
    """The command of the peer in Python, or None."""
    if subprocess.run([PYTHON, "-c", "import rx"], capture_output=True,
                      check=False).returncode:
        say("there is no python3-rx: without RxPY")
        return None
    return [PYTHON, os.path.join(HERE, "peer_rxpy.py"), "20000"]


def lines_of(command):
    out = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in out.stdout.splitlines()]


def measure(commands, rounds):
    """(who, chain) to the lines of all rounds, in order of appearance."""
    seen = {}
    for n in range(rounds):
        say(f"round {n + 1} of {rounds}")
        for command in commands:
            for line in lines_of(command):
                seen.setdefault((line["who"], line["chain"]), []).append(line)
    return seen


def per_second(ns):
    millions = 1000 / ns
    return f"{millions:.0f}" if millions >= 10 else f"{millions:.2g}"


def verdict(goal, best_ns, median_ns):
    if 1000 / median_ns >= goal:
        return "met"
    return "met by the best round only" if 1000 / best_ns >= goal else "MISSED"


def table(best, median):
    """Millions of items a second: the best round, and the median."""
    who = list(dict.fromkeys(w for w, _ in best))
    chains = list(dict.fromkeys(c for _, c in best))
    width = max(map(len, chains))
    print(f"\n{'M items/s of CPU time':{width}}  "
          + "  ".join(f"{w:>14}" for w in who) + "  goal")
    for chain in chains:
        cells = [f"{per_second(best[w, chain])} ({per_second(median[w, chain])})"
                 if (w, chain) in best else "-" for w in who]
        told = ""
        if chain in GOALS:
            key = "weir, c", chain
            goal = GOALS[chain]
            told = f"  {goal}, {verdict(goal, best[key], median[key])}"
        print(f"{chain:{width}}  " + "  ".join(f"{c:>14}" for c in cells)
              + told)


def main():
    commands = [[BENCH_RX, "c"], [BENCH_RX, "native"],
                [BENCH_RX, "libjq", "100000"], rxjs(), rxpy()]
    seen = measure([c for c in commands if c],
                   int(os.environ.get("RX_ROUNDS", "5")))
    best, median, sums = {}, {}, {}
    for (who, chain), lines in seen.items():
        ns = [line["ns"] for line in lines]
        best[who, chain] = min(ns)
        median[who, chain] = statistics.median(ns)
        sums.setdefault(chain, set()).update(x["checksum"] for x in lines)
        print(json.dumps({**lines[0], "ns": min(ns),
                          "median_ns": round(median[who, chain], 2)}))
    table(best, median)
    differ = [chain for chain, values in sums.items() if len(values) > 1]
    for chain in differ:
        print(f"DIFFERENT RESULTS: {chain}")
    print("\nweir alone, large", flush=True)
    subprocess.run([LARGE], check=True)
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
