"""Crawls of S3 stores that throttle, forbid, forget or do not answer."""

import time
from collections.abc import Callable, Iterator

import pytest

from catalog.crawl_history import list_crawls
from catalog.database import Catalog
from errors import InvalidInputError, StorageUnreachableError
from storage.files import read_bytes
from storage.workspace import Workspace
from tasks.crawl import CrawlOptions, crawl_path
from tests.servers.failing_s3 import FailingS3
from tests.servers.seaweedfs import use_server

Serve = Callable[..., FailingS3]
OBJECTS = {f"in/{name}.csv": f"id,name\n{number},Ada\n".encode() for number, name in enumerate("abcde")}
PATH = "s3://lake/in/"


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[FailingS3]:
    """A store with five files, which may be silent for half a second."""
    with FailingS3(dict(OBJECTS)).running() as server:
        use_server(server.environment | {"FINDMATCHES_S3_TIMEOUT": "0.3"}, monkeypatch)
        yield server


def test_a_store_that_throttles_for_a_while_is_waited_for(s3: FailingS3, workspace: Workspace) -> None:
    s3.throttled |= {"": 2, "in/a.csv": 3, "in/b.csv": 1}
    found = crawl_path(workspace, PATH)
    assert (found.state, len(found.tables[0].files)) == ("COMPLETED", 5)
    assert s3.requests["in/a.csv"] >= 4


def test_an_object_that_is_throttled_for_ever_is_given_up(s3: FailingS3, workspace: Workspace) -> None:
    s3.throttled["in/c.csv"] = 10_000
    found = crawl_path(workspace, PATH)
    assert (found.state, len(found.tables[0].files)) == ("PARTIAL", 4)
    assert "Cannot read 's3://lake/in/c.csv': " in found.problems[0].message
    assert "reduce your request rate" in found.problems[0].message


def test_an_object_that_is_forbidden_is_named(s3: FailingS3, workspace: Workspace) -> None:
    s3.forbidden.add("in/b.csv")
    found = crawl_path(workspace, PATH)
    assert [problem.message for problem in found.problems] == ["Cannot read 's3://lake/in/b.csv': Access Denied."]
    assert len(found.tables[0].files) == 4
    (crawl,) = list_crawls(Catalog.of(workspace))
    assert (crawl.state, crawl.problems) == (
        "PARTIAL",
        [{"path": "s3://lake/in/b.csv", "message": "Cannot read 's3://lake/in/b.csv': Access Denied."}],
    )


def test_an_object_that_went_after_the_listing_is_named(s3: FailingS3, workspace: Workspace) -> None:
    s3.gone.add("in/d.csv")
    found = crawl_path(workspace, PATH)
    assert found.problems[0].message.startswith("No file at 's3://lake/in/d.csv'.")
    assert len(found.tables[0].files) == 4


def test_an_object_that_never_comes_is_given_up(s3: FailingS3, workspace: Workspace) -> None:
    s3.hangs.add("in/e.csv")
    began = time.monotonic()
    found = crawl_path(workspace, PATH)
    assert time.monotonic() - began < 30
    assert found.state == "PARTIAL"
    assert "in/e.csv" in found.problems[0].message
    assert "timeout" in found.problems[0].message.lower()


def test_a_store_that_never_answers_is_named(s3: FailingS3, workspace: Workspace) -> None:
    s3.hangs.add("")
    with pytest.raises(InvalidInputError, match=r"Cannot read 's3://lake/in/': .*127\.0\.0\.1") as refused:
        crawl_path(workspace, PATH)
    assert "\n" not in str(refused.value)
    assert not workspace.home.exists()


def test_a_listing_that_is_forbidden_is_named(s3: FailingS3, workspace: Workspace) -> None:
    s3.forbidden.add("")
    with pytest.raises(InvalidInputError, match="Cannot read 's3://lake/in/': Access Denied"):
        crawl_path(workspace, PATH)


def test_nobody_listens_there(s3: FailingS3, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    use_server(s3.environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, monkeypatch)
    with pytest.raises(InvalidInputError, match=r"Could not connect to the endpoint URL: .*127\.0\.0\.1:9"):
        crawl_path(workspace, PATH)


@pytest.mark.parametrize("text", ["soon", "0", "-1", "4000"])
def test_a_time_that_is_none_is_refused(
    text: str, s3: FailingS3, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINDMATCHES_S3_TIMEOUT", text)
    with pytest.raises(InvalidInputError, match=f"FINDMATCHES_S3_TIMEOUT is '{text}'"):
        crawl_path(workspace, PATH, CrawlOptions())


@pytest.mark.parametrize(
    ("what", "kind"),
    [
        ({"throttled": {"in/a.csv": 10_000}}, StorageUnreachableError),
        ({"hangs": {"in/a.csv"}}, StorageUnreachableError),
        ({"forbidden": {"in/a.csv"}}, InvalidInputError),
        ({"gone": {"in/a.csv"}}, InvalidInputError),
    ],
    ids=["503", "no answer", "403", "404"],
)
def test_only_what_may_pass_is_said_to_be_so(s3: FailingS3, what: dict[str, object], kind: type[Exception]) -> None:
    vars(s3).update(what)
    with pytest.raises(InvalidInputError) as caught:
        read_bytes("s3://lake/in/a.csv")
    assert type(caught.value) is kind


def test_a_store_that_is_not_there_may_come_back(s3: FailingS3, monkeypatch: pytest.MonkeyPatch) -> None:
    use_server(s3.environment | {"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, monkeypatch)
    with pytest.raises(StorageUnreachableError, match=r"Cannot read 's3://lake/in/a\.csv'"):
        read_bytes("s3://lake/in/a.csv")
