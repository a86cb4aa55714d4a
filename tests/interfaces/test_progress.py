"""What commands say on stderr while they work."""

import logging

import pytest

from interfaces.cli import dispatch


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
