"""A database server with no table in it."""

from collections.abc import Iterator

import pytest

from tests.servers.database_server import DatabaseServer
from tests.servers.described import drop_all


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Iterator[DatabaseServer]:
    """One of the servers, with no table in it."""
    found: DatabaseServer = request.getfixturevalue(request.param)
    drop_all(found)
    yield found
    drop_all(found)
