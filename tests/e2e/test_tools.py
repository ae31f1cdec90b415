"""The checks themselves: each must be able to fail."""
import json
import subprocess
import sys

import pytest

from support.server import ROOT

FLOORS = "# top first\nhub\nrx wire\nloop\n"
CLEAN = {
    "src/FLOORS": FLOORS,
    "src/hub/meson.build": "# sees cli_dep in a comment only\nd = [rx_dep]\n",
    "src/hub/hub.c": '#include "hub/hub.h"\n#include "rx/rx.h"\n',
    "src/hub/hub.h": '#include "loop/loop.h"\n#include <stdio.h>\n',
    "src/rx/meson.build": "d = [loop_dep]\n",
    "src/rx/rx.h": "",
    "src/wire/meson.build": "d = [loop_dep]\n",
    "src/loop/meson.build": "d = []\n",
    "src/loop/loop.h": "#include <uv.h>\n",
}


def tool(name, *args):
    done = subprocess.run([sys.executable, str(ROOT / "tools" / name), *args],
                          capture_output=True, encoding="utf-8", timeout=60)
    return done.returncode, done.stdout


def check_floors(tree, **changes):
    for path, text in {**CLEAN, **changes.get("files", {})}.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_text(text)
    return tool("check-floors", str(tree))


def test_floors_in_order_pass(tmp_path):
    assert check_floors(tmp_path) == (0, "5 passed, 0 failed\n")


@pytest.mark.parametrize("path, text, says", [
    ("src/rx/up.c", '\n#include "hub/hub.h"\n',
     "src/rx/up.c:2: rx/ does not see hub/"),
    ("src/rx/beside.c", '#include "wire/x.h"\n', "there is no src/wire/x.h"),
    ("src/wire/x.h", '# include "rx/rx.h"\n', "wire/ does not see rx/"),
    ("src/hub/near.c", '#include "hub.h"\n', "is not written from src/"),
    ("src/hub/uv.c", "#include <uv.h>\n", "only loop/ includes uv.h"),
    ("src/loop/meson.build", "d = [rx_dep]\n", "loop/ does not link rx/"),
    ("src/wire/meson.build", "d = [rx_dep]\n", "wire/ does not link rx/"),
    ("src/new/meson.build", "", "src/new/ is not in src/FLOORS"),
    ("src/hub/long.c", "\n" * 701, "src/hub/long.c has 701 lines"),
])
def test_each_offence_against_the_floors_is_named(tmp_path, path, text, says):
    status, out = check_floors(tmp_path, files={path: text})
    assert status == 1
    assert says in out


def check_shared(tree, source):
    """One file of one folder, as Meson would have built it."""
    folder = tree / "src/hub"
    folder.mkdir(parents=True)
    (folder / "seen.c").write_text(source)
    for command in (["cc", "-c", "-fPIC", "seen.c", "-o", "seen.c.o"],
                    ["ar", "rc", "libweir_hub.a", "seen.c.o"]):
        subprocess.run(command, cwd=folder, check=True, timeout=60)
    return tool("check-shared", str(tree))


def test_what_no_two_threads_write_may_be_static(tmp_path):
    assert check_shared(tmp_path, """
        static const int numbers[] = {1, 2};
        static const char *const names[] = {"a", "b"};
        static _Thread_local int mine = 1;
        extern int elsewhere;
        const void *use(int i)
        {
            static _Thread_local int calls;
            return i ? names[numbers[calls++]] : (const void *)(long)mine;
        }
        """) == (0, "1 passed, 0 failed\n")


@pytest.mark.parametrize("variable", [
    "int shared = 1;", "static int shared;",
    "static const char *shared[] = {\"a\"};",
])
def test_what_threads_would_share_is_named(tmp_path, variable):
    status, out = check_shared(
        tmp_path, "%s void *use(void) { return (void *)&shared; }" % variable)
    assert status == 1
    assert "FAIL seen.c of hub/: all threads would share shared" in out


def test_a_case_that_never_ended_counts_as_failed(tmp_path):
    log = tmp_path / "testlog.json"
    programs = [
        {"name": "base/str", "result": "OK", "returncode": 0,
         "stdout": "[ RUN      ] a\n[       OK ] a\n"
                   "[ RUN      ] b\n[  SKIPPED ] b\n"},
        {"name": "rx/map", "result": "FAIL", "returncode": 1,
         "stdout": "[ RUN      ] c\n[  FAILED  ] c\n"
                   "[ RUN      ] d\n[       OK ] d\n"},
        {"name": "rx/crash", "result": "FAIL", "returncode": -6,
         "stdout": "[ RUN      ] e\n"},
        {"name": "rx/leak", "result": "FAIL", "returncode": 1,
         "stdout": "[ RUN      ] f\n[       OK ] f\n"},
        {"name": "fuzz/corpus", "result": "OK", "returncode": 0},
    ]
    log.write_text("".join(json.dumps(p) + "\n" for p in programs))
    status, out = tool("unit-report", str(log))
    assert status == 1
    assert out.splitlines() == [
        "SKIP base/str: 1 cases",
        "FAIL rx/map: c",
        "FAIL rx/crash: e (it did not end)",
        "FAIL rx/leak: FAIL (status 1)",
        "4 passed, 3 failed, 1 skipped",
    ]
