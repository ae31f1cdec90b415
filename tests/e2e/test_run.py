"""`weir run`: a pipeline over lines of JSON, seen from a shell.

Every process here is given its pipes by the test, and has a deadline.
"""
import contextlib
import json
import os
import pty
import re
import select
import signal
import subprocess
import time

import pytest

from support import server, wait

PIECE = 65536  # what is read at once, and what waits to be written at most


def default_signals():
    """What a shell in the foreground gives its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Run:
    """A run with its pipes. Leaving it checks that no sanitizer spoke."""

    def __init__(self, *args, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                 stderr=subprocess.PIPE, env=None, preexec=default_signals):
        self.child = subprocess.Popen(
            [str(server.binary()), "run", *args], stdin=stdin, stdout=stdout,
            stderr=stderr, preexec_fn=preexec,
            env={**os.environ, **server.SANITIZER_ENV, **(env or {})})
        self.got = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait(10)
        for f in (self.child.stdin, self.child.stdout, self.child.stderr):
            if f:
                with contextlib.suppress(BrokenPipeError):
                    f.close()

    def say(self, *lines):
        self.child.stdin.write("".join(s + "\n" for s in lines).encode())
        self.child.stdin.flush()

    def hear(self, n=1, seconds=10):
        """-> the next n lines, without their ends"""
        deadline = time.monotonic() + seconds
        while self.got.count(b"\n") < n:
            left = deadline - time.monotonic()
            assert left > 0, "heard only %r" % self.got
            if select.select([self.child.stdout], [], [], left)[0]:
                more = os.read(self.child.stdout.fileno(), 65536)
                assert more, "it ended with %r" % self.got
                self.got += more
        *lines, self.got = self.got.split(b"\n", n)
        return [line.decode() for line in lines]

    def end(self, seconds=20):
        """Closes its input. -> status, the rest of its output, its errors"""
        out, err = self.child.communicate(timeout=seconds)
        err = (err or b"").decode()
        assert not server.SANITIZER.search(err), err
        return self.child.returncode, (self.got + (out or b"")).decode(), err

    def position(self):
        """How far standard input, a file, was read."""
        with open("/proc/%d/fdinfo/0" % self.child.pid,
                  encoding="ascii") as f:
            return int(re.search(r"pos:\s+(\d+)", f.read())[1])

    def rss(self):
        with open("/proc/%d/status" % self.child.pid, encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1]) * 1024

    def state(self):
        """S: it sleeps."""
        with open("/proc/%d/stat" % self.child.pid, encoding="ascii") as f:
            return f.read().rsplit(") ", 1)[1][0]


def run(*args, stdin=""):
    """-> status, output, errors"""
    with Run(*args) as r:
        r.say(*stdin.splitlines())
        return r.end()


def lines_of(*values):
    return "".join(json.dumps(v, separators=(",", ":")) + "\n"
                   for v in values)


@pytest.fixture
def numbers(tmp_path):
    """A file of 4 million lines, which takes a while."""
    path = tmp_path / "numbers"
    path.write_bytes(b"".join(b"%d\n" % i for i in range(1000)) * 4000)
    return path


# ---- items in real time

def test_an_item_comes_out_as_soon_as_it_came_in():
    with Run("map(.a)") as r:
        for i in range(3):
            r.say('{"a":%d}' % i)
            assert r.hear() == [str(i)]
        assert r.end() == (0, "", "")


def test_timers_run_while_nothing_comes():
    with Run("debounce(50ms)") as r:
        r.say("1", "2")
        assert r.hear() == ["2"]
        assert r.end() == (0, "", "")


def test_the_end_of_the_input_goes_through_the_pipeline():
    assert run("buffer_with_count(2)", stdin="1\n2\n3\n") == (
        0, "[1,2]\n[3]\n", "")
    begun = time.monotonic()
    assert run("delay(300ms)", stdin="1\n") == (0, "1\n", "")
    assert time.monotonic() - begun >= 0.3


def test_a_last_line_needs_no_line_end():
    with Run("map(.)") as r:
        r.child.stdin.write(b"1\r\n\n2")
        assert r.end() == (0, "1\n2\n", "")


def test_a_pipeline_that_ends_early_reads_no_further():
    with Run("take(2)") as r:
        r.say("1", "2")
        assert r.child.wait(10) == 0  # its input is still open
        assert r.hear(2) == ["1", "2"]


def test_a_pipeline_that_begins_by_itself_reads_nothing():
    with Run("interval(20ms) | take(2)") as r:
        r.say('"unread"')
        assert r.child.wait(10) == 0
        assert r.hear(2) == ["0", "1"]


def test_what_nobody_has_heard_is_not_lost():
    assert run("take(2) | repeat(2) | to_list", stdin="1\n2\n3\n4\n5\n") == (
        0, "[1,2,3,4]\n", "")
    assert run("repeat(3) | to_list", stdin="1\n2\n") == (0, "[1,2]\n", "")


def test_raw_lines_in_and_raw_strings_out():
    assert run("-Rr", "map('. + \"!\"')", stdin='a"b\n\nc\n') == (
        0, 'a"b!\n!\nc!\n', "")
    with Run("--raw-input", "map(.)") as r:
        r.child.stdin.write(b"caf\xe9 \xff\n")
        assert r.end() == (0, '"caf\ufffd \ufffd"\n', "")


def test_an_item_much_longer_than_the_buffer():
    text = json.dumps("x" * (5 * PIECE + 17))
    assert run("map(.)", stdin=text + "\n") == (0, text + "\n", "")


# ---- errors

@pytest.mark.parametrize("pipeline", [
    "map('error(\"boom\")')", "concat(@b)", "take(1) | concat(@b)"])
def test_an_error_ends_it_after_what_came_before(tmp_path, pipeline):
    status, out, err = run("--input", "b=%s" % tmp_path,
                           "start_with(0) | " + pipeline, stdin="1\n")
    if "boom" in pipeline:
        assert (status, out, err) == (1, "", "weir run: error: boom\n")
    else:
        assert status == 1
        assert out.startswith("0\n")
        assert err == "weir run: error: cannot read %s: is a directory\n" % (
            tmp_path)


@pytest.mark.parametrize("pipeline, says", [
    ("map(.a) | tkae(3)", "pipeline:1:11: no operator 'tkae'; did you mean "
                          "'take'?\nmap(.a) | tkae(3)\n          ^\n"),
    ("flat_map { run }", "pipeline:1:12: run has no sources"),
    ("merge(@nowhere)", "pipeline:1:7: there is no stream @nowhere"),
])
def test_a_wrong_pipeline_is_shown_with_its_place(pipeline, says):
    status, out, err = run(pipeline)
    assert (status, out) == (2, "")
    assert err.startswith("weir run: " + says)


@pytest.mark.parametrize("args", [
    [], ["of(1)", "of(2)"], ["--nonsense", "of(1)"], ["-xR", "of(1)"],
    ["--input"], ["--input", "a", "of(1)"], ["--input", "=a", "of(1)"],
    ["--input", "a=-", "--input", "b=-", "of(1)"],
    ["--input", "a=x", "--input", "a=y", "of(1)"],
    ["--max-line", "0", "of(1)"], ["--max-line", "much", "of(1)"],
])
def test_wrong_usage(args):
    status, out, err = run(*args)
    assert (status, out) == (2, "")
    assert err


def test_bad_lines_are_told_and_skipped():
    status, out, err = run("map(.)", stdin='1\n{"a" 2}\n\n3\nnul\n4\n')
    assert (status, out) == (0, "1\n3\n4\n")
    assert err.splitlines() == [
        "weir run: line 2, column 6: expected ':' behind the member name",
        "weir run: line 5, column 1: expected a value",
        "weir run: 2 lines were skipped"]


def test_many_bad_lines_are_only_counted():
    status, out, err = run("count", stdin="x\n" * 500 + "1\n")
    assert (status, out) == (0, "1\n")
    assert len(err.splitlines()) == 11
    assert err.endswith("weir run: 500 lines were skipped\n")


def test_strict_ends_at_the_first_bad_line():
    with Run("--strict", "map(.)") as r:
        r.say("1", "2", "x", "3")
        assert r.child.wait(10) == 1  # its input is still open
        assert r.end() == (
            1, "1\n2\n", "weir run: line 3, column 1: expected a value\n")


def test_a_line_over_the_limit_is_skipped():
    status, out, err = run("--max-line", "1KiB", "map(.)",
                           stdin='1\n"%s"\n2\n' % ("x" * 200000))
    assert (status, out) == (0, "1\n2\n")
    assert err.splitlines() == ["weir run: line 2: longer than 1024 bytes",
                                "weir run: 1 line was skipped"]


# ---- standard output

def test_a_slow_reader_holds_up_the_reading(numbers):
    with open(numbers, "rb") as f, Run(
            "map('[., ., .]')", stdin=f, env={
                "ASAN_OPTIONS": server.SANITIZER_ENV["ASAN_OPTIONS"] +
                ":quarantine_size_mb=1"}) as r:
        r.hear()
        wait.until(lambda: r.state() == "S", "it waits")
        time.sleep(0.2)
        at, rss = r.position(), r.rss()
        assert at <= 8 * PIECE
        time.sleep(0.3)
        assert r.position() == at
        for _ in range(100):
            r.hear(1000)
        wait.until(lambda: r.state() == "S", "it waits again")
        assert r.position() > at
        assert r.rss() - rss < 4 << 20
        r.child.stdout.close()
        assert r.child.wait(10) == 128 + signal.SIGPIPE
        assert r.child.stderr.read() == b""


def test_every_line_arrives_at_a_slow_reader():
    with Run("map(.)", stdin=subprocess.PIPE) as r:
        n = 20000  # more than two pipes and a buffer hold
        feeder = subprocess.Popen(["seq", str(n)], stdout=r.child.stdin)
        r.child.stdin.close()
        r.child.stdin = None
        time.sleep(0.3)
        status, out, err = r.end()
        feeder.wait(10)
        assert (status, err) == (0, "")
        assert out.split() == [str(i + 1) for i in range(n)]


def test_a_reader_that_is_gone_ends_it_quietly():
    with Run("map(.)") as r:
        r.say("1")
        r.hear()
        r.child.stdout.close()
        r.say("2")
        assert r.child.wait(10) == 128 + signal.SIGPIPE
        assert r.child.stderr.read() == b""


def test_an_output_that_cannot_be_written_is_an_error():
    with open("/dev/full", "wb") as full, Run("of(1)", stdout=full) as r:
        assert r.end() == (1, "", "weir run: cannot write: no space left on "
                           "device\n")


def test_the_flags_of_shared_descriptors_stay_as_they_were():
    def flags(pid, fd):
        with open("/proc/%d/fdinfo/%d" % (pid, fd), encoding="ascii") as f:
            return int(re.search(r"flags:\s+(\d+)", f.read())[1], 8)

    with Run("map(.)") as r:
        r.say("1")
        r.hear()
        for fd in (0, 1, 2):
            assert not flags(r.child.pid, fd) & os.O_NONBLOCK, fd


# ---- signals

@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_the_inputs_but_awaits_no_timer(number):
    with Run("merge(@late) | buffer_with_count(5)",
             "--input", "late=/dev/null") as r:
        r.say("1", "2")
        wait.until(lambda: r.state() == "S", "it waits")
        time.sleep(0.3)
        r.child.send_signal(number)
        assert r.child.wait(10) == 128 + number  # its input is still open
        assert r.end() == (128 + number, "[1,2]\n", "")
    with Run("map(.) | delay(1h)") as r:
        r.say("1")
        time.sleep(0.3)
        r.child.send_signal(number)
        assert r.child.wait(10) == 128 + number
        assert r.end()[1:] == ("", "")


def test_a_signal_ends_a_file_that_is_being_read(numbers):
    with Run("-n", "merge(@a) | sample(20ms)",
             "--input", "a=%s" % numbers) as r:
        r.hear()
        r.child.send_signal(signal.SIGINT)
        assert r.child.wait(10) == 128 + signal.SIGINT


def test_a_signal_while_the_reader_is_slow(numbers):
    with open(numbers, "rb") as f, Run("map(.)", stdin=f) as r:
        assert r.hear() == ["0"]
        wait.until(lambda: r.state() == "S", "it waits")
        r.child.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        assert r.child.poll() is None  # what was said is still to be read
        status, out, err = r.end()
        assert (status, err) == (128 + signal.SIGTERM, "")
        assert out.endswith("\n")
        assert 0 < out.count("\n") < 4000000


def test_a_second_signal_ends_it_wherever_it_is(numbers):
    with open(numbers, "rb") as f, Run("map(.)", stdin=f) as r:
        r.hear()
        wait.until(lambda: r.state() == "S", "it waits")
        r.child.send_signal(signal.SIGINT)
        time.sleep(0.2)
        assert r.child.poll() is None
        r.child.send_signal(signal.SIGTERM)
        assert r.child.wait(10) == -signal.SIGTERM


def test_an_ignored_signal_stays_ignored():
    def no_interrupt():
        signal.signal(signal.SIGINT, signal.SIG_IGN)

    with Run("map(.)", preexec=no_interrupt) as r:
        r.say("1")
        r.hear()
        r.child.send_signal(signal.SIGINT)
        time.sleep(0.2)
        r.say("2")
        assert r.hear() == ["2"]
        assert r.end() == (0, "", "")


# ---- inputs

def test_a_file_is_there_before_standard_input(tmp_path):
    rates = tmp_path / "rates"
    rates.write_text(lines_of(*range(1000)))
    assert run("with_latest_from(@r) | first", "--input", "r=%s" % rates,
               stdin="1\n") == (0, "[1,999]\n", "")


def test_each_subscription_reads_a_file_from_its_start(tmp_path):
    f = tmp_path / "f"
    f.write_text("1\n2")
    assert run("flat_map(@f) | count", "--input", "f=%s" % f,
               stdin="1\n" * 3000) == (0, "6000\n", "")


def test_long_files_are_read_side_by_side(numbers, tmp_path):
    """zip holds 65536 items at most: none may run ahead."""
    wide = tmp_path / "wide"
    wide.write_text("".join('{"n":%d,"text":"%s"}\n' % (i % 1000, "x" * 150)
                            for i in range(200000)))
    with open(wide, "rb") as f, Run(
            "zip(@a, @b) | filter('.[0].n != .[1] or .[1] != .[2]') | count",
            "--input", "a=%s" % numbers, "--input", "b=%s" % numbers,
            stdin=f) as r:
        assert r.end(60) == (0, "0\n", "")


@pytest.mark.parametrize("pipeline", [
    "concat_map { delay(1ms) } | take(40)",
    "flat_map(max_concurrent=4) { delay(5ms) } | take(40)",
    "limit_rate(1000, per=1s, overflow='delay', max_buffer=64) | take(1040)",
    "zip(@slow) | take(40)"])
@pytest.mark.parametrize("kind", ["pipe", "file"])
def test_a_slow_stage_holds_up_the_reading(pipeline, kind, tmp_path):
    """More lines than any stage may hold."""
    lines = "".join("%d\n" % n for n in range(200_000))
    path = tmp_path / "lines"
    path.write_text(lines)
    slow = tmp_path / "slow"
    slow.write_text("1\n" * 40)
    done = subprocess.run(
        [str(server.binary()), "run", pipeline, "--input", "slow=%s" % slow],
        stdin=path.open() if kind == "file" else None,
        input=None if kind == "file" else lines.encode(),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=30,
        env={**os.environ, **server.SANITIZER_ENV})
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.count(b"\n") in (40, 1040)


def test_a_line_of_a_named_file_is_told_with_its_name(tmp_path):
    f = tmp_path / "f"
    f.write_text("1\nx\n")
    status, out, err = run("merge(@f)", "--input", "f=%s" % f)
    assert (status, out) == (0, "1\n")
    assert err.startswith("weir run: %s: line 2, column 1: " % f)


def test_a_file_that_is_not_there():
    status, out, err = run("merge(@f)", "--input", "f=/nowhere/at/all")
    assert (status, out) == (1, "")
    assert err == ("weir run: cannot read /nowhere/at/all: no such file or "
                   "directory\n")


def test_a_fifo_is_read_once_as_it_is_written(tmp_path):
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    with Run("-n", "merge(@p, @p)", "--input", "p=%s" % fifo) as r:
        time.sleep(0.3)  # it does not end before it has begun
        with open(fifo, "wb", buffering=0) as f:
            f.write(b"1\n")
            assert r.hear(2) == ["1", "1"]
            f.write(b"2\n")
            assert r.hear(2) == ["2", "2"]
        assert r.end() == (0, "", "")


def test_standard_input_can_have_a_name():
    assert run("merge(@s)", "--input", "s=-", stdin="1\n2\n") == (
        0, "1\n2\n", "")
    status, _, err = run("map(.)", "--input", "s=-")
    assert status == 2
    assert "map works on an input, and there is none" in err


def test_null_input_leaves_standard_input_alone(tmp_path):
    f = tmp_path / "f"
    f.write_text("1\n")
    with Run("-n", "merge(@f)", "--input", "f=%s" % f) as r:
        r.say("2")
        assert r.child.wait(10) == 0
        assert r.hear() == ["1"]


def test_a_closed_standard_input_is_an_error():
    with Run("map(.)", stdin=None,
             preexec=lambda: os.close(0)) as r:
        assert r.end() == (1, "", "weir run: error: cannot read standard "
                           "input: bad file descriptor\n")


# ---- much of it

def test_a_regular_file_is_read_to_its_end(numbers):
    begun = time.monotonic()
    with open(numbers, "rb") as f, Run("count", stdin=f) as r:
        assert r.end(60) == (0, "4000000\n", "")
    # A release build takes half a second, one with sanitizers some ten.
    assert time.monotonic() - begun < 60


@pytest.mark.parametrize("kind", ["file", "pipe"])
def test_timers_are_on_time_while_the_input_is_busy(kind, tmp_path):
    many = tmp_path / "many"
    many.write_bytes(b"1\n" * (10 << 20))
    with contextlib.ExitStack() as stack:
        if kind == "file":
            f = stack.enter_context(open(many, "rb"))
        else:
            yes = stack.enter_context(subprocess.Popen(
                ["yes", "1"], stdout=subprocess.PIPE))
            stack.callback(yes.kill)
            f = yes.stdout
        r = stack.enter_context(Run(
            "sample(50ms) | time_interval | map(.interval) | take(6)",
            stdin=f))
        f.close()
        status, out, err = r.end()
    assert (status, err) == (0, "")
    spans = sorted(int(s) for s in out.split())
    assert len(spans) == 6
    assert 40 <= spans[2] <= 60, spans
    assert sum(spans) < 1000, spans


# ---- progress

@contextlib.contextmanager
def terminal():
    """-> a file for a child to write to, and what appeared there."""
    master, slave = pty.openpty()
    seen = []

    def text():
        while select.select([master], [], [], 0)[0]:
            seen.append(os.read(master, 65536))
        return b"".join(seen).decode()

    try:
        yield slave, text
    finally:
        os.close(master)
        os.close(slave)


def test_progress_is_one_line_drawn_anew_now_and_then():
    with terminal() as (screen, text):
        with Run("--progress", "filter('. != 2')", stderr=screen) as r:
            r.say("1", "2", "x")
            begun = time.monotonic()
            wait.until(lambda: text().count("\r\x1b[K") >= 4, "it is drawn")
            assert time.monotonic() - begun >= 0.55  # 200 ms in between
            r.say("3")
            status, out, _ = r.end()
        assert (status, out) == (0, "1\n3\n")
        shown = text().replace("\r\n", "\n")
    assert shown.startswith("weir run: line 3, column 1: expected a value\n")
    last, told, rest = shown.rsplit("\r\x1b[K", 1)[1].split("\n")
    assert re.fullmatch(r"[\d.]+ s  4 lines  \d+/s  2 out  1 skipped", last)
    assert (told, rest) == ("weir run: 1 line was skipped", "")


def test_progress_goes_on_while_the_reader_is_slow(numbers):
    with terminal() as (screen, text), open(numbers, "rb") as f:
        with Run("--progress", "map(.)", stdin=f, stderr=screen) as r:
            wait.until(lambda: text().count("bytes held") >= 2, "it is drawn")
            r.child.stdout.close()
            assert r.child.wait(10) == 128 + signal.SIGPIPE


def test_there_is_no_progress_without_a_terminal():
    assert run("--progress", "delay(300ms)", stdin="1\n") == (0, "1\n", "")


def test_a_terminal_as_standard_input():
    with terminal() as (keys, _):
        with Run("merge(@f)", "--input", "f=/dev/null", stdin=keys) as r:
            assert r.child.wait(10) == 0  # nobody has to type an end
