"""What tests of several rooms share: no Prefect server, and a table of persons with an answer for every question."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from catalog.database import Catalog
from storage.workspace import Workspace
from tests.servers.catalog_database import catalog_database, catalog_server
from tests.servers.mariadb import mariadb
from tests.servers.moto_server import dynamodb, moto_endpoint, queue
from tests.servers.postgresql_source import postgresql_source
from tests.servers.seaweedfs import bucket, s3_server

# servers are fixtures of all rooms, and start when a test asks for one
__all__ = [
    "bucket",
    "catalog_database",
    "catalog_server",
    "dynamodb",
    "mariadb",
    "moto_endpoint",
    "postgresql_source",
    "queue",
    "s3_server",
]

GIVEN_NAMES = ("anna", "boris", "clara", "dmitri", "elena", "fiona", "gustav", "helga", "igor", "jasmin")
SURNAMES = ("abernathy", "blumenthal", "castellano", "drummond", "eriksson", "fitzgerald")

Answer = Callable[[Path, Path], Path]


@pytest.fixture(autouse=True)
def no_prefect_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests off the server a developer may have set."""
    monkeypatch.delenv("PREFECT_API_URL", raising=False)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace in which nothing was written yet."""
    return Workspace(tmp_path / ".findmatches")


@pytest.fixture
def catalog(workspace: Workspace) -> Catalog:
    """The catalog of `workspace`, empty; it waits at most 20 s for others."""
    return Catalog(workspace.catalog_path, wait_seconds=20)


@pytest.fixture(autouse=True)
def usual_log_level() -> Iterator[None]:
    """Undo what importing flows/ or running a command did to the level of findmatches' log lines."""
    logger = logging.getLogger("findmatches")
    before = logger.level
    logger.setLevel(logging.NOTSET)
    yield
    logger.setLevel(before)


@pytest.fixture
def people_csv(tmp_path: Path) -> Path:
    """A file of 60 persons, every second one twice, once with a slip: p07a and p07b are one person."""
    lines = ["id,name,city,phone"]
    for number in range(60):
        given, surname = GIVEN_NAMES[number % 10], SURNAMES[number // 10]
        rest = f"{SURNAMES[number % 6]}ville {number % 7},0{number * 7919 + 1_000_003}"
        lines.append(f"p{number:02d}a,{given} {surname},{rest}")
        if number % 2:
            lines.append(f"p{number:02d}b,{given} {surname[:-2]}{surname[-1]},{rest}")
    path = tmp_path / "people.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def answer() -> Answer:
    """Label a file of `people_csv` as a careful person would, and save it at another path."""

    def fill(to_label: Path, labelled: Path) -> Path:
        header, *lines = to_label.read_text(encoding="utf-8").splitlines()
        assert header.startswith("labeling_set_id,label,id,"), header
        rows = [line.split(",", 3) for line in lines]
        text = [header, *(f"{set_id},{key[:-1]},{key},{rest}" for set_id, _, key, rest in rows)]
        labelled.write_text("\n".join(text) + "\n", encoding="utf-8")
        return labelled

    return fill
