"""./dev itself, with stand-ins for the tools that it calls."""
import os
import shutil
import subprocess

import pytest

from support.server import ROOT

STAND_INS = {
    # Which packages are there is told by PACKAGES: all, or none.
    "dpkg-query": '[ "$PACKAGES" = all ] && echo "installed "\n',
    "apt-get": 'echo "apt-get $*" >>"$CALLS"; exit "${APT:-0}"\n',
    "id": 'echo "${USER_ID:-0}"\n',
    "ninja": 'exit "${NINJA:-0}"\n',
    "meson": 'case $1 in\n'
             'setup) mkdir -p "$2" ;;\n'
             'test) mkdir -p build-test/meson-logs\n'
             '      printf "%s" "$TESTLOG" '
             '>build-test/meson-logs/testlog.json\n'
             '      exit "${MESON_TEST:-0}" ;;\n'
             'esac\n',
}
PASSED = '{"name": "a", "result": "OK", "returncode": 0}\n'
CRASHED = '{"name": "b", "result": "FAIL", "returncode": -6}\n'


@pytest.fixture
def dev(tmp_path):
    """Runs a copy of ./dev. -> (status, output, calls of apt-get)"""
    tree, tools = tmp_path / "a b" / "weir", tmp_path / "bin"
    tree.mkdir(parents=True)
    tools.mkdir()
    shutil.copy(ROOT / "dev", tree)
    shutil.copytree(ROOT / "tools", tree / "tools")
    for name, text in STAND_INS.items():
        (tools / name).write_text("#!/bin/sh\n" + text)
        (tools / name).chmod(0o755)
    # Nothing else is on the path, so nothing of this machine is changed.
    for name in ("sh", "env", "dirname", "basename", "mkdir", "rm", "cat",
                 "sed", "tee", "tail", "head", "grep"):
        (tools / name).symlink_to(shutil.which(name, path="/usr/bin:/bin"))
    calls = tmp_path / "calls"

    def run(*args, **env):
        calls.write_text("")
        done = subprocess.run(
            ["/bin/sh", str(tree / "dev"), *args], cwd="/", timeout=60,
            env={"PATH": str(tools), "CALLS": str(calls), "PACKAGES": "all",
                 "TESTLOG": PASSED, **env},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, encoding="utf-8")
        return done.returncode, done.stdout, calls.read_text()
    return run


def closing(output):
    return output.splitlines()[-1]


def test_one_kind_runs_after_its_build_and_both_count(dev):
    status, out, apt = dev("test", "unit")
    assert out.count("== build") == out.count("== unit") == 1
    assert (status, closing(out)) == (0, "2 passed, 0 failed")
    assert apt == ""


def test_a_failed_program_is_named_and_counted(dev):
    status, out, _ = dev("test", "unit", TESTLOG=PASSED + CRASHED,
                         MESON_TEST="1")
    assert (status, closing(out)) == (1, "2 passed, 1 failed")
    assert out.count("FAIL b: FAIL (status -6)") == 2  # where it was, and last


def test_a_kind_that_fails_without_a_figure_is_a_failure(dev):
    status, out, _ = dev("test", "unit", MESON_TEST="9")
    assert (status, closing(out)) == (1, "2 passed, 1 failed")
    assert "FAIL unit ended with status 9" in out


def test_a_kind_without_any_test_is_a_failure(dev):
    status, out, _ = dev("test", "unit", TESTLOG="")
    assert (status, closing(out)) == (1, "1 passed, 1 failed")
    assert "FAIL unit ran no test" in out


def test_nothing_is_run_when_the_build_fails(dev):
    status, out, _ = dev("test", "unit", NINJA="1")
    assert (status, closing(out)) == (1, "0 passed, 1 failed")
    assert "== unit" not in out


def test_what_is_missing_is_installed_after_one_update(dev):
    status, out, apt = dev("build", PACKAGES="none")
    assert status == 0
    update, install = apt.splitlines()
    assert update.endswith(" update")
    assert " --no-install-recommends gcc libc6-dev " in install
    assert "dev: installing gcc libc6-dev " in out


def test_a_failed_installation_stops_and_says_so(dev):
    status, out, _ = dev("build", PACKAGES="none", APT="100")
    assert status == 1
    assert "could not install" in out
    assert "building" not in out


def test_without_root_and_sudo_the_command_is_told(dev):
    status, out, apt = dev("build", PACKAGES="none", USER_ID="1000")
    assert (status, apt) == (1, "")
    assert "as root, please: apt-get install gcc" in out


def test_an_unknown_word_is_an_error_with_the_usage(dev):
    status, out, _ = dev("tset")
    assert status == 2
    assert "./dev test" in out
