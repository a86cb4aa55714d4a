import os
import time
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest
from fsspec.implementations.memory import MemoryFileSystem

from errors import InvalidInputError
from storage.files import StoredFile, filesystem_of, list_files, location_of, opened, read_bytes, read_head


@pytest.fixture
def memory() -> Iterator[MemoryFileSystem]:
    """A remote store without a network."""
    filesystem = fsspec.filesystem("memory", use_listings_cache=False)
    filesystem.store.clear()
    filesystem.pseudo_dirs[:] = [""]
    yield filesystem
    filesystem.store.clear()


def names(files: list[StoredFile]) -> list[str]:
    return [file.name for file in files]


def test_a_file_lists_itself_with_its_size_and_version(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_bytes(b"id,name\n")
    assert list_files(str(path)) == [StoredFile(str(path), 8, str(path.stat().st_mtime_ns))]


def test_a_folder_lists_the_files_of_all_levels_in_order_of_their_paths(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", "deep/er/c.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    assert names(list_files(str(tmp_path))) == ["a.csv", "b.csv", "c.csv"]


@pytest.mark.parametrize("name", [".hidden.csv", "_SUCCESS", ".git/config", "_temporary/0/part.csv"])
def test_names_that_start_with_a_dot_or_underscore_are_not_listed(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_text("x")
    (tmp_path / "seen.csv").write_text("x")
    assert names(list_files(str(tmp_path))) == ["seen.csv"]


def test_a_hidden_file_that_is_named_is_listed(tmp_path: Path) -> None:
    (tmp_path / "_people.csv").write_text("x")
    assert names(list_files(str(tmp_path / "_people.csv"))) == ["_people.csv"]


def test_an_empty_folder_lists_nothing(tmp_path: Path) -> None:
    assert list_files(str(tmp_path)) == []


def test_a_file_url_is_a_local_path(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert list_files(f"file://{tmp_path}/a.csv") == list_files(str(tmp_path / "a.csv"))


def test_a_relative_path_is_listed_as_an_absolute_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.csv").write_text("x")
    monkeypatch.chdir(tmp_path)
    assert list_files("a.csv")[0].path == str(tmp_path / "a.csv")


def test_the_version_changes_when_the_content_does(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("x")
    before = list_files(str(path))
    path.write_text("y")
    os.utime(path, ns=(time.time_ns(), before_ns := int(before[0].version) + 1))
    assert list_files(str(path)) == [StoredFile(str(path), 1, str(before_ns))]


def test_a_missing_file_is_named_with_its_nearest_sibling(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("x")
    with pytest.raises(
        InvalidInputError, match=r"^No file at '.*peple\.csv'\. Did you mean 'people\.csv'\? Give a file"
    ):
        list_files(str(tmp_path / "peple.csv"))


def test_a_path_below_a_file_is_missing(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("x")
    with pytest.raises(InvalidInputError, match=r"^No file at '.*people\.csv/x'"):
        list_files(str(tmp_path / "people.csv" / "x"))


def test_no_path_at_all_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="No path given"):
        list_files(" ")


def test_a_pipe_is_neither_file_nor_folder(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InvalidInputError, match="neither a file nor a folder"):
        list_files(str(tmp_path / "pipe"))


def test_the_head_is_no_longer_than_asked_and_the_rest_is_there(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"0123456789")
    assert read_head(str(path), 4) == b"0123"
    assert read_head(str(path), 99) == b"0123456789"
    assert read_bytes(str(path)) == b"0123456789"


def test_reading_a_folder_says_why_it_fails(tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"^Cannot read '.*': Is a directory\.$"):
        read_bytes(str(tmp_path))


def test_the_location_of_a_folder_ends_with_a_slash(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x")
    assert location_of(str(tmp_path), list_files(str(tmp_path))) == f"{tmp_path}/"
    assert location_of(f"{tmp_path}/a.csv", list_files(f"{tmp_path}/a.csv")) == f"{tmp_path}/a.csv"


def test_a_remote_prefix_lists_visible_files_only(memory: MemoryFileSystem) -> None:
    for name in ("b.csv", "a.csv", "_SUCCESS", "year=2017/c.csv", ".tmp/d.csv"):
        memory.pipe(f"/bucket/data/{name}", b"12345")
    memory.mkdir("/bucket/data/empty")
    found = list_files("memory://bucket/data/")
    assert [(file.path, file.size) for file in found] == [
        (f"memory:///bucket/data/{name}", 5) for name in ("a.csv", "b.csv", "year=2017/c.csv")
    ]
    assert location_of("memory://bucket/data", found) == "memory:///bucket/data/"


def test_a_remote_file_lists_itself_and_is_read(memory: MemoryFileSystem) -> None:
    memory.pipe("/bucket/a.csv", b"0123456789")
    (file,) = list_files("memory://bucket/a.csv")
    assert (file.name, file.size) == ("a.csv", 10)
    assert file.version
    assert location_of("memory://bucket/a.csv", [file]) == file.path
    assert read_head(file.path, 3) == b"012"
    assert read_bytes(file.path) == b"0123456789"


def test_a_remote_file_that_landed_just_now_is_seen(memory: MemoryFileSystem) -> None:
    memory.pipe("/bucket/a.csv", b"1")
    assert names(list_files("memory://bucket")) == ["a.csv"]
    memory.pipe("/bucket/b.csv", b"1")
    assert names(list_files("memory://bucket")) == ["a.csv", "b.csv"]


@pytest.mark.usefixtures("memory")
def test_a_missing_remote_file_is_named() -> None:
    with pytest.raises(InvalidInputError, match=r"^No file at 'memory://bucket/none'\. Check the bucket"):
        list_files("memory://bucket/none")
    with pytest.raises(InvalidInputError, match=r"^No file at 'memory://bucket/none'"), opened("memory://bucket/none"):
        pass


def test_s3_takes_its_endpoint_from_the_environment_and_keeps_no_listings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:8333")
    fsspec.filesystem("s3").clear_instance_cache()
    filesystem = filesystem_of("s3://bucket/people.csv")
    filesystem.connect()
    assert filesystem.s3.meta.endpoint_url == "http://127.0.0.1:8333"
    assert not filesystem.dircache.use_listings_cache
    filesystem.clear_instance_cache()


@pytest.mark.parametrize("url", ["nowhere://x/a.csv", "gopher2://x"])
def test_an_unknown_kind_of_url_is_refused(url: str) -> None:
    with pytest.raises(InvalidInputError, match=f"^Cannot reach '{url}': .*Give a local path or an s3:// URL"):
        list_files(url)
