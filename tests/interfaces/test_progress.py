"""What commands say on stderr while they work."""

import io
import logging
import re
from functools import partial
from types import SimpleNamespace

import pytest
from rich.console import Console

from interfaces.cli import dispatch, progress
from interfaces.cli.matches import evaluate, run, train
from interfaces.cli.progress import listen, progress_bar, working
from matching.progress import Stage, tell, told
from tasks.forecast import COSTS, RUN, TRAIN, Forecast

PROFILE = "profile: " + ", ".join(f"column_{number} is name" for number in range(9))


@pytest.fixture
def talking_crawl(findmatches, monkeypatch):
    """The crawl command, with a step that reports progress and a doubt, and then is interrupted or not."""

    def crawl(*_):
        logging.getLogger("findmatches.crawling").info("crawl: %d rows", 12)
        logging.getLogger("findmatches.crawling").warning("crawl: the last line is cut off")
        raise KeyboardInterrupt

    monkeypatch.setattr(dispatch, "crawl", crawl)
    return findmatches


def test_verbose_shows_progress_on_stderr_only(talking_crawl):
    done = talking_crawl("--verbose", "crawl", "people.csv")
    assert "crawl: 12 rows" in done.stderr
    assert done.stdout == ""


def test_without_verbose_only_warnings_are_shown(talking_crawl):
    done = talking_crawl("crawl", "people.csv")
    assert done.stderr.splitlines() == ["Warning: crawl: the last line is cut off"]


def test_an_interrupted_command_exits_with_130(talking_crawl):
    assert talking_crawl("crawl", "people.csv").exit_code == 130


class Terminal(io.StringIO):
    """A terminal, or with `watched=False` a pipe, that keeps all that was written to it."""

    def __init__(self, watched: bool = True) -> None:
        super().__init__()
        self.watched = watched

    def isatty(self) -> bool:
        return self.watched

    @property
    def last_line(self) -> str:
        """The bar as it was last drawn, without colours."""
        plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.getvalue())
        return [line for line in re.split(r"[\r\n]+", plain) if line.strip()][-1]


@pytest.fixture
def loggers():
    """The loggers "findmatches" and "findmatches.progress", which are as before afterwards."""
    found = [logging.getLogger(name) for name in ("findmatches", "findmatches.progress")]
    before = [(list(each.handlers), each.level, each.propagate) for each in found]
    listen(verbose=False)
    yield SimpleNamespace(all=found[0], stages=found[1])
    for each, (handlers, level, propagate) in zip(found, before, strict=True):
        each.handlers[:], each.propagate = handlers, propagate
        each.setLevel(level)


@pytest.fixture
def opened(monkeypatch, loggers):
    """Puts a terminal of 80 columns, or a pipe, in the place of stderr; called by the test, as pytest puts its own."""
    for name in ("FORCE_COLOR", "NO_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")

    def put(watched=True):
        shown = Terminal(watched)
        monkeypatch.setattr("sys.stderr", shown)
        return shown

    return put


@pytest.fixture
def clock(monkeypatch):
    """What the forecast takes for the seconds of now."""
    now = SimpleNamespace(seconds=0.0)
    monkeypatch.setattr(progress, "Forecast", partial(Forecast, clock=lambda: now.seconds))
    return now


class Kept(logging.Handler):
    """Keeps the records it is given, whatever their level, as Prefect's handler sends them to its server."""

    def __init__(self) -> None:
        super().__init__(logging.NOTSET)
        self.texts: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(record.getMessage())


def test_the_bar_moves_where_prefect_sets_the_level_of_findmatches_again(opened, loggers, clock):
    terminal = opened()
    with working("run: finding matches", RUN):
        loggers.all.setLevel(logging.INFO)  # as flows.settings does, which dispatch imports now
        clock.seconds = 70
        tell(Stage.SEARCH, 1)
    assert re.search(r"about \d+ min left", terminal.last_line)


def test_what_stages_tell_is_not_sent_to_the_server_of_prefect(opened, loggers):
    opened()
    sent = Kept()
    loggers.all.addHandler(sent)
    with working("run: finding matches", RUN):
        tell(Stage.SEARCH, 1)
        logging.getLogger("findmatches.tasks").info("read: 3 rows")
    tell(Stage.WRITE, 1)
    assert sent.texts == ["read: 3 rows"]


