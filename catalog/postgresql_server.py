"""A server of PostgreSQL: its address, how it is reached, and what it says when something is wrong."""

import os
import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from catalog.places import VARIABLE, WRITE_IT
from errors import CatalogBusyError, CatalogUnreachableError, FindMatchesError, InvalidInputError

if TYPE_CHECKING:
    from pg8000.dbapi import Connection

CONNECT_SECONDS = 10
ANSWER_SECONDS = 600
SCHEMES = ("postgresql", "postgres")
SSL_MODES = ("disable", "prefer", "require", "verify-full")
FULL = ("53300", "57P03")  # too many connections; still starting
_LOST = ("network error", "communication error", "connection is closed")


@dataclass(frozen=True)
class Address:
    """Where a database is, and who opens it; the password is in no text of it."""

    user: str
    host: str
    port: int
    database: str
    password: str | None = field(default=None, repr=False)
    ssl_mode: str = "prefer"

    def __str__(self) -> str:
        """The address as messages have it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"postgresql://{self.user}@{host}:{self.port}/{self.database}"


def address_of(url: str) -> Address:
    """Read the URL of a database; without a password in it, that of PGPASSWORD is taken.

    What is wrong with it is said without repeating it: whatever is in it may be secret.

    >>> str(address_of("postgresql://ada:secret@db.example.org/team"))
    'postgresql://ada@db.example.org:5432/team'
    """
    parts, port = _split(url.strip())
    database = unquote(parts.path.removeprefix("/"))
    if not (parts.hostname and parts.username and database) or parts.fragment or "/" in database:
        raise _no_address("It needs a user, a host and a database; signs such as / ? # @ in a password are written %2F")
    return Address(
        user=unquote(parts.username),
        host=parts.hostname,
        port=port,
        database=database,
        password=os.environ.get("PGPASSWORD") if parts.password is None else unquote(parts.password),
        ssl_mode=_ssl_mode(parts.query),
    )


def _split(url: str) -> tuple[SplitResult, int]:
    try:
        parts = urlsplit(url)
        port = parts.port or 5432
    except ValueError:
        raise _no_address("Its port is no number, or signs in the password are not written like %2F") from None
    if parts.scheme not in SCHEMES:
        kind = f"'{parts.scheme}'" if re.fullmatch(r"[a-z0-9+]{1,20}", parts.scheme) else "that"
        raise InvalidInputError(f"{VARIABLE}: a catalog cannot be kept in {kind}. {WRITE_IT}.")
    return parts, port


def _ssl_mode(query: str) -> str:
    options = parse_qs(query, keep_blank_values=True)
    if options.keys() - {"sslmode"}:
        raise _no_address("Of options after '?' it can have sslmode alone")
    mode = options.get("sslmode", ["prefer"])[-1]
    if mode not in SSL_MODES:
        raise _no_address(f"sslmode is one of {', '.join(SSL_MODES)}")
    return mode


def _no_address(why: str) -> InvalidInputError:
    return InvalidInputError(f"{VARIABLE} is no address of a PostgreSQL database. {why}. {WRITE_IT}.")


def opened(address: Address) -> "Connection":
    """Open a connection: 10 s to reach the server, 10 minutes for each of its answers."""
    driver = postgresql_driver()
    with said_in_one_line(address, Doing.CONNECTING):
        sock = socket.create_connection((address.host, address.port), CONNECT_SECONDS)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
            made: Connection = driver.Connection(
                user=address.user,
                password=address.password,
                host=address.host,
                database=address.database,
                application_name=f"findmatches {socket.gethostname()[:30]} PID {os.getpid()}",
                ssl_context=_ssl_context(address.ssl_mode),
                sock=sock,
            )
            made._usock.settimeout(ANSWER_SECONDS)  # noqa: SLF001 encryption has put another socket in the place of ours
        except BaseException:
            sock.close()
            raise
    return made


def _ssl_context(mode: str) -> Any:
    """What the driver takes for each mode: None encrypts where the server can, True asks for it, False never does."""
    if mode == "verify-full":
        import ssl

        return ssl.create_default_context()
    return {"disable": False, "prefer": None, "require": True}[mode]


def postgresql_driver() -> Any:
    """The driver's module, or one line that says how to install it."""
    try:
        import pg8000.dbapi
    except ImportError as error:
        raise InvalidInputError(
            "The driver for a catalog in PostgreSQL is not installed. Run: pip install 'findmatches[postgresql]'"
        ) from error
    return pg8000.dbapi


def code_of(error: BaseException) -> str:
    """PostgreSQL's five signs for what is wrong; empty where the error is not the server's."""
    fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
    return str(fields.get("C", ""))


class Doing(Enum):
    """What was going on when something went wrong, and what that means for the catalog."""

    CONNECTING = ""
    WORKING = "Nothing was written. Look"
    COMMITTING = "Whether the last write was kept is not known: look"


@contextmanager
def said_in_one_line(address: Address, doing: Doing = Doing.WORKING) -> Iterator[None]:
    """Turn what the network, the driver or the server complain of into one line for people; bugs stay bugs."""
    try:
        yield
    except OSError as error:
        raise _unreachable(address, doing, error.strerror or str(error) or "no answer") from None
    except postgresql_driver().Error as error:
        fields = error.args[0] if error.args and isinstance(error.args[0], dict) else {}
        words = " ".join(str(fields.get("M") or error).split()).rstrip(".")
        said = _refused(address, code_of(error), words) if fields else _broken(address, doing, words)
        if said is None:
            raise
        raise said from None


def _unreachable(address: Address, doing: Doing, reason: str) -> InvalidInputError:
    if doing is Doing.CONNECTING:
        text = f"no server answers ({reason}). Check the address, and that it is running."
    else:
        text = f"the connection was lost ({reason}). {doing.value} that the server is running, and run again."
    return _told(address, text, InvalidInputError if doing is Doing.COMMITTING else CatalogUnreachableError)


def _broken(address: Address, doing: Doing, words: str) -> InvalidInputError | None:
    if words in _LOST:
        return _unreachable(address, doing, words)
    if words == "Server refuses SSL":
        return _told(address, "the server does not encrypt, and sslmode asks for it. Turn it on there.")
    return None


def _refused(address: Address, code: str, words: str) -> FindMatchesError | None:
    """What the server said, in words for people; None where the program is wrong."""
    match code:
        case "28P01" | "28000":
            return _told(address, f"the server refuses the user or the password ({words}).")
        case "3D000":
            return _told(address, f"{words}. Create the database, or name another in {VARIABLE}.")
        case "42501":
            return _told(address, f"{words}. The user must be allowed to make, read and write a schema findmatches.")
        case "25006":
            return _told(address, f"{words}: this server is for reading. Name the one that takes writes.")
        case "22021" | "22P05":
            return _told(address, f"there is a sign in the data that the server cannot keep ({words}). Take it out.")
        case "40001" | "40P01":
            return CatalogBusyError(f"Catalog '{address}' was changed by others at the same moment. Run again.")
    if code.startswith(("08", "53", "57", "58")):
        return _told(address, f"the server says: {words}. Run again when it is well.")
    return None


def _told(address: Address, text: str, kind: type[InvalidInputError] = InvalidInputError) -> InvalidInputError:
    return kind(f"Catalog '{address}': {text}")
