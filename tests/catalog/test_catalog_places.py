"""Where the catalog is, as FINDMATCHES_CATALOG says it."""

from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.postgresql import PostgresCatalog
from catalog.postgresql_server import address_of
from catalog.tables import list_databases
from errors import InvalidInputError, WorkspaceVersionError
from storage.workspace import Workspace

SECRET = "hush"
AS_IT_SHOULD_BE = r"Write it like postgresql://USER:PASSWORD@HOST:5432/DATABASE, or as the path of a file"


@pytest.mark.parametrize("unset", [None, "", "  "], ids=["not set", "empty", "blank"])
def test_without_a_place_it_is_in_the_workspace(
    unset: str | None, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FINDMATCHES_CATALOG", raising=False)
    if unset is not None:
        monkeypatch.setenv("FINDMATCHES_CATALOG", unset)
    assert Catalog.of(workspace).path == workspace.catalog_path


def test_another_file_keeps_the_catalog_and_the_workspace_the_rest(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FINDMATCHES_CATALOG", "shared/team.duckdb")
    catalog = Catalog.of(workspace)
    with catalog.transaction() as session:
        session.execute("INSERT INTO findmatches.databases VALUES ('sales', now())")
    assert list_databases(Catalog(tmp_path / "shared" / "team.duckdb")) == ["sales"]
    assert catalog.workspace == workspace
    assert not workspace.home.exists()


def test_advice_names_the_variable_that_names_the_file(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINDMATCHES_CATALOG", str(tmp_path / "team.duckdb"))
    with Catalog.of(workspace).transaction() as session:
        session.execute("INSERT INTO findmatches.schema_migrations VALUES (9999, 'of the future', now())")
    with pytest.raises(WorkspaceVersionError, match="or name another catalog in FINDMATCHES_CATALOG"):
        list_databases(Catalog.of(workspace))


@pytest.mark.parametrize(
    "place",
    [
        f"postgresql:ada:{SECRET}@host/db",
        "team.db",
        "postgres",
        f"mysql://ada:{SECRET}@host/db",
        f"s3://{SECRET}/team.duckdb",
        "postgresql://host/db",
        f"postgresql://ada:{SECRET}@host",
        f"postgresql://ada:{SECRET}/1@host/db",
        f"postgresql://ada:{SECRET}#1@host/db",
        f"postgresql://ada:{SECRET}?1@host/db",
        f"postgresql://ada:12/{SECRET}@host/db",
        f"postgresql://ada:{SECRET}@[host/db",
        f"postgresql://ada:x@host:{SECRET}/db",
        f"postgresql://ada:x@host/db/{SECRET}",
        f"postgresql://ada:x@host/db?password={SECRET}",
        f"postgresql://ada:x@host/db?sslmode={SECRET}",
    ],
)
def test_a_place_that_is_none_is_refused_and_not_repeated(
    place: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FINDMATCHES_CATALOG", place)
    with pytest.raises(InvalidInputError, match=f"^FINDMATCHES_CATALOG.*{AS_IT_SHOULD_BE}") as refused:
        Catalog.of(workspace)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("url", "shown", "password"),
    [
        ("postgresql://ada:a%2Fb%20c@Host/team", "postgresql://ada@host:5432/team", "a/b c"),
        ("postgres://ada:a@b@host:99/team", "postgresql://ada@host:99/team", "a@b"),
        ("postgresql://ada:@[::1]/a%20b", "postgresql://ada@[::1]:5432/a b", ""),
    ],
    ids=["written with %", "an @ in the password", "IPv6 and a space"],
)
def test_an_address_is_read(url: str, shown: str, password: str) -> None:
    address = address_of(url)
    assert (str(address), address.password) == (shown, password)
    assert not password or password not in repr(address)


def test_no_text_of_the_catalog_holds_the_password(workspace: Workspace) -> None:
    catalog = PostgresCatalog(f"postgresql://ada:{SECRET}@host/team", workspace)
    assert SECRET not in f"{catalog!r} {catalog} {catalog.address!r} {catalog.name}"
