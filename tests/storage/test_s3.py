"""Files on a real S3 server."""

from collections.abc import Callable
from pathlib import Path

import pytest

from errors import FindMatchesError, InvalidInputError
from storage.files import list_files, location_of, opened, read_bytes, read_head
from storage.heads import read_heads
from storage.publish import check_writable, publishing
from tests.servers.seaweedfs import Bucket, use_server

Requests = Callable[[], list[tuple[str, str]]]


@pytest.fixture
def requests(monkeypatch: pytest.MonkeyPatch) -> Requests:
    """The requests sent to S3 so far: method and path with query."""
    from aiobotocore.httpsession import AIOHTTPSession

    seen: list[tuple[str, str]] = []
    send = AIOHTTPSession.send

    async def counted(self, request):  # type: ignore[no-untyped-def]
        seen.append((request.method, request.url.split("/", 3)[3]))
        return await send(self, request)

    monkeypatch.setattr(AIOHTTPSession, "send", counted)
    return lambda: seen


def names(path: str) -> list[str]:
    return [file.path.removeprefix(path) for file in list_files(path)]


def test_a_prefix_lists_what_lies_below_it(bucket: Bucket) -> None:
    for key in ("in/a.csv", "in/b/c.csv", "in/.hidden", "in/_SUCCESS", "in/_tmp/x.csv", "inside.csv", "in/empty/"):
        bucket.put(key, "x")
    assert names(f"{bucket.url}in/") == ["a.csv", "b/c.csv"]
    assert names(f"{bucket.url}in") == ["/a.csv", "/b/c.csv"]
    assert names(f"{bucket.url}in/a.csv") == [""]
    assert names(bucket.url) == ["in/a.csv", "in/b/c.csv", "inside.csv"]
    assert location_of(f"{bucket.url}in", list_files(f"{bucket.url}in")) == f"{bucket.url}in/"


ODD = ["é 😀.csv", "a+b%20c.csv", 'it\'s "quoted".csv', "a;b&c=d?.csv", "k=v/x[1]*.csv", "'; DROP TABLE x; --.csv"]


@pytest.mark.parametrize("key", ODD)
def test_odd_names_are_listed_and_read(key: str, bucket: Bucket) -> None:
    bucket.put(f"odd/{key}", "content")
    (file,) = list_files(f"{bucket.url}odd/")
    assert file.path == f"{bucket.url}odd/{key}"
    assert read_bytes(file.path) == b"content"
    assert list(read_heads([file], 3)) == [(file, b"con")]


def test_a_listing_has_as_many_pages_as_it_needs(bucket: Bucket, requests: Requests) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: bucket.put(f"many/{number:04d}", "x"), range(1200)))
    found = list_files(f"{bucket.url}many/")
    assert [file.name for file in found] == [f"{number:04d}" for number in range(1200)]
    assert sum("list-type=2" in url for _, url in requests()) == 2


def test_a_file_that_landed_a_moment_ago_is_seen(bucket: Bucket) -> None:
    bucket.put("in/a", "1")
    before = list_files(f"{bucket.url}in/")
    bucket.put("in/a", "22")
    bucket.put("in/b", "3")
    after = list_files(f"{bucket.url}in/")
    assert [file.name for file in after] == ["a", "b"]
    assert (before[0].size, after[0].size) == (1, 2)
    assert before[0].version != after[0].version


def test_a_head_is_one_request_of_that_size(bucket: Bucket, requests: Requests) -> None:
    bucket.put("in/large", b"x" * 300_000)
    bucket.put("in/small", b"y" * 10)
    bucket.put("in/empty", b"")
    files = list_files(f"{bucket.url}in/")
    del requests()[:]
    heads = dict(read_heads(files, 1000))
    assert {file.name: len(head) for file, head in heads.items() if isinstance(head, bytes)} == {
        "large": 1000,
        "small": 10,
        "empty": 0,
    }
    assert [method for method, _ in requests()] == ["GET", "GET"]


def test_a_thousand_heads_are_a_thousand_requests(bucket: Bucket, requests: Requests) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda number: bucket.put(f"many/{number:04d}", str(number)), range(1000)))
    files = list_files(f"{bucket.url}many/")
    del requests()[:]
    assert [head for _, head in read_heads(files, 100)] == [str(number).encode() for number in range(1000)]
    assert len(requests()) == 1000


def test_an_object_that_went_is_named_and_the_others_are_read(bucket: Bucket) -> None:
    for key in ("a", "b", "c"):
        bucket.put(f"in/{key}", key)
    files = list_files(f"{bucket.url}in/")
    bucket.delete("in/b")
    a, b, c = (head for _, head in read_heads(files, 10))
    assert (a, c) == (b"a", b"c")
    assert isinstance(b, FindMatchesError)
    assert str(b).startswith(f"No file at '{bucket.url}in/b'.")


def test_a_file_is_read_from_the_first_byte_to_the_last(bucket: Bucket) -> None:
    content = bytes(range(256)) * 50_000
    url = bucket.put("large", content)
    with opened(url) as file:
        assert file.read() == content
    assert read_head(url, 5) == content[:5]


def test_a_file_appears_whole_or_not_at_all(bucket: Bucket) -> None:
    url = bucket.put("out.csv", "old")
    with pytest.raises(ZeroDivisionError), publishing(url) as temporary:
        temporary.write_text(f"half {1 / 0}")
    assert bucket.read("out.csv") == b"old"
    with publishing(url) as temporary:
        temporary.write_text("new")
    assert bucket.read("out.csv") == b"new"
    assert bucket.keys() == ["out.csv"]


def test_a_large_file_is_published_in_parts(bucket: Bucket, requests: Requests) -> None:
    content = b"0123456789abcdef" * 7 * 2**20  # 112 MiB: s3fs sends less in one piece
    with publishing(f"{bucket.url}large.bin") as temporary:
        temporary.write_bytes(content)
    assert bucket.read("large.bin") == content
    assert any("uploadId=" in url for _, url in requests())


@pytest.mark.parametrize(
    ("environment", "path", "message"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "{url}in/", r"Cannot read '.*in/': .*|No file"),
        ({}, "s3://there-is-no-such-bucket/in/", "No file at 's3://there-is-no-such-bucket/in/'"),
        ({}, "{url}nothing/", "No file at '.*nothing/'"),
    ],
    ids=["wrong key", "no bucket", "nothing there"],
)
def test_what_cannot_be_listed_is_said_in_one_line(
    environment: dict[str, str], path: str, message: str, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put("in/a", "1")
    use_server(bucket.server.environment | environment, monkeypatch)
    with pytest.raises(InvalidInputError, match=message) as refused:
        list_files(path.format(url=bucket.url))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("place", ["s3://there-is-no-such-bucket/x.csv"])
def test_what_cannot_be_written_is_said_beforehand(place: str, bucket: Bucket) -> None:
    with pytest.raises(InvalidInputError, match=r"Cannot write 's3://there-is-no-such-bucket/x\.csv'"):
        check_writable(place)


def test_a_wrong_key_can_write_nothing(bucket: Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    use_server(bucket.server.environment | {"AWS_SECRET_ACCESS_KEY": "wrong"}, monkeypatch)
    with pytest.raises(InvalidInputError, match="Cannot write"):
        check_writable(f"{bucket.url}x.csv")


def test_a_local_file_can_go_there(bucket: Bucket, tmp_path: Path) -> None:
    with publishing(f"{bucket.url}deep/er/x.txt") as temporary:
        temporary.write_text("é")
    assert [file.path for file in list_files(f"{bucket.url}deep/")] == [f"{bucket.url}deep/er/x.txt"]
