"""Files to crawl."""

from collections.abc import Callable
from pathlib import Path

import pytest

from crawling.table import CrawledTable, crawl_table
from storage.files import list_files, location_of

Write = Callable[[str, "str | bytes"], Path]
Crawl = Callable[..., CrawledTable]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of the folder `files`."""

    def write_file(name: str, content: str | bytes) -> Path:
        path = tmp_path / "files" / name
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write_file


@pytest.fixture
def crawl() -> Crawl:
    """Crawl a file or folder."""

    def crawl_path(path: Path | str, name: str | None = None, header: bool | None = None) -> CrawledTable:
        files = list_files(str(path))
        return crawl_table(location_of(str(path), files), files, name=name, header=header)

    return crawl_path


@pytest.fixture
def types(write: Write, crawl: Crawl) -> Callable[..., dict[str, str]]:
    """Write a file, crawl it, and give its columns' types by their names."""

    def types_of(name: str, content: str | bytes, header: bool | None = None) -> dict[str, str]:
        table = crawl(write(name, content), header=header)
        return {column.name: column.type for column in table.columns}

    return types_of
