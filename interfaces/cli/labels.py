"""labels generate, import, export, status: asking a person which rows are the same."""

from typing import Annotated, Any

import typer

from errors import counted
from interfaces.cli import dispatch
from interfaces.cli.options import Json, MemoryLimit, Name
from interfaces.cli.present import say, show_facts, show_json
from interfaces.cli.progress import working
from storage.workspace import Workspace
from tasks.forecast import LABELING
from tasks.memory_budget import limited_to

app = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Ask a person which rows are the same.")


@app.command()
def generate(
    name: Name,
    output: Annotated[str, typer.Option(metavar="PATH", help="Where the file to label goes.")],
    memory_limit: MemoryLimit = None,
    json: Json = False,
) -> None:
    """Write about 100 rows worth labeling."""
    with working("labels: choosing the rows worth asking about", LABELING), limited_to(memory_limit):
        made = dispatch.generate_labeling_set(name, output)
    if json:
        return show_json(made)
    say(f"{counted(made.rows, 'row')} in {counted(made.sets, 'labeling set')}: {made.path}")
    say("Fill the column 'label': rows of one labeling set that are the same get the same letter, others another one.")
    say(f"\nNext: findmatches labels import {name} {made.path}")
    return None


@app.command(name="import")
def import_file(
    name: Name,
    path: Annotated[str, typer.Argument(metavar="PATH", help="The labelled file.")],
    replace: Annotated[bool, typer.Option("--replace", help="Forget the labels stored before.")] = False,
    json: Json = False,
) -> None:
    """Store the labels of a labelled file.

    All of them, or none when a row is wrong. Rows without a label are left out.
    """
    with working(f"labels: checking {path}"):
        stored = dispatch.import_labels(name, path, replace)
    if json:
        return show_json(stored)
    for warning in stored.warnings:
        say(f"Note: {warning}")
    say("These labels are stored already; nothing changed." if stored.unchanged else _stored(stored))
    say(f"The transform has {counted(stored.label_count, 'label')}.")
    say(f"\nNext: findmatches train {name}")
    return None


@app.command()
def export(
    name: Name,
    output: Annotated[str, typer.Option(metavar="PATH", help="A file, or a folder to name the file as Glue does.")],
    json: Json = False,
) -> None:
    """Write all stored labels as one file.

    To edit them and import the file again with --replace.
    """
    from tasks.export_labels import export_labels

    with working("labels: writing"):
        made = export_labels(Workspace.from_environment(), name, output)
    if json:
        return show_json(made)
    for warning in made.warnings:
        say(f"Note: {warning}")
    say(f"{counted(made.labels, 'label')}: {made.path}")
    say(f"\nNext, after editing: findmatches labels import {name} {made.path} --replace")
    return None


@app.command()
def status(name: Name, json: Json = False) -> None:
    """Show how many labels there are."""
    facts = _label_facts(name)
    if json:
        return show_json(facts)
    show_facts({key.replace("_", " "): value for key, value in facts.items()})
    if facts["labeling_sets_open"]:
        return say(f"\nNext: findmatches labels import {name} PATH, with the labelled file")
    if facts["labels"]:
        return say(f"\nNext: findmatches train {name}")
    return say(f"\nNext: findmatches labels generate {name} --output to_label.csv")


def _label_facts(name: str) -> dict[str, Any]:
    from catalog.database import Catalog
    from catalog.labels import list_labeling_sets, list_labels
    from catalog.transforms import get_transform

    catalog = Catalog.of(Workspace.from_environment())
    transform = get_transform(catalog, name)
    labels = list_labels(catalog, transform.transform_id)
    answered = {label.labeling_set_id for label in labels}
    asked = {each.labeling_set_id for each in list_labeling_sets(catalog, transform.transform_id)}
    return {
        "name": transform.name,
        "transform_id": transform.transform_id,
        "status": transform.status,
        "labels": len(labels),
        "labeling_sets_answered": len(answered),
        "labeling_sets_open": len(asked - answered),
    }


def _stored(stored: Any) -> str:
    blank = f", {counted(stored.blank, 'row')} without a label left out" if stored.blank else ""
    return f"{counted(stored.labels, 'label')} in {counted(stored.sets, 'labeling set')} stored{blank}"
