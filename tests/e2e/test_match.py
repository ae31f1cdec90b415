"""weir match, as its user sees it: grep for lines of JSON."""
import json
import os
import subprocess

import pytest

from support import server

LINES = ('{"a":1,"s":"x"}\n'
         '{"a": 2, "s": "y"}\n'
         '{"a":3}\n')


def match(*args, stdin=LINES):
    return server.run("match", *args, stdin=stdin)


def test_lines_that_match_are_printed_as_they_were():
    done = match("a ge 2")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == '{"a": 2, "s": "y"}\n{"a":3}\n'


@pytest.mark.parametrize("args, out, status", [
    (("-v", "a ge 2"), '{"a":1,"s":"x"}\n', 0),
    (("-c", "a ge 2"), "2\n", 0),
    (("-cv", "s exists"), "1\n", 0),
    (("--count", "--invert", "s exists"), "1\n", 0),
    (("a gt 5",), "", 1),
    (("-c", "a gt 5"), "0\n", 1),
    (("--", "-x missing"), LINES, 0),
    (('["a", "eq", 3]',), '{"a":3}\n', 0),
])
def test_options(args, out, status):
    done = match(*args)
    assert (done.stdout, done.stderr, done.returncode) == (out, "", status)


def test_the_last_line_needs_no_end_and_blank_ones_do_not_count():
    done = match("a", stdin='\n{"a":1} \n  \n{"a":2}')
    assert (done.stdout, done.returncode) == ('{"a":1} \n{"a":2}\n', 0)
    assert match("a", stdin="").returncode == 1


def test_a_line_that_is_no_json_is_told_and_passed_over():
    done = match("a", stdin='{"a":1}\n{"a":}\n{"a":2}\n')
    assert done.returncode == 2
    assert done.stdout == '{"a":1}\n{"a":2}\n'
    assert done.stderr.startswith("weir match: line 2, column 6: ")
    done = match("a", stdin="x\n" * 100)
    assert len(done.stderr.splitlines()) == 11


def test_a_wrong_condition_is_shown_with_its_place():
    done = match("a eq 1 and b containz x")
    assert done.returncode == 2
    assert done.stderr == (
        "weir match: 1:14: no operator 'containz'; did you mean 'contains'?\n"
        "a eq 1 and b containz x\n             ^\n")
    done = match('["a", "eqq", 1]')
    assert "at [1]: no operator 'eqq'; did you mean 'eq'?" in done.stderr


@pytest.mark.parametrize("args", [(), ("a", "b"), ("--explian", "a"), ("-x", "a")])
def test_wrong_usage(args):
    done = match(*args)
    assert done.returncode == 2 and done.stdout == ""
    if "--explian" in args:
        assert "did you mean '--explain'" in done.stderr


def test_help():
    done = match("--help")
    assert done.returncode == 0 and "usage: weir match" in done.stdout


def test_explain_tells_of_each_line_which_comparisons_hold():
    done = match("--explain", "a eq 1 or s eq y", stdin='{"a":1,"s":"x"}\n')
    assert done.stdout == (
        "yes  a eq 1 or s eq y\n"
        "yes    a eq 1                            1\n"
        "no     s eq y                            \"x\"\n\n")
    done = match("--explain=json", "a eq 1 or s eq y")
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [t["holds"] for t in told] == [True, True, False]
    assert [p["is"] for p in told[2]["of"]] == ["a eq 1", "s eq y"]


def test_what_matches_is_shown_while_the_input_goes_on():
    p = subprocess.Popen([server.binary(), "match", "a gt 1"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                         env={**os.environ, **server.SANITIZER_ENV})
    p.stdin.write(b'{"a":1}\n{"a":2}\n{"a":')
    p.stdin.flush()
    assert p.stdout.readline() == b'{"a":2}\n'
    p.stdin.write(b"3}\n")
    p.stdin.close()
    assert p.stdout.read() == b'{"a":3}\n'
    assert p.wait(10) == 0


def test_an_output_that_is_gone_ends_it():
    reader, writer = os.pipe()
    os.close(reader)
    p = subprocess.Popen([server.binary(), "match", "a"],
                         stdin=subprocess.PIPE, stdout=writer,
                         stderr=subprocess.PIPE,
                         env={**os.environ, **server.SANITIZER_ENV})
    os.close(writer)
    _, err = p.communicate(b'{"a":1}\n' * 100000, timeout=20)
    assert p.returncode in (2, -13), err


def test_long_lines_and_deep_documents():
    line = '{"a":1,"pad":"%s","deep":%s1%s}\n' % (
        "x" * 1000000, "[" * 400, "]" * 400)
    done = match("-c", "* eq 1 and pad startswith xxx", stdin=line * 3)
    assert (done.stdout, done.returncode) == ("3\n", 0)
