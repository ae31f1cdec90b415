"""Fixtures of the end-to-end tests: real servers on loopback.

    weir(config)   starts a weir and returns it ready; at the end of the test
                   it must stop in order, without a sanitizer's report
    upstream       an HTTP upstream that can misbehave, with fresh figures

Only Debian's python3-pytest is needed. When a test fails, the end of what its
servers wrote is shown.
"""
import pytest

from support import server
from support import upstream as upstream_module


def _servers(item):
    """The processes of a test, for its report."""
    if not hasattr(item, "weir_processes"):
        item.weir_processes = []
    return item.weir_processes


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.failed:
        for process in _servers(item):
            report.sections.append(
                ("%s (pid %d) wrote" % (process.name, process.pid),
                 process.tail()))


@pytest.fixture
def weir(request, tmp_path):
    processes = _servers(request.node)
    started = []

    def start(config, args=(), env=None, command=None):
        folder = tmp_path / ("weir%d" % len(processes))
        folder.mkdir()
        w = server.Weir(folder, config, args, env, command)
        processes.append(w)
        try:
            w.wait_ready()
        except BaseException:
            w.kill()
            raise
        started.append(w)
        return w

    if not server.binary().is_file():
        pytest.fail("%s is not built; ./dev test e2e builds it"
                    % server.binary(), pytrace=False)
    yield start
    problems = []
    for w in started:
        try:
            w.stop()
        except AssertionError as e:
            problems.append(str(e))
    assert not problems, "\n".join(problems)


@pytest.fixture(scope="session")
def upstream_process(tmp_path_factory):
    if not (upstream_module.probes() / "upstream.py").is_file():
        pytest.skip("no upstream.py in %s" % upstream_module.probes())
    u = upstream_module.Upstream(tmp_path_factory.mktemp("upstream"))
    try:
        u.wait_ready()
        yield u
    finally:
        u.end()


@pytest.fixture
def upstream(request, upstream_process):
    _servers(request.node).append(upstream_process)
    upstream_process.reset_stats()
    return upstream_process


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter):
    """The closing line that ./dev adds up."""
    def count(*kinds):
        return sum(len(terminalreporter.stats.get(k, ())) for k in kinds)

    skipped = count("skipped")
    tail = ", %d skipped" % skipped if skipped else ""
    terminalreporter.write_line("%d passed, %d failed%s" % (
        count("passed"), count("failed", "error"), tail))
