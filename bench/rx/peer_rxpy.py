"""peer_rxpy.py - the chains of chains.c in RxPY, with the same numbers.

    python3 peer_rxpy.py [ITEMS [CHAIN]]

One JSON line a chain, as there. What needs a clock has a virtual one: the
usual one starts a thread for each item of debounce.
"""
import json
import sys
import time

import rx
from rx import operators as ops
from rx.scheduler import HistoricalScheduler
from rx.subject import Subject

CHECKED = 10000


def twice(x):
    return x * 2


def add(acc, x):
    return acc + x


CHAINS = [
    ("map", 1, lambda s: s.pipe(ops.map(twice))),
    ("map | filter | scan", 1, lambda s: s.pipe(
        ops.map(twice), ops.filter(lambda x: x % 4 == 0), ops.scan(add, 0))),
    ("skip | take", 1, lambda s: s.pipe(ops.skip(10), ops.take(1000000000))),
    ("distinct_until_changed", 1, lambda s: s.pipe(
        ops.distinct_until_changed(lambda x: x - x % 2))),
    ("debounce", 1, lambda s: s.pipe(
        ops.debounce(3600, scheduler=HistoricalScheduler()))),
    ("buffer_with_count(100)", 1, lambda s: s.pipe(
        ops.buffer_with_count(100))),
    ("flat_map(just)", 1, lambda s: s.pipe(ops.flat_map(rx.just))),
    ("switch_map(just)", 1, lambda s: s.pipe(
        ops.map(rx.just), ops.switch_latest())),
    ("group_by(100 keys) | scan", 1, lambda s: s.pipe(
        ops.group_by(lambda x: x % 100),
        ops.flat_map(lambda group: group.pipe(ops.scan(add, 0))))),
    ("merge", 2, rx.merge),
    ("zip", 2, rx.zip),
    ("with_latest_from", 2, rx.with_latest_from),
]


def number_of(v):
    return sum(v) if isinstance(v, (tuple, list)) else v


def push(inputs, n):
    even, odd = inputs[0], inputs[-1]
    for i in range(0, n, 2):
        even.on_next(i)
        odd.on_next(i + 1)


def open_chain(n_inputs, make, on_next):
    inputs = [Subject() for _ in range(n_inputs)]
    make(*inputs).subscribe(on_next)
    return inputs


def checksum_of(n_inputs, make):
    checksum = 0

    def check(v):
        nonlocal checksum
        checksum = (checksum * 31 + number_of(v)) % 1000003

    inputs = open_chain(n_inputs, make, check)
    push(inputs, CHECKED)
    for subject in inputs:
        subject.on_completed()
    return checksum


def main(items=100000, only=None):
    for name, n_inputs, make in CHAINS:
        if only not in (None, name):
            continue
        inputs = open_chain(n_inputs, make, lambda v: None)
        push(inputs, 1000)
        began = time.process_time()
        push(inputs, items)
        ns = (time.process_time() - began) * 1e9 / items
        print(json.dumps({"who": f"RxPY {rx.__version__}", "chain": name,
                          "ns": round(ns, 2),
                          "checksum": checksum_of(n_inputs, make)}),
              flush=True)


if __name__ == "__main__":
    main(*(int(a) if a.isdigit() else a for a in sys.argv[1:]))
