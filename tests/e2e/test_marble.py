"""weir marble, as its user sees it: pictures of pipelines."""
import re
import shutil
import subprocess
import xml.etree.ElementTree as ET

import pytest

from support import server
from support.server import ROOT

PAGES = ROOT / "docs" / "operators"


def marble(*args):
    return server.run("marble", *args)


def drawn(*args):
    done = marble(*args)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_each_stage_is_a_lane_below_its_input():
    assert drawn("debounce(20ms) | map_to('x')", "-ab--c---|") == (
        "ms              0    50\n"
        "main            -ab--c---|\n"
        "debounce(20ms)  ----b--c-|\n"
        "map_to('x')     ----x--x-|\n")


def test_what_happens_at_one_time_stands_below_each_other():
    lines = drawn("buffer_with_count(2)", "ab---c|").splitlines()
    assert lines[1:] == ["main                  ab-------c|",
                         "buffer_with_count(2)  -[a,b]----([c],|)"]


@pytest.mark.parametrize("diagrams", [
    ("a--b|", "-1-2|"), ("a--b|", "b=-1-2|"), ("a--b|", "@b: -1-2|"),
    ("b=-1-2|", "main=a--b|"), ("b=-1-2|", "a--b|")])
def test_diagrams_find_their_streams(diagrams):
    assert "merge(@b)  a1-(b2)|\n" in drawn("merge(@b)", *diagrams)


def test_a_pipeline_that_begins_by_itself_needs_no_diagram():
    assert drawn("interval(20ms) | take(2)").splitlines()[1:] == [
        "interval(20ms)  --0-1", "take(2)         --0-(1|)"]
    assert "merge(@a, @b)  12" in drawn("merge(@a, @b)", "1|", "-2|")


def test_groups_and_windows_have_lanes_of_their_own():
    text = drawn("group_by(.k) { count }", "-a-b-a|",
                 "--value", 'a={"k":"x"}', "--value", 'b={"k":"y"}')
    assert re.search(r"^  x +\{k:x\}-+\{k:x\}\|$", text, re.M), text
    assert re.search(r"^  y +\{k:y\}-+\|$", text, re.M), text
    text = drawn("window_with_count(2) { count }", "abc|")
    assert re.search(r"^  window 2 +-*c\|$", text, re.M), text


def test_stages_of_blocks_are_shown_on_demand():
    args = ("flat_map { map_to('y') | delay(10ms) }", "a-|")
    assert "map_to" not in drawn(*args)
    assert re.search(r"^ +map_to\('y'\) +\(y\|\)", drawn(*args, "--all"),
                     re.M)


def test_an_error_is_a_sharp_with_its_message_below():
    text = drawn("map(.a)", "-{\"a\":1}-[2]|")
    assert re.search(r"^map\(\.a\) +-1-+#$", text, re.M), text
    assert '# at 30 ms: Cannot index array with string "a"\n' in text


def test_run_answers_jobs_one_by_one_or_side_by_side():
    def result(*args):
        return drawn(*args).splitlines()[-1].split()[-1]
    assert result("run", "-ab|") == "---a1-a2-a3-b1-b2-(b3,|)"
    assert result("flat_map { run }", "-ab|", "--run", "2x20ms") == \
        "---a1b1a2----(b2,|)"
    assert result("map('{i: .}') | run", "-a|", "--run", "1x20ms") \
        .endswith("-({job:{i:a},nr:1},|)")


def test_long_silence_is_left_out_when_it_is_too_wide():
    text = drawn("delay(1h)", "a|", "--width", "60")
    assert "~~" in text
    assert max(map(len, text.splitlines())) <= 60


def test_what_is_too_wide_goes_on_below():
    text = drawn("as_observable", "abcdefghij" * 8 + "|", "--width", "60")
    assert text.count("\nmain ") == 2
    assert max(map(len, text.splitlines())) <= 60


def test_an_endless_pipeline_ends_with_its_inputs():
    text = drawn("interval(20ms)")
    assert re.search(r"^interval\(20ms\)  --0-1-2-", text, re.M)
    assert drawn("interval(20ms)", "--until", "60ms").splitlines()[1] == \
        "interval(20ms)  --0-1-2"


def test_an_item_keeps_its_colour():
    text = drawn("map('. * 10')", "-1-2|", "--color", "always")
    plain = re.sub(r"\033\[[0-9;]*m", "", text)
    assert plain == drawn("map('. * 10')", "-1-2|", "--color", "never")
    colours = {label: colour for colour, label in
               re.findall(r"\033\[1;38;5;(\d+)m(\w+)", text)}
    assert colours["1"] == colours["10"]
    assert colours["2"] == colours["20"]
    assert colours["1"] != colours["2"]


