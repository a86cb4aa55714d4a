"""Other people's databases: opened to read, and what goes wrong there said in one line.

Times are read as UTC, and numbers in full, whatever the server's settings are.
"""

import logging
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from errors import FindMatchesError, InvalidInputError
from storage.database_urls import DRIVERS, Login

if TYPE_CHECKING:
    from sqlalchemy import Connection

QUIET = "findmatches"  # what SQLAlchemy's own log of a broken connection is called, which nobody needs to see
CONNECT_SECONDS = 10
ANSWER_SECONDS = 600  # the longest silence of a server, while it sorts a large table, say
EXTRAS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}  # what to install, by kind
_POSTGRESQL_SETTINGS = {"DateStyle": "ISO", "TimeZone": "UTC"}  # a pooler in between takes no others at the start
_FIRST = {"postgresql": ("SET TRANSACTION READ ONLY", "SET extra_float_digits = 1")}
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}


@contextmanager
def connected(login: Login, database: str) -> Iterator["Connection"]:
    """Open a database of the login's server; what goes wrong inside, and is not the program's fault, is one line.

    Waits 10 s for the server, and 10 minutes for an answer.
    """
    logging.getLogger(f"sqlalchemy.pool.impl.NullPool.{QUIET}").setLevel(logging.CRITICAL)
    with _said_in_one_line(login, database):
        sqlalchemy = _imported(login.kind)
        engine = sqlalchemy.create_engine(
            login.address(database),
            poolclass=sqlalchemy.NullPool,
            pool_logging_name=QUIET,
            hide_parameters=True,
            **_OPTIONS[login.kind](login, database),
        )
        with engine.connect() as connection:
            for statement in _FIRST.get(login.kind, ()):
                connection.exec_driver_sql(statement)
            with _left_at_once(connection.connection.driver_connection):
                yield connection


@contextmanager
def _left_at_once(driver: Any) -> Iterator[None]:
    """After an error, keep PyMySQL from reading the rest of the rows, or from complaining that it cannot."""
    try:
        yield
    except BaseException:
        result: Any = getattr(driver, "_result", None)
        if result is not None and result.unbuffered_active:
            result.unbuffered_active = False
            driver._force_close()  # noqa: SLF001 close() would wait for the rest
        raise


def _imported(kind: str) -> Any:
    """SQLAlchemy, with the driver there too."""
    from importlib import import_module

    try:
        import_module(DRIVERS[kind])
        return import_module("sqlalchemy")
    except ImportError as error:
        raise InvalidInputError(
            f"The driver for {kind} is not installed. Run: pip install 'findmatches[{EXTRAS[kind]}]'"
        ) from error


def _postgresql_options(login: Login, database: str) -> dict[str, Any]:
    """The driver has one time-out for all; so the socket is opened here, and waits longer once it is open.

    The connection is encrypted where the server can do that.
    """
    url = login.address(database)

    def opened() -> Any:
        from pg8000.dbapi import Connection

        place = (url.host or "", url.port or PORTS[login.kind])
        with _closed_on_error(socket.create_connection(place, CONNECT_SECONDS)) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            sock.settimeout(ANSWER_SECONDS)
            return Connection(
                user=url.username,
                host=url.host,
                database=database,
                password=login.password,
                application_name="findmatches",
                startup_params=_POSTGRESQL_SETTINGS,
                sock=sock,
            )

    return {"creator": opened}


@contextmanager
def _closed_on_error(sock: socket.socket) -> Iterator[socket.socket]:
    try:
        yield sock
    except BaseException:
        sock.close()
        raise


def _mysql_options(login: Login, database: str) -> dict[str, Any]:  # noqa: ARG001 - one signature for all
    arguments = {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
        "charset": "utf8mb4",
        "local_infile": False,
        "init_command": "SET time_zone = '+00:00'",
        "password": (login.password or "").encode(),  # PyMySQL takes a text for latin-1
    }
    return {"connect_args": arguments}


@contextmanager
def _said_in_one_line(login: Login, database: str) -> Iterator[None]:
    try:
        yield
    except FindMatchesError:
        raise
    except Exception as error:
        code, words = _reason(error)
        if words is None:
            raise
        raise InvalidInputError(_without_password(_sentence(login, database, code, words), login)) from None


def _reason(error: Exception) -> tuple[str, str | None]:
    """The server's number for what is wrong, and its words; no words where it is the program that is wrong."""
    if isinstance(error, OSError):
        return "unreachable", error.strerror or str(error) or "no answer"
    original = getattr(error, "orig", None)
    module = type(original or error).__module__.partition(".")[0]
    if module not in DRIVERS.values():
        return "", None
    told = (original or error).args
    if told and isinstance(told[0], dict):  # pg8000: the fields of PostgreSQL's message
        return str(told[0].get("C", "")), str(told[0].get("M", "no reason given"))
    if len(told) > 1 and isinstance(told[0], int):  # PyMySQL
        return str(told[0]), str(told[1])
    words = str(told[0]) if told else "no reason given"
    return "unreachable" if words in {"network error", "communication error"} else "", words


def _sentence(login: Login, database: str, code: str, words: str) -> str:
    url = login.address(database)
    who = f"Connection '{login.name}'"
    place = f"{url.host}:{url.port or PORTS[login.kind]}"
    reason = " ".join(words.split()).rstrip(".")
    match code:
        case "28P01" | "28000" | "1045" | "1698":
            where = "the password is not right" if login.password else "it needs a password"
            return f"{who}: the server at {place} refuses user '{url.username}': {where} ({reason})."
        case "3D000" | "1049":
            return f"{who}: there is no database '{database}' on the server at {place}."
        case "42501" | "1044" | "1142" | "1143":
            return f"{who}: user '{url.username}' may not read that in database '{database}' ({reason})."
        case "42P01" | "42703" | "1146" | "1054":
            return f"{who}: {reason}. Crawl again if the table changed."
        case "unreachable" | "2003" | "2006" | "2013":
            return f"{who}: no server answers at {place} ({reason}). Check the address, and that it is running."
    return f"{who}: the server at {place} says: {reason}."


def _without_password(text: str, login: Login) -> str:
    """Servers do not repeat passwords; should one, nobody gets to read it."""
    return text.replace(login.password, "***") if login.password else text


_OPTIONS: dict[str, Callable[[Login, str], dict[str, Any]]] = {
    "postgresql": _postgresql_options,
    "mysql": _mysql_options,
    "mariadb": _mysql_options,
}
