"""weir bench match: does it say when a match is wrong?"""
import json

import pytest

from support import server

INTERESTS = [
    "* eq joe", "a gt 1 and b eq x", "tags contains red", "a ge 1 and a lt 2",
    "b eq x and not a gt 5 and tags", "msg contains \"a needle\"", "a ne 7",
]
EVENTS = [{"a": 1.5, "b": "x", "tags": ["red"]}, {"who": {"name": "joe"}, "a": 7},
          {"msg": "not a needle here", "tags": []}]
# ids from 1
MET = [[2, 3, 4, 5, 7], [1], [6, 7]]


@pytest.fixture
def files(tmp_path):
    def write(name, values):
        path = tmp_path / name
        path.write_text("".join(json.dumps(v) + "\n" for v in values))
        return str(path)

    return ["--seconds", "0.01", "--interests",
            write("i", [{"id": i + 1, "cond": c}
                        for i, c in enumerate(INTERESTS)]),
            "--events", write("e", EVENTS), "--expected"], write


def answers(met):
    return [{"event": i, "count": len(ids), "sum": sum(ids)}
            for i, ids in enumerate(met)]


@pytest.mark.parametrize("how", [(), ("--naive",), ("--batch", "1"),
                                 ("--churn", "1000")])
def test_right_matches_are_confirmed(files, how):
    args, write = files
    done = server.run("bench", "match", *args, write("x", answers(MET)), *how)
    assert (done.returncode, done.stderr) == (0, "")
    found = json.loads(done.stdout)
    assert (found["checked"], found["wrong"], found["matches"]) == (3, 0, 8)
    assert found["events_per_s"] > 0


def test_a_wrong_match_is_told(files):
    args, write = files
    done = server.run("bench", "match", *args,
                      write("x", answers([[2, 3, 4, 5, 7], [2], [6, 7]])))
    assert done.returncode == 1
    assert "event 1: 1 matches, sum 1; expected 1, sum 2" in done.stderr
    assert json.loads(done.stdout)["wrong"] == 1


def test_an_unreadable_file_is_told(files):
    args, _ = files
    done = server.run("bench", "match", *args, "/nonexistent")
    assert done.returncode == 1
    assert "/nonexistent" in done.stderr
