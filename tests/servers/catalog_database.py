"""PostgreSQL for catalogs, and an empty catalog there of which tests get copies: quicker than a new one for each."""

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from catalog.postgresql import PostgresCatalog
from storage.workspace import Workspace
from tests.servers.database_server import DatabaseServer

GIVEN = "FINDMATCHES_TEST_POSTGRESQL"


@pytest.fixture(scope="session")
def catalog_server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """The server that FINDMATCHES_TEST_POSTGRESQL gives, by the URL of one who may make databases; else one of ours."""
    if url := os.environ.get(GIVEN):
        server = _given(url)
        yield server
        server.drop_made()
    else:
        yield request.getfixturevalue("postgresql_source")


@pytest.fixture(scope="session")
def catalog_database(catalog_server: DatabaseServer) -> str:
    """The name of a database that holds an empty catalog."""
    url = catalog_server.new_database("catalog_template")
    with PostgresCatalog(url, Workspace(Path("nowhere"))).transaction():
        pass
    return urlsplit(url).path[1:]


def _given(url: str) -> DatabaseServer:
    parts = urlsplit(url)
    return DatabaseServer(
        "postgresql",
        parts.port or 5432,
        host=parts.hostname or "127.0.0.1",
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path[1:]) or "postgres",
    )