def test_frames_have_the_length_that_is_said():
    assert "  0    5000" in drawn("delay(2s)", "a---|", "--frame", "1s")


@pytest.mark.parametrize("args, where, what", [
    (("debounce(20)", "a|"), "pipeline:1:10:", "a duration needs a unit"),
    (("debunce(20ms)", "a|"), "pipeline:1:1:", "did you mean 'debounce'?"),
    (("take_until(@b)", "a|"), "pipeline:1:12:", "there is no stream @b"),
    (("map(.a)", "a-(b"), "diagram:1:3:", "never closed"),
    (("map(.a)", "a|b"), "diagram:1:3:", "nothing can follow the end"),
    (("map(.a)", "-{\"a\":}"), "diagram:1:7:", "expected"),
    (("map(.a)", "-{\"a\":1"), "diagram:1:2:", "has no end"),
    (("map(.a)", "a|", "b|"), "", "more diagrams (2) than"),
    (("map(.a)",), "pipeline:1:1:", "works on an input"),
    (("run", "a|", "--run", "3"), "", "expected parts and a duration"),
    (("map(.a)", "a|", "--frame", "0ms"), "", "expected a duration"),
    (("map(.a)", "a|", "--value", "a=[1"), "value:1:3:", "expected"),
    (("map(.a)", "a|", "--value", "ab=1"), "", "expected a sign"),
    (("map(.a)", "a|", "--color", "blue"), "", "auto, always or never"),
    (("map(.a)", "a|", "--widht", "3"), "", "--help"),
    (("log(.a)", "a|"), "pipeline:1:5:", "log wants"),
])
def test_what_is_wrong_is_said_with_its_place(args, where, what):
    done = marble(*args)
    assert done.returncode == 2
    assert done.stdout == ""
    assert where in done.stderr
    assert what in done.stderr


def test_a_picture_is_sound_xml_and_shows_all_lanes(tmp_path):
    picture = tmp_path / "p.svg"
    done = marble("map('. < 3') | window_with_count(2) { to_list }", "-1-5-|",
                  "--svg", str(picture))
    assert (done.returncode, done.stdout) == (0, "")
    root = ET.parse(picture).getroot()
    texts = [t.text for t in root.iter("{http://www.w3.org/2000/svg}text")]
    for label in ("main", "map('. < 3')", "window 1", "true", "false",
                  "[true,false]"):
        assert label in texts
    assert "prefers-color-scheme:dark" in picture.read_text()
    assert marble("as_observable", "a|", "--svg",
                  str(tmp_path / "no" / "p.svg")).returncode == 1


def test_what_never_ends_is_drawn_as_far_as_there_is_room():
    text = drawn("repeat_value(1) | last")
    assert "(" + 20 * "1" + "…" in text
    assert len(text) < 1000


def test_an_operator_tells_all_about_itself():
    text = drawn("--operator", "flat_map_latest")
    assert text.startswith("switch_map(")
    assert "weir marble" in text
    done = marble("--operator", "debunce")
    assert done.returncode == 2
    assert "did you mean 'debounce'?" in done.stderr


def test_the_pages_are_those_that_the_program_makes(tmp_path):
    done = marble("--pages", str(tmp_path))
    assert done.returncode == 0
    # What the example of log writes, and nothing else.
    assert [line for line in done.stderr.splitlines()
            if not line.startswith("weir: in:")] == []
    made = {p.name: p.read_text() for p in tmp_path.iterdir()}
    kept = {p.name: p.read_text() for p in PAGES.iterdir()}
    assert len(made) > 250
    assert sorted(made) == sorted(kept), "./dev docs makes the pages"
    for name, text in made.items():
        assert text == kept[name], "%s has changed: ./dev docs" % name


@pytest.mark.skipif(not shutil.which("chromium"),
                    reason="there is no chromium to look at the pictures with")
def test_a_browser_draws_the_pictures(tmp_path):
    picture = PAGES / "group_by.svg"
    out = tmp_path / "p.png"
    subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu",
                    "--user-data-dir=%s" % (tmp_path / "profile"),
                    "--screenshot=%s" % out, "--window-size=800,400",
                    picture.as_uri()], timeout=60, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert out.stat().st_size > 4000
