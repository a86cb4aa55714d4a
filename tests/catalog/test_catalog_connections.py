"""Connections: kept by name, with the place of the password and never with the password."""

from pathlib import Path

import pytest

from catalog.connections import (
    create_connection,
    delete_connection,
    get_connection,
    list_connections,
    login_of,
)
from catalog.database import Catalog
from errors import AlreadyExistsError, EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tests.catalog.conftest import in_duckdb

URL = "postgresql://reader@localhost/shop"


def test_a_connection_is_what_was_given(catalog: Catalog) -> None:
    made = create_connection(catalog, "shop", URL, password_env="SHOP_PASSWORD", description="orders")
    assert get_connection(catalog, "shop") == made
    assert (made.url, made.password_env, made.password_file, made.description) == (URL, "SHOP_PASSWORD", None, "orders")
    assert made.kind == "postgresql"


def test_connections_are_listed_by_name_and_forgotten(catalog: Catalog) -> None:
    assert list_connections(catalog) == []
    for name in ("b", "a"):
        create_connection(catalog, name, URL)
    assert [each.name for each in list_connections(catalog)] == ["a", "b"]
    delete_connection(catalog, "a")
    assert [each.name for each in list_connections(catalog)] == ["b"]


def test_a_name_that_is_taken_or_unknown_is_said(catalog: Catalog) -> None:
    create_connection(catalog, "shop", URL)
    with pytest.raises(AlreadyExistsError, match="There is a connection 'shop' already"):
        create_connection(catalog, "shop", "mysql://reader@localhost/other")
    assert get_connection(catalog, "shop").url == URL
    with pytest.raises(EntityNotFoundError, match="Did you mean 'shop'"):
        get_connection(catalog, "shp")
    with pytest.raises(EntityNotFoundError, match="No connection 'gone'"):
        delete_connection(catalog, "gone")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "x" * 256])
def test_a_name_is_one_line(catalog: Catalog, name: str) -> None:
    with pytest.raises(InvalidInputError, match="A connection's name is one line"):
        create_connection(catalog, name, URL)


def test_the_password_comes_from_the_environment_as_it_is_now(
    workspace: Workspace, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_connection(catalog, "shop", URL, password_env="SHOP_PASSWORD")
    with pytest.raises(InvalidInputError, match="environment variable SHOP_PASSWORD, which is not set"):
        login_of(workspace, "shop")
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2")
    assert login_of(workspace, "shop").password == "hunter2"


@pytest.mark.parametrize("content", ["hünter2\n", "hünter2\r\n", "hünter2", "hünter2\nanother line\n"])
def test_the_password_is_the_first_line_of_its_file(
    workspace: Workspace, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.chdir(tmp_path)
    create_connection(catalog, "shop", URL, password_file="secret")
    with pytest.raises(InvalidInputError, match="secret', which cannot be read: No such file"):
        login_of(workspace, "shop")
    (tmp_path / "secret").write_bytes(content.encode())
    assert login_of(workspace, "shop").password == "hünter2"


def test_a_file_that_is_no_password_is_refused(workspace: Workspace, catalog: Catalog, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    create_connection(catalog, "shop", URL, password_file=str(secret))
    secret.write_bytes(b"x" * 100_000)
    with pytest.raises(InvalidInputError, match="too large for a password"):
        login_of(workspace, "shop")
    secret.write_bytes(b"\xff\xfe")
    with pytest.raises(InvalidInputError, match="no text in UTF-8"):
        login_of(workspace, "shop")


def test_one_place_for_the_password_is_enough(catalog: Catalog) -> None:
    with pytest.raises(InvalidInputError, match="not both"):
        create_connection(catalog, "shop", URL, password_env="A", password_file="b")


def test_a_password_given_as_the_variables_name_is_not_kept(catalog: Catalog) -> None:
    with pytest.raises(InvalidInputError, match="Give its name, not the password itself") as refused:
        create_connection(catalog, "shop", URL, password_env="hunter-2!")
    assert "hunter" not in str(refused.value)


@in_duckdb
def test_no_password_gets_into_the_catalog(
    workspace: Workspace, catalog: Catalog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", "hunter2-from-environment")
    (tmp_path / "secret").write_text("hunter2-from-file")
    create_connection(catalog, "one", URL, password_env="SHOP_PASSWORD")
    create_connection(catalog, "two", URL, password_file=str(tmp_path / "secret"))
    assert {login_of(workspace, name).password for name in ("one", "two")} == {
        "hunter2-from-environment",
        "hunter2-from-file",
    }
    assert b"hunter2" not in catalog.path.read_bytes()
