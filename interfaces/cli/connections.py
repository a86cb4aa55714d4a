"""connection create, list, show, delete, test: how other people's databases are reached."""

from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.cli import options
from interfaces.cli.options import Json
from interfaces.cli.present import say, show_facts, show_json, show_table
from interfaces.cli.progress import working
from storage.workspace import Workspace

if TYPE_CHECKING:
    from catalog.connections import Connection
    from catalog.database import Catalog

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Say how databases are reached.")

ConnectionName = Annotated[str, typer.Argument(metavar="NAME", help="The connection's name.")]


@app.command()
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of your choice.")],
    url: Annotated[str, typer.Argument(metavar="URL", help="Without a password: postgresql://USER@HOST:5432/DB")],
    password_env: Annotated[
        str | None, typer.Option(metavar="VAR", help="Environment variable that has the password.")
    ] = None,
    password_file: Annotated[
        str | None, typer.Option(metavar="PATH", help="File that has the password as its first line.")
    ] = None,
    description: Annotated[str, options.DESCRIPTION] = "",
    json: Json = False,
) -> None:
    """Remember how to reach a database: PostgreSQL, MySQL or MariaDB.

    The password itself is not kept, but only where it is: in an environment variable or a file, where every command
    looks for it anew.
    """
    from catalog.connections import create_connection

    made = create_connection(
        _catalog(), name, url, password_env=password_env, password_file=password_file, description=description
    )
    _show(made, json)
    if not json:
        say(f"\nNext: findmatches connection test {made.name}")


@app.command("list")
def list_(json: Json = False) -> None:
    """List the connections."""
    from catalog.connections import list_connections

    found = list_connections(_catalog())
    if json:
        return show_json(found)
    if not found:
        return say("There is no connection yet. Make one: findmatches connection create NAME URL")
    return show_table(("name", "url", "password"), [(each.name, each.url, _secret(each)) for each in found])


@app.command()
def show(name: ConnectionName, json: Json = False) -> None:
    """Show a connection."""
    from catalog.connections import get_connection

    _show(get_connection(_catalog(), name), json)


@app.command()
def delete(name: ConnectionName, json: Json = False) -> None:
    """Forget a connection; the tables crawled through it cannot be read any more."""
    from catalog.connections import delete_connection

    delete_connection(_catalog(), name)
    if json:
        return show_json({"name": name, "deleted": True})
    return say(f"Deleted connection '{name}'.")


@app.command("test")
def try_(name: ConnectionName, json: Json = False) -> None:
    """Try whether a connection's database can be opened."""
    from catalog.connections import get_connection, login_of
    from storage.database_tables import server_version

    connection = get_connection(_catalog(), name)
    with working(f"connection {name}"):
        version = server_version(login_of(Workspace.from_environment(), name))
    if json:
        return show_json({"name": name, "server_version": version})
    path = "DB/SCHEMA/%" if connection.kind == "postgresql" else "DB/%"
    say(f"Connection '{name}' works: {version}")
    return say(f"\nNext: findmatches crawl --connection {name} {path}")


def _show(connection: "Connection", json: bool) -> None:
    if json:
        return show_json(connection)
    facts = {"name": connection.name, "url": connection.url, "password": _secret(connection)}
    return show_facts(facts | {"description": connection.description or None, "created": connection.creation_time})


def _secret(connection: "Connection") -> str:
    if connection.password_env is not None:
        return f"in the environment variable {connection.password_env}"
    if connection.password_file is not None:
        return f"in the file {connection.password_file}"
    return "none"


def _catalog() -> "Catalog":
    from catalog.database import Catalog

    return Catalog.of(Workspace.from_environment())
