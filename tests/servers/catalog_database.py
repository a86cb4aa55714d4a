"""An empty catalog in PostgreSQL, of which tests get copies: quicker than a new one for each."""

from pathlib import Path

import pytest

from catalog.postgresql import PostgresCatalog
from storage.workspace import Workspace
from tests.servers.database_server import DatabaseServer


@pytest.fixture(scope="session")
def catalog_database(postgresql_source: DatabaseServer) -> str:
    """The name of a database that holds an empty catalog."""
    url = postgresql_source.new_database("catalog_template")
    with PostgresCatalog(url, Workspace(Path("nowhere"))).transaction():
        pass
    return "catalog_template"
