"""docs/catalog.md: its commands print what it shows, and its list of tables is that of the migrations."""

import os
from pathlib import Path

import pytest

from catalog.database import Catalog
from tests.docs.doc_pages import ROOT, Reader, check_part
from tests.servers.database_server import DatabaseServer

PAGE = ROOT / "docs" / "catalog.md"
ADDRESS = "postgresql://ada:secret@db.example.org/team"  # stands in the page for the server of the tests
MARK = "<!-- generated: FINDMATCHES_GOLDEN=rewrite writes this list anew -->\n"


@pytest.mark.golden
def test_catalog_prints_what_it_shows(reader: Reader, postgresql_source: DatabaseServer) -> None:
    page, url = PAGE.read_text(encoding="utf-8"), postgresql_source.new_database("docs")
    assert ADDRESS in page
    check_part(PAGE, page, reader.follow(page.replace(ADDRESS, url)).replace(url, ADDRESS))


def tables(folder: Path) -> str:
    """The tables of a new catalog with their columns, as a table of the page."""
    with Catalog(folder / "catalog.duckdb").transaction() as session:
        rows = session.rows(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'findmatches'"
            " ORDER BY table_name, ordinal_position"
        )
    columns: dict[str, list[str]] = {}
    for row in rows:
        columns.setdefault(row["table_name"], []).append(f"`{row['column_name']}`")
    lines = [f"| `{name}` | {', '.join(inside)} |" for name, inside in columns.items()]
    return "\n".join(["| table | columns |", "|---|---|", *lines]) + "\n"


@pytest.mark.golden
def test_the_list_of_tables_is_that_of_the_migrations(tmp_path: Path) -> None:
    before, mark, _ = PAGE.read_text(encoding="utf-8").partition(MARK)
    now = f"{before}{mark}\n{tables(tmp_path)}"
    if os.environ.get("FINDMATCHES_GOLDEN") == "rewrite":
        PAGE.write_text(now, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == now
