#!/usr/bin/python3
"""Runs the conformance vectors against weir's verbs.

    tests/conform/run.py --weir build-test/src/cli/weir [SUITE..]

The vectors stand beside the checkout, in ../shared/conformance (or where
WEIR_CONFORMANCE points): each suite is a folder with a run.py of its own that
prints one line a failure and closes with `N passed, N failed`. A suite that is
not there is skipped, and said so, as is a vector that needs what weir says it
does not have; one that ends without its closing line has
failed. The last line sums up.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

OWN = pathlib.Path(__file__).resolve().parent
ROOT = OWN.parent.parent
UNSUPPORTED = re.compile(r"^unsupported x(\d+): ", re.M)
CLOSING = re.compile(r"^(\d+) passed, (\d+) failed$", re.M)
DEADLINE_S = 600

# suite: its arguments, with {here} for its folder, {weir} for the program, and
# {own} for this folder: vectors of what the shared ones do not have
SUITES = {
    "conditions": ["--suggest", "{here}/vectors.ndjson", "{here}/anywhere.ndjson",
                   "{own}/conditions.ndjson", "--", "{weir}", "match", "--vectors"],
    "json": ["{weir}", "json", "--check"],
    "rx": ["--max", "1000", "{here}/vectors.ndjson", "--", "{weir}", "marble", "--vectors"],
}


def run_suite(folder, weir, args):
    """-> (passed, failed, skipped)"""
    command = [sys.executable, str(folder / "run.py")]
    command += [arg.format(here=folder, weir=weir, own=OWN) for arg in args]
    env = dict(os.environ, PYTHONDONTWRITEBYTECODE="1",
               UBSAN_OPTIONS="halt_on_error=1:print_stacktrace=1")
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, env=env,
                              stdout=subprocess.PIPE, timeout=DEADLINE_S,
                              stderr=subprocess.STDOUT)
    except subprocess.TimeoutExpired as e:
        sys.stdout.write((e.stdout or b"").decode("utf-8", "replace"))
        print("FAIL %s took more than %d s" % (folder.name, DEADLINE_S))
        return 0, 1, 0
    text = done.stdout.decode("utf-8", "replace")
    figures = CLOSING.findall(text)
    # Its figures go into the one closing line, so they are not printed twice.
    print(CLOSING.sub(r"\g<0> of " + folder.name, text), end="")
    if not figures:
        print("FAIL %s ended with status %d and no figures"
              % (folder.name, done.returncode))
        return 0, 1, 0
    passed, failed = map(int, figures[-1])
    if done.returncode != 0 and failed == 0:
        print("FAIL %s ended with status %d" % (folder.name, done.returncode))
        failed = 1
    skipped = sum(map(int, UNSUPPORTED.findall(text)))
    if skipped:
        print("SKIP %d of %s: weir says that it lacks what they use"
              % (skipped, folder.name))
    return passed, failed - skipped, skipped


def main():
    ap = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--weir", required=True, help="the program under test")
    ap.add_argument("suite", nargs="*", help=", ".join(SUITES))
    a = ap.parse_args()
    unknown = [s for s in a.suite if s not in SUITES]
    if unknown:
        ap.error("no suite '%s'; there are: %s"
                 % (unknown[0], ", ".join(SUITES)))
    vectors = pathlib.Path(os.environ.get(
        "WEIR_CONFORMANCE", ROOT.parent / "shared" / "conformance")).resolve()
    weir = pathlib.Path(a.weir).resolve()
    passed = failed = skipped = 0
    for name in a.suite or SUITES:
        folder = vectors / name
        if not (folder / "run.py").is_file():
            print("SKIP %s: no vectors in %s" % (name, folder))
            skipped += 1
            continue
        p, f, k = run_suite(folder, weir, SUITES[name])
        passed += p
        failed += f
        skipped += k
    tail = ", %d skipped" % skipped if skipped else ""
    print("%d passed, %d failed%s" % (passed, failed, tail))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
