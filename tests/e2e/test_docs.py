"""What the documentation shows is what happens.

Fenced blocks of README.md and docs/ are run, by the word behind the fence:

    sh          by sh, beside a server with examples/quickstart.yaml; what it
                prints must be the `output` block behind it, if there is one
    sh norun    not: it serves for ever, or installs something
    yaml        a configuration without a fault
    pipeline    a pipeline on each line, without a fault
    c           a program that embeds weir: it compiles without a warning, ends
                with status 0, and prints its `output` block
    c norun     a program that serves for ever: it compiles

In an output `...` stands for any text, alone on a line for any lines. An
indented block shows data; a command in one would escape the test.
"""
import os
import re
import shutil
import subprocess

import pytest

from support import embed, server
from support.server import ROOT

# The pages of operators are made, and held against what they are made of, by
# test_marble.py.
PAGES = sorted(str(p.relative_to(ROOT)) for p in
               [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
               if p.parent.name != "operators")
FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.M | re.S)
COMMAND = re.compile(r"(curl|weir|\./dev|for|man|kill)\b")
NO_RUN = re.compile(r"\./dev |.*weir serve ")
RUN = ("sh", "yaml", "pipeline", "c", "c norun")


def read(page):
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page):
    """-> (line, kind, text) of each fenced block"""
    text = read(page)
    return [(text.count("\n", 0, m.start()) + 2, m[1], m[2])
            for m in FENCE.finditer(text)]


def pattern(wanted):
    """An output block as a regular expression."""
    lines = []
    for line in wanted.splitlines():
        if line.strip() == "...":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(re.escape(t)
                                    for t in line.split("...")) + r"\n")
    return re.compile("".join(lines) + r"\Z")


@pytest.fixture
def quickstart(weir, tmp_path):
    text = read("examples/quickstart.yaml").replace(
        "/tmp/weir-quickstart", str(tmp_path / "quickstart"))
    w = weir(text)
    # It is an upstream of itself; the port is only known now.
    w.sighup(text.replace("8080", str(w.port)))
    w.wait_line("was read again")
    return w


def run(w, folder, script):
    """-> exit status, output; the ports are those of the documentation"""
    ports = (("localhost:8080", "localhost:%d" % w.port),
             ("localhost:8081", "localhost:%d" % w.admin_port))
    for shown, real in ports:
        script = script.replace(shown, real)
    done = subprocess.run(
        ["/bin/sh", "-e", "-c", script], cwd=folder, timeout=60,
        env={**os.environ, **server.SANITIZER_ENV,
             "PATH": "%s:%s" % (folder / "bin", os.environ["PATH"])},
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, encoding="utf-8")
    out = done.stdout
    for shown, real in ports:
        out = out.replace(real, shown)
    return done.returncode, out, done.stderr


@pytest.mark.parametrize("page", [
    p for p in PAGES if any(kind in RUN for _, kind, _ in blocks(p))])
def test_the_examples_do_what_they_say(page, quickstart, tmp_path):
    folder = tmp_path / "reader"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "weir").symlink_to(server.binary())
    (folder / "examples").symlink_to(ROOT / "examples")
    wrong = []
    all_blocks = blocks(page)
    for i, (line, kind, text) in enumerate(all_blocks):
        where = "%s:%d: " % (page, line)
        if kind == "sh":
            status, out, err = run(quickstart, folder, text)
            follows = all_blocks[i + 1:i + 2]
            shown = follows[0][2] if follows and follows[0][1] == "output" \
                else None
            if shown is not None and not pattern(shown).match(out):
                wrong.append("%s%s\nprinted\n%s\nnot\n%s\n%s"
                             % (where, text, out, shown, err))
            elif shown is None and status != 0:
                wrong.append("%s%s\nstatus %d: %s%s"
                             % (where, text, status, out, err))
        elif kind == "yaml":
            config = tmp_path / "check.yaml"
            config.write_text(text, encoding="utf-8")
            done = server.run("check", str(config))
            if done.returncode != 0:
                wrong.append(where + done.stderr)
        elif kind == "pipeline":
            for n, pipeline in enumerate(text.splitlines()):
                answer = quickstart.admin_put("jobs", pipeline, "?dry_run=1")
                if answer.status != 200:
                    wrong.append("%s:%d: %s" % (page, line + n,
                                                answer.text()))
        elif kind in ("c", "c norun"):
            program = embed.compile_program(text, tmp_path / ("c%d" % line))
            if kind == "c norun":
                continue
            status, out, err = run(quickstart, folder, str(program))
            if status != 0 or not pattern(all_blocks[i + 1][2]).match(out):
                wrong.append("%sstatus %d, printed\n%s\n%s"
                             % (where, status, out, err))
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.parametrize("page", PAGES)
def test_no_example_escapes_the_test(page):
    for line, kind, text in blocks(page):
        assert kind in (*RUN, "sh norun", "output", "text"), (page, line)
        if kind == "sh norun":
            for command in text.splitlines():
                assert NO_RUN.match(command), (page, command)
    prose = FENCE.sub("", read(page))
    for line in re.findall(r"^(?: {4}|\t)(\S.*)$", prose, re.M):
        assert not COMMAND.match(line), (page, line)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", read(page)):
        if not re.match(r"https?:", target):
            assert (ROOT / page).parent.joinpath(target).exists(), target


def test_the_list_of_operators_is_that_of_the_program():
    listed = server.run("marble", "--operators").stdout
    assert listed.count("\n") > 100
    assert listed in read("docs/operators.md"), \
        "weir marble --operators has changed; so must docs/operators.md"


@pytest.mark.parametrize("verb", ["serve", "check", "run", "marble", "bench",
                                  "json"])
def test_the_manual_has_each_option_of_a_verb(verb):
    page = read("packaging/weir.1").replace("\\-", "-")
    shown = server.run(verb, "--help")
    assert shown.returncode == 0
    chapter = re.search(r"^\.SS weir %s\n(.*?)^\.S[SH]" % verb, page,
                        re.M | re.S)[1]
    options = r"(?m)^\s+(--[\w-]+)"
    assert set(re.findall(options, shown.stdout)) == \
        set(re.findall(r"(?m)^\.B[RI]? (--[\w-]+)", chapter))
    assert "\n  weir %s " % verb in server.run("--help").stdout
    assert server.run(verb, "--no-such-option").returncode == 2


@pytest.mark.skipif(not shutil.which("man"), reason="there is no man")
def test_the_manual_renders_without_a_warning():
    done = subprocess.run(
        ["man", "--warnings", "-l", str(ROOT / "packaging/weir.1")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8", "MANWIDTH": "78"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "EXIT STATUS" in done.stdout
