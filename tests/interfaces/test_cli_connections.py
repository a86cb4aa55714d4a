"""connection create, list, show, delete, test, and `crawl --connection`."""

import json

import pytest

from tests.servers.database_server import DatabaseServer

URL = "postgresql://reader@localhost/shop"


def test_connections_are_made_listed_shown_and_deleted(findmatches):
    assert "findmatches connection create NAME URL" in findmatches("connection", "list").stdout
    made = findmatches(
        "connection", "create", "shop", URL, "--password-env", "SHOP_PASSWORD", "--description", "orders"
    )
    assert made.stdout.splitlines()[2] == "password     in the environment variable SHOP_PASSWORD"
    assert made.stdout.endswith("\nNext: findmatches connection test shop\n")
    shown = json.loads(findmatches("connection", "show", "shop", "--json").stdout)
    assert (shown["url"], shown["password_env"], shown["description"]) == (URL, "SHOP_PASSWORD", "orders")
    assert findmatches("connection", "list").stdout.splitlines()[1].split()[:2] == ["shop", URL]
    assert [each["name"] for each in json.loads(findmatches("connection", "list", "--json").stdout)] == ["shop"]
    assert findmatches("connection", "delete", "shop").stdout == "Deleted connection 'shop'.\n"
    assert json.loads(findmatches("connection", "list", "--json").stdout) == []


def test_a_url_with_a_password_is_refused_on_one_line_without_it(findmatches):
    done = findmatches("connection", "create", "shop", "postgresql://reader:hunter2@localhost/shop")
    assert done.exit_code == 1
    assert done.output.count("\n") == 1
    assert done.output.startswith("Error: The URL has a password in it, and the catalog keeps none.")
    assert "hunter2" not in done.output
    assert json.loads(findmatches("connection", "list", "--json").stdout) == []


def test_options_of_files_are_refused_for_databases(findmatches):
    findmatches("connection", "create", "shop", URL)
    for option in (["--no-header"], ["--sample-size", "3"], ["--sampled"], ["--glue-rules"], ["--table-level", "2"]):
        done = findmatches("crawl", "--connection", "shop", "shop/public/%", *option)
        assert (done.exit_code, done.output.count("\n")) == (1, 1)
        assert "one of the other options for files" in done.output


@pytest.mark.parametrize("server", ["postgresql_source", "mariadb"])
def test_a_table_of_a_database_is_crawled_shown_and_asked(findmatches, workspace, monkeypatch, request, server):
    found: DatabaseServer = request.getfixturevalue(server)
    found.execute("DROP TABLE IF EXISTS pets", "CREATE TABLE pets (id int PRIMARY KEY, name varchar(9))")
    found.execute("INSERT INTO pets VALUES (2, 'Rex'), (1, 'Ada')")
    (workspace / "secret").write_text(found.password, encoding="utf-8")
    findmatches("connection", "create", "shop", found.url, "--password-file", "secret")
    monkeypatch.chdir("/")
    assert findmatches("connection", "test", "shop").stdout.startswith("Connection 'shop' works: ")
    done = findmatches("crawl", "--connection", "shop", found.table("pets"), "--table", "pets")
    assert "\nNext: findmatches transform create NAME --table default.pets" in done.stdout
    assert "files" not in done.stdout
    assert findmatches("tables").stdout.splitlines()[1].split()[:3] == ["default", "pets", found.kind]
    assert json.loads(findmatches("show", "pets", "--json").stdout)["parameters"]["connectionName"] == "shop"
    rows = json.loads(findmatches("query", "select * from default.pets", "--json").stdout)
    assert rows == [{"id": 1, "name": "Ada"}, {"id": 2, "name": "Rex"}]
    findmatches("connection", "delete", "shop")
    done = findmatches("query", "select * from default.pets")
    assert done.output.startswith("Error: No connection 'shop' in the catalog.")
    found.execute("DROP TABLE pets")
