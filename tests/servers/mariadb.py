"""A MariaDB server whose tables are crawled: Debian's, with a folder of its own, on a free port."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.database_server import DATABASE, PASSWORD, USER, DatabaseServer, free_port, program, running
from tests.servers.database_server import server_folder as folder_of_server

PROGRAMS = ("mariadbd", "mariadb-install-db", "my_print_defaults")
PACKAGES = "mariadb-server-core mariadb-client-core"


@pytest.fixture(scope="session")
def mariadb() -> Iterator[DatabaseServer]:
    """A running server; tests make tables in it under names of their own."""
    mariadbd, install, _ = (program(name, PACKAGES, "/usr/sbin") for name in PROGRAMS)
    base = f"--basedir={Path(mariadbd).resolve().parents[1]}"
    with folder_of_server() as (folder, user):
        data = f"--datadir={folder / 'data'}"
        options = [base, data, "--auth-root-authentication-method=normal", "--skip-test-db"]
        as_user = [f"--user={user}"] if user else []
        subprocess.run([install, "--no-defaults", *options, *as_user], check=True, capture_output=True, cwd="/")
        port, place = free_port(), f"--socket={folder / 'socket'}"
        settings = ["--bind-address=127.0.0.1", f"--port={port}", place, f"--pid-file={folder / 'pid'}"]
        command = [mariadbd, "--no-defaults", base, data, *as_user, *settings, "--innodb-flush-log-at-trx-commit=0"]
        log = folder.with_name(f"{folder.name}.log")
        root = DatabaseServer("mariadb", port, user="root", password="", database="mysql")
        with running(command, None, log, lambda: root.execute("SELECT 1")):
            root.execute(
                f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4",
                f"CREATE USER '{USER}'@'%' IDENTIFIED BY '{PASSWORD}'",
                f"GRANT ALL ON {DATABASE}.* TO '{USER}'@'%'",
            )
            yield DatabaseServer("mariadb", port)
        log.unlink()
