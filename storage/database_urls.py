"""The address of a database: an SQLAlchemy URL without a password, such as postgresql://reader@db.example.org/shop."""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from errors import InvalidInputError, closest

if TYPE_CHECKING:
    from sqlalchemy import URL

DRIVERS = {"postgresql": "pg8000", "mysql": "pymysql", "mariadb": "pymysql"}
EXAMPLE = "postgresql://USER@HOST:5432/DATABASE"
ELSEWHERE = "Leave it out of the URL, and give --password-env VARIABLE or --password-file PATH."


@dataclass(frozen=True)
class Login:
    """What opens a database: `name` is that of the connection, for messages; the password is in no text of it."""

    name: str
    url: str
    password: str | None = field(default=None, repr=False)

    @property
    def kind(self) -> str:
        """postgresql, mysql or mariadb: Glue's classification of the tables there."""
        return kind_of(self.url)

    def address(self, database: str) -> "URL":
        """The URL with the driver that is used, of another database of the same server."""
        from sqlalchemy import make_url

        dialect = "postgresql" if self.kind == "postgresql" else "mysql"  # that of MariaDB refuses a server of MySQL
        url = make_url(self.url)
        return url.set(drivername=f"{dialect}+{DRIVERS[self.kind]}", password=self.password, database=database)


def checked_url(url: str) -> str:
    """The URL as it may be kept; one with a password in it, or of a database that cannot be read, is refused.

    The message never repeats the URL: whatever is in it may be secret.

    >>> checked_url("postgresql://reader@localhost/shop")
    'postgresql://reader@localhost/shop'
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url.strip())
    except (ArgumentError, ValueError) as error:
        raise InvalidInputError(f"That is no URL of a database. Write it like {EXAMPLE}.") from error
    if parsed.password is not None:
        raise InvalidInputError(f"The URL has a password in it, and the catalog keeps none. {ELSEWHERE}")
    if parsed.query:
        raise InvalidInputError(
            f"The URL has options after '?', which are not used and may be secret. Write it like {EXAMPLE}."
        )
    _check_kind(url)
    if not (parsed.username and parsed.host and parsed.database):
        missing = next(
            part
            for part, value in (("user", parsed.username), ("host", parsed.host), ("database", parsed.database))
            if not value
        )
        raise InvalidInputError(f"The URL names no {missing}. Write it like {EXAMPLE}.")
    return url.strip()


def kind_of(url: str) -> str:
    """What kind of database a URL leads to.

    >>> kind_of("mysql+pymysql://reader@localhost/shop")
    'mysql'
    """
    return url.partition(":")[0].partition("+")[0].strip().lower()


def _check_kind(url: str) -> None:
    kind, driver = kind_of(url), url.partition(":")[0].partition("+")[2].strip().lower()
    if kind not in DRIVERS:
        hint = closest(kind, DRIVERS)
        raise InvalidInputError(f"No database of the kind '{kind}' can be read.{hint} There are: {', '.join(DRIVERS)}.")
    if driver not in {"", DRIVERS[kind]}:
        shown = driver if re.fullmatch(r"\w{1,30}", driver) else "that"
        raise InvalidInputError(f"The driver '{shown}' is not used. Write the URL as {kind}://…")
