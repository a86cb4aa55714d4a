"""Connections to other people's databases: the address by name, and where the password is; never the password."""

import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from catalog.database import Catalog
from catalog.session import Session, utc_now
from errors import AlreadyExistsError, EntityNotFoundError, InvalidInputError, closest
from storage.database_urls import Login, checked_url, kind_of
from storage.files import local_path, reason_of
from storage.url_secrets import check_no_secret
from storage.workspace import Workspace

LONGEST_NAME = 255  # letters, Glue's limit
LONGEST_PASSWORD = 2**16  # bytes; a larger file is none


@dataclass(frozen=True)
class Connection:
    """How to reach a database. The password is in the environment variable or the file that is named here, or nowhere.

    `url` is an SQLAlchemy URL without a password.
    """

    name: str
    url: str
    password_env: str | None = None
    password_file: str | None = None
    description: str = ""
    creation_time: datetime | None = None
    last_updated_time: datetime | None = None

    @property
    def kind(self) -> str:
        """postgresql, mysql or mariadb."""
        return kind_of(self.url)


def create_connection(
    catalog: Catalog,
    name: str,
    url: str,
    *,
    password_env: str | None = None,
    password_file: str | None = None,
    description: str = "",
) -> Connection:
    """Remember how to reach a database; whether it can be reached is not tried, nor need the secret be there yet."""
    _check_name(name)
    check_no_secret(description)
    if password_env is not None and password_file is not None:
        raise InvalidInputError("Give either an environment variable or a file for the password, not both.")
    if password_env is not None and not password_env.isidentifier():
        raise InvalidInputError("That is no name of an environment variable. Give its name, not the password itself.")
    file = str(local_path(password_file)) if password_file is not None else None
    now = utc_now()
    made = Connection(name, checked_url(url), password_env, file, description, now, now)
    with catalog.transaction() as session:
        if _read(session, name) is not None:
            raise AlreadyExistsError(
                f"There is a connection '{name}' already. Choose another name, or delete that one first."
            )
        session.insert("connections", asdict(made))
    return made


def get_connection(catalog: Catalog, name: str) -> Connection:
    """Return the connection of that name."""
    with catalog.reading() as session:
        found = _read(session, name)
        known = [row["name"] for row in session.rows("SELECT name FROM findmatches.connections")]
    if found is None:
        raise EntityNotFoundError(
            f"No connection '{name}' in the catalog.{closest(name, known)} `findmatches connection list` lists them."
        )
    return found


def list_connections(catalog: Catalog) -> list[Connection]:
    """Return all connections, by name."""
    with catalog.reading() as session:
        return [Connection(**row) for row in session.rows("SELECT * FROM findmatches.connections ORDER BY name")]


def delete_connection(catalog: Catalog, name: str) -> None:
    """Forget a connection. Tables that were crawled through it stay in the catalog, and cannot be read any more."""
    get_connection(catalog, name)
    with catalog.transaction() as session:
        session.execute("DELETE FROM findmatches.connections WHERE name = ?", (name,))


def login_of(workspace: Workspace, name: str) -> Login:
    """What opens the database of a connection, with the password as it is now where the connection says it is."""
    connection = get_connection(Catalog.of(workspace), name)
    return Login(connection.name, connection.url, _password(connection))


def _password(connection: Connection) -> str | None:
    if connection.password_env is not None:
        return _from_environment(connection.name, connection.password_env)
    if connection.password_file is not None:
        return _from_file(connection.name, Path(connection.password_file))
    return None


def _from_environment(name: str, variable: str) -> str:
    if variable not in os.environ:
        raise InvalidInputError(
            f"Connection '{name}' takes its password from the environment variable {variable}, which is not set. "
            "Set it and run again."
        )
    return os.environ[variable]


def _from_file(name: str, path: Path) -> str:
    """The first line of the file."""
    takes = f"Connection '{name}' takes its password from '{path}', which"
    try:
        with path.open("rb") as file:
            content = file.read(LONGEST_PASSWORD + 1)
    except OSError as error:
        raise InvalidInputError(f"{takes} cannot be read: {reason_of(error)}. Mend that and run again.") from error
    if len(content) > LONGEST_PASSWORD:
        raise InvalidInputError(f"{takes} is too large for a password. Put it alone on the first line of a file.")
    try:
        return content.partition(b"\n")[0].decode("utf-8").removesuffix("\r")
    except UnicodeDecodeError:
        raise InvalidInputError(f"{takes} is no text in UTF-8. Save it as such and run again.") from None


def _check_name(name: str) -> None:
    check_no_secret(name)
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInputError(
            f"A connection's name is one line of 1 to {LONGEST_NAME} letters, and {name[:40]!r} is not."
        )


def _read(session: Session, name: str) -> Connection | None:
    row = session.row("SELECT * FROM findmatches.connections WHERE name = ?", (name,))
    return Connection(**row) if row else None
