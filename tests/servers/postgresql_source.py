"""A PostgreSQL server whose tables are crawled: Debian's, with a folder of its own, on a free port."""

import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.database_server import DATABASE, PASSWORD, USER, DatabaseServer, free_port, program, running
from tests.servers.database_server import server_folder as folder_of_server

VERSIONS = [f"/usr/lib/postgresql/{version}/bin" for version in range(20, 12, -1)]


@pytest.fixture(scope="session")
def postgresql_source() -> Iterator[DatabaseServer]:
    """A running server; tests make tables in it under names of their own."""
    initdb = program("initdb", "postgresql", *VERSIONS)
    with folder_of_server() as (folder, user):
        data, secret = folder / "data", folder / "password"
        secret.write_text(PASSWORD, encoding="utf-8")
        secret.chmod(0o644)
        options = ["-U", USER, "--pwfile", str(secret), "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N"]
        subprocess.run([initdb, "-D", str(data), *options], user=user, check=True, capture_output=True, cwd="/")
        port = free_port()
        postgres = str(Path(initdb).resolve().with_name("postgres"))
        settings = ["-h", "127.0.0.1", "-k", str(folder), "-p", str(port), "-c", "fsync=off"]
        log = folder.with_name(f"{folder.name}.log")
        first = DatabaseServer("postgresql", port, database="postgres")
        command, at_once = [postgres, "-D", str(data), *settings], signal.SIGINT  # even with connections left open
        with running(command, user, log, lambda: first.execute("SELECT 1"), at_once):
            _make_database(first)
            yield DatabaseServer("postgresql", port)
        log.unlink()


def _make_database(server: DatabaseServer) -> None:
    import pg8000.native

    with pg8000.native.Connection(
        server.user, password=server.password, host=server.host, port=server.port, database="postgres"
    ) as connection:
        connection.run(f"CREATE DATABASE {DATABASE}")
