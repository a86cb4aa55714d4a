"""What the database servers of tests have in common: a port, a user who is not root, and a folder of their own."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

USER, PASSWORD, DATABASE = "reader", "pä ss:w@rd/%s?#", "shop"
PATIENCE_SECONDS = 60


@dataclass(frozen=True)
class DatabaseServer:
    """A running server with the database `shop` and a user who may do everything in it."""

    kind: str
    port: int
    host: str = "127.0.0.1"
    user: str = USER
    password: str = PASSWORD
    database: str = DATABASE
    made: list[str] = field(default_factory=list, compare=False)

    @property
    def url(self) -> str:
        """Its URL, without the password."""
        return f"{self.kind}://{self.user}@{self.host}:{self.port}/{self.database}"

    def quoted(self, name: str) -> str:
        """A name as the server's SQL has it."""
        sign = '"' if self.kind == "postgresql" else "`"
        return sign + name.replace(sign, 2 * sign) + sign

    @property
    def path(self) -> str:
        """The include path of all tables."""
        return f"{self.database}/public/%" if self.kind == "postgresql" else f"{self.database}/%"

    def table(self, name: str) -> str:
        """The include path of one table."""
        return self.path[:-1] + name

    def new_database(self, name: str, like: str = "template1") -> str:
        """Make a database whose name begins with `name`, a copy of another one; return its URL with the password."""
        unique = f"{name}_{uuid4().hex[:12]}"
        self.configure(f"CREATE DATABASE {unique} TEMPLATE {like}")
        self.made.append(unique)
        return f"postgresql://{quote(self.user)}:{quote(self.password, safe='')}@{self.host}:{self.port}/{unique}"

    def drop_made(self) -> None:
        """Drop the databases that `new_database` made, whoever is in them."""
        while self.made:
            self.configure(f"DROP DATABASE IF EXISTS {self.made.pop()} WITH (FORCE)")

    def configure(self, statement: str) -> Any:
        """Run a statement of PostgreSQL that cannot be in a transaction; returns its rows."""
        import pg8000.native

        with pg8000.native.Connection(
            self.user, password=self.password, host=self.host, port=self.port, database=self.database
        ) as connection:
            return connection.run(statement)

    def execute(self, *statements: str, rows: Sequence[Sequence[Any]] = ()) -> None:
        """Run statements as they are, and commit; the last one once for each of `rows`, where there are any."""
        connection = _DRIVERS[self.kind](self)
        try:
            cursor = connection.cursor()
            for statement in statements[: len(statements) - bool(rows)]:
                cursor.execute(statement)
            if rows:
                cursor.executemany(statements[-1], rows)
            connection.commit()
        finally:
            connection.close()


def _postgresql(server: DatabaseServer) -> Any:
    import pg8000.dbapi

    return pg8000.dbapi.connect(
        user=server.user, password=server.password, host=server.host, port=server.port, database=server.database
    )


def _mysql(server: DatabaseServer) -> Any:
    import pymysql

    return pymysql.connect(
        user=server.user,
        password=server.password.encode(),
        host=server.host,
        port=server.port,
        database=server.database,
    )


_DRIVERS: dict[str, Callable[[DatabaseServer], Any]] = {
    "postgresql": _postgresql,
    "mysql": _mysql,
    "mariadb": _mysql,
}


def program(name: str, package: str, *folders: str) -> str:
    """The path of a server's program; without it the test is skipped, on CI it fails."""
    found = shutil.which(name, path=os.pathsep.join([os.environ.get("PATH", ""), *folders]))
    if found:
        return found
    reason = f"there is no {name} here; apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def server_folder() -> Iterator[tuple[Path, str | None]]:
    """A folder for a server, and the user to run it as, who owns the folder: another than root, where root asks."""
    folder = Path(tempfile.mkdtemp(prefix="findmatches-server-"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    try:
        yield folder, user
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(
    command: Sequence[str], user: str | None, log: Path, ready: Callable[[], None], stop: int = signal.SIGTERM
) -> Iterator[None]:
    """Run a server until the block ends, and `stop` it then; the block begins when `ready` raises no more."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT, user=user, cwd="/")
    try:
        _wait(process, log, ready)
        yield
    finally:
        process.send_signal(stop)
        process.wait(PATIENCE_SECONDS)


def _wait(process: "subprocess.Popen[bytes]", log: Path, ready: Callable[[], None]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return ready()
        except Exception as error:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"the server did not start:\n{log.read_text(errors='replace')}") from error
            time.sleep(0.2)