def test_the_loggers_are_as_before_when_the_work_fails(opened, loggers):
    opened()

    def state():
        return [(list(each.handlers), each.level, each.propagate) for each in (loggers.all, loggers.stages)]

    def fail():
        with working("run: finding matches", RUN):
            assert state() != before
            raise ZeroDivisionError("as it does")

    before = state()
    with pytest.raises(ZeroDivisionError, match="as it does"):
        fail()
    assert state() == before


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_a_long_line_of_progress_leaves_the_bar_and_the_time_left_whole(columns):
    page = io.StringIO()
    console = Console(width=columns, file=page)
    bar = progress_bar(console)
    bar.add_task(PROFILE, total=1.0, completed=0.5, left="about 2.2 h left")
    console.print(bar)
    (line,) = page.getvalue().splitlines()
    assert len(line.rstrip()) <= columns
    assert "profile: column_0" in line
    assert re.search(r"… [━╸╺ ]{20} about 2\.2 h left *$", line)


def test_the_time_left_is_shown_beside_a_long_line_of_progress(opened, clock):
    terminal = opened()
    with working("run: finding matches", RUN):
        logging.getLogger("findmatches.tasks").info(PROFILE)
        clock.seconds = 70
        tell(Stage.SEARCH, 1)
    assert re.search(r"profile: column_0.*… ━+.* about \d+ min left", terminal.last_line)


def test_the_bar_follows_what_the_stages_tell(opened, clock):
    terminal = opened()
    with working("run: finding matches", RUN):
        clock.seconds = 4 * COSTS[Stage.SCORE]
        assert list(told(Stage.SCORE, "abcd", 4)) == list("abcd")
        left = 4 * (COSTS[Stage.CLUSTER] + COSTS[Stage.WRITE])
        logging.getLogger("findmatches.tasks").info("run: 3 [rows]")
    assert "run: 3 [rows]" in terminal.last_line
    assert f"about {round(left, -1):.0f} s left" in terminal.last_line


def test_no_time_is_left_where_all_is_done(opened, clock):
    terminal = opened()
    with working("train: learning", TRAIN):
        clock.seconds = 60
        tell(Stage.WIDEN, 1)
        tell(Stage.LEARN, 1)
    assert "━" * 20 in terminal.last_line
    assert "left" not in terminal.last_line


@pytest.mark.parametrize(
    ("command", "step", "last", "shown"),
    [
        pytest.param(
            partial(evaluate, "people"), "estimate_quality", Stage.CLUSTER, False, id="evaluate goes in rounds"
        ),
        pytest.param(partial(run, "people", "out.csv"), "find_matches", Stage.CLUSTER, True, id="run has to write"),
        pytest.param(partial(train, "people"), "train", Stage.WIDEN, True, id="train has to learn"),
    ],
)
def test_a_command_that_goes_on_does_not_show_a_full_bar(opened, clock, monkeypatch, command, step, last, shown):
    terminal = opened()

    def interrupted(*_):
        for stage in list(COSTS)[: list(COSTS).index(last) + 1]:
            clock.seconds += 10
            tell(stage, 1)
        raise KeyboardInterrupt("by hand")

    monkeypatch.setattr(dispatch, step, interrupted)
    with pytest.raises(KeyboardInterrupt, match="by hand"):
        command()
    assert ("left" in terminal.last_line) == shown
    if shown:
        assert "━" * 20 not in terminal.last_line
    else:
        assert "━" in terminal.last_line


def test_the_last_stage_is_told_when_the_work_is_done(labelled_transform, loggers):
    heard = Kept()
    loggers.stages.addHandler(heard)
    loggers.stages.setLevel(logging.DEBUG)
    labelled_transform("train", "people")
    assert heard.texts[-1] == "learn: 100 %"
    labelled_transform("run", "people", "--output", "matches.csv")
    assert heard.texts.count("write: 100 %") == 1
    assert heard.texts[-1] == "write: 100 %"
    assert heard.texts.count("read: 100 %") == 2


@pytest.mark.parametrize("watched", [pytest.param(True, id="terminal"), pytest.param(False, id="pipe")])
def test_only_a_terminal_is_drawn_on_even_where_colour_is_forced(opened, monkeypatch, watched):
    shown = opened(watched)
    monkeypatch.setenv("FORCE_COLOR", "1")
    with working("run: finding matches", RUN):
        tell(Stage.SEARCH, 1)
    assert ("\x1b[" in shown.getvalue()) == watched
