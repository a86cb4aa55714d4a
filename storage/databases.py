"""Other people's databases: opened to read, and what goes wrong there said in one line.

Times are read as UTC, and numbers in full, whatever the server's settings are.
"""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from errors import FindMatchesError, InvalidInputError
from storage.database_urls import DRIVERS, Login

if TYPE_CHECKING:
    from sqlalchemy import Connection

CONNECT_SECONDS = 10
ANSWER_SECONDS = 600  # the longest silence of a server, while it sorts a large table, say
EXTRAS = {"postgresql": "postgresql", "mysql": "mysql", "mariadb": "mysql"}  # what to install, by kind
PORTS = {"postgresql": 5432, "mysql": 3306, "mariadb": 3306}


@contextmanager
def connected(login: Login, database: str) -> Iterator["Connection"]:
    """Open a database of the login's server; what goes wrong inside, and is not the program's fault, is one line.

    Rows come through a cursor of the server's, some at a time. Waits 10 s for the server, and 10 minutes for an
    answer.
    """
    with _said_in_one_line(login, database):
        sqlalchemy = _imported(login.kind)
        engine = sqlalchemy.create_engine(
            login.address(database),
            poolclass=sqlalchemy.NullPool,
            connect_args=_OPTIONS[login.kind](login),
            hide_parameters=True,
        )
        with engine.connect().execution_options(stream_results=True) as connection:
            yield connection


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


def _postgresql_options(login: Login) -> dict[str, Any]:
    """The driver has one time-out for all; so the socket is opened here, and waits longer once it is open."""
    url = login.address("")
    opened = socket.create_connection((url.host, url.port or PORTS[login.kind]), CONNECT_SECONDS)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    opened.settimeout(ANSWER_SECONDS)
    settings = {
        "client_encoding": "UTF8",
        "DateStyle": "ISO",
        "TimeZone": "UTC",
        "extra_float_digits": "1",
        "bytea_output": "hex",
        "default_transaction_read_only": "on",
    }
    return {"sock": opened, "startup_params": settings, "application_name": "findmatches"}


def _mysql_options(login: Login) -> dict[str, Any]:  # noqa: ARG001 - one signature for all
    return {
        "connect_timeout": CONNECT_SECONDS,
        "read_timeout": ANSWER_SECONDS,
        "write_timeout": ANSWER_SECONDS,
        "charset": "utf8mb4",
        "local_infile": False,
        "init_command": "SET time_zone = '+00:00'",
    }


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
    return "", str(told[0]) if told else "no reason given"


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
        case "unreachable" | "2003":
            return f"{who}: no server answers at {place} ({reason}). Check the address, and that it is running."
    return f"{who}: the server at {place} says: {reason}."


def _without_password(text: str, login: Login) -> str:
    """Servers do not repeat passwords; should one, nobody gets to read it."""
    return text.replace(login.password, "***") if login.password else text


_OPTIONS: dict[str, Callable[[Login], dict[str, Any]]] = {
    "postgresql": _postgresql_options,
    "mysql": _mysql_options,
    "mariadb": _mysql_options,
}
