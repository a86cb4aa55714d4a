"""docs/databases.md, followed on a real PostgreSQL server that stands for the one on the page."""

import re

import pytest

from tests.docs.doc_pages import ROOT, Reader, check_part
from tests.servers.database_server import DatabaseServer

PAGE = ROOT / "docs" / "databases.md"
ON_THE_PAGE = "db.example.org:5432"
COLUMNS = re.compile(r"^(name +url +password)$", re.MULTILINE)


@pytest.mark.golden
def test_the_page_prints_what_it_shows(reader: Reader, postgresql_source: DatabaseServer) -> None:
    postgresql_source.execute(
        "DROP SCHEMA public CASCADE",
        "CREATE SCHEMA public",
        "CREATE TABLE old_customers (id int PRIMARY KEY)",
        "CREATE TABLE customers (id int PRIMARY KEY, name varchar(30), city varchar(30))",
        "INSERT INTO customers VALUES (2, 'ada lovelac', 'london'), (3, 'grace hopper', 'new york')",
        "INSERT INTO customers VALUES (1, 'ada lovelace', 'london')",
        "ALTER USER reader PASSWORD 'correct-horse'",
    )
    here = f"{postgresql_source.host}:{postgresql_source.port}"
    page = PAGE.read_text(encoding="utf-8")
    try:
        now = reader.follow(page.replace(ON_THE_PAGE, here)).replace(here, ON_THE_PAGE)
    finally:
        password = postgresql_source.password.replace("'", "''")
        again = DatabaseServer("postgresql", postgresql_source.port, password="correct-horse")
        again.execute(f"ALTER USER reader PASSWORD '{password}'", "DROP TABLE customers, old_customers")
    check_part(PAGE, _without_widths(page), _without_widths(now))


def _without_widths(page: str) -> str:
    """The page as it is where addresses have another length: tables are as wide as their widest cell."""
    return COLUMNS.sub(lambda heading: " ".join(heading[1].split()), re.sub(r"(\S) {2,}(?=in the env)", r"\1 ", page))
