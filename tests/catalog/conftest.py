"""The catalog as both databases keep it: what holds for one holds for the other."""

import pytest

from catalog.database import Catalog
from catalog.postgresql import PostgresCatalog
from storage.workspace import Workspace
from tests.servers.database_server import DatabaseServer

in_duckdb = pytest.mark.parametrize("catalog", ["duckdb"], indirect=True)  # of its file, or the views in it
in_postgresql = pytest.mark.parametrize("catalog", ["postgresql"], indirect=True)


@pytest.fixture(params=["duckdb", "postgresql"])
def catalog(request: pytest.FixtureRequest, workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    """The catalog of `workspace`, empty; it waits at most 20 s for others."""
    if request.param == "duckdb":
        return Catalog(workspace.catalog_path, wait_seconds=20)
    server: DatabaseServer = request.getfixturevalue("catalog_server")
    url = server.new_database("catalog", like=request.getfixturevalue("catalog_database"))
    monkeypatch.setenv("FINDMATCHES_CATALOG", url)
    return PostgresCatalog(url, workspace, wait_seconds=20)
