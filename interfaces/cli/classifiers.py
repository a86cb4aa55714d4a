"""classifier create, list, show, delete: how CSV files are written, said once."""

from typing import TYPE_CHECKING, Annotated

import typer

from interfaces.cli.options import Json
from interfaces.cli.present import say, show_facts, show_json, show_table
from storage.workspace import Workspace

if TYPE_CHECKING:
    from catalog.database import Catalog

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Say how CSV files are written, for crawlers.")

ClassifierName = Annotated[str, typer.Argument(metavar="NAME", help="The classifier's name.")]


@app.command()
def create(
    name: ClassifierName,
    delimiter: Annotated[str, typer.Option(metavar="SIGN", help="What stands between values; else found out.")] = "",
    quote_symbol: Annotated[str, typer.Option(metavar="SIGN", help="What stands around them; else found out.")] = "",
    contains_header: Annotated[
        str, typer.Option(metavar="HOW", help="PRESENT, ABSENT or UNKNOWN: whether the first line names the columns.")
    ] = "UNKNOWN",
    header: Annotated[str | None, typer.Option(metavar="A,B,…", help="The columns' names, in order.")] = None,
    datatypes: Annotated[
        str | None, typer.Option(metavar="T,T,…", help="Their types: STRING, LONG, DOUBLE, DATE, …")
    ] = None,
    allow_single_column: Annotated[
        bool, typer.Option("--allow-single-column", help="A file without any delimiter is a table, too.")
    ] = False,
    json: Json = False,
) -> None:
    """Keep a classifier."""
    from catalog.classifiers import CsvClassifier, create_classifier

    made = create_classifier(
        _catalog(),
        CsvClassifier(
            name=name,
            delimiter=_sign(delimiter),
            quote_symbol=_sign(quote_symbol),
            contains_header=contains_header.upper(),
            header=_names(header),
            allow_single_column=allow_single_column,
            custom_datatypes=_names(datatypes),
        ),
    )
    if json:
        return show_json(made)
    say(f"Classifier {name} is kept.\n\nNext: findmatches crawler create NAME --target PATH --classifier {name}")
    return None


@app.command(name="list")
def list_all(json: Json = False) -> None:
    """List the classifiers."""
    from catalog.classifiers import list_classifiers

    found = list_classifiers(_catalog())
    if json:
        return show_json(found)
    if not found:
        return say("There is no classifier yet. Make one: findmatches classifier create NAME --delimiter SIGN")
    rows = [(each.name, each.delimiter or None, each.quote_symbol or None, each.contains_header) for each in found]
    return show_table(("classifier", "delimiter", "quote", "header"), rows)


@app.command()
def show(name: ClassifierName, json: Json = False) -> None:
    """Show a classifier."""
    from catalog.classifiers import get_classifiers

    (found,) = get_classifiers(_catalog(), [name])
    if json:
        return show_json(found)
    return show_facts(
        {
            "classifier": found.name,
            "delimiter": found.delimiter or None,
            "quote symbol": found.quote_symbol or None,
            "header": found.contains_header,
            "columns": ", ".join(found.header) or None,
            "datatypes": ", ".join(found.custom_datatypes) or None,
            "allow single column": str(found.allow_single_column).lower(),
        }
    )


@app.command()
def delete(name: ClassifierName, json: Json = False) -> None:
    """Forget a classifier that no crawler uses; what was crawled with it stays."""
    from catalog.classifiers import delete_classifier

    delete_classifier(_catalog(), name)
    if json:
        return show_json({"name": name, "deleted": True})
    say(f"Classifier {name} is deleted.")
    return None


def _catalog() -> "Catalog":
    from catalog.database import Catalog

    return Catalog.of(Workspace.from_environment())


def _sign(text: str) -> str:
    r"""The sign that a text stands for: \t is a tab, \x01 Ctrl-A."""
    return {"\\t": "\t", "\\x01": "\x01", "\\u0001": "\x01"}.get(text, text)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",")) if text else ()
