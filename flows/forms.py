"""The forms behind the buttons: what Prefect's UI asks a person for before a flow runs."""

from typing import Any

from prefect.utilities.callables import ParameterSchema

PLAIN_TYPES = {"string", "number", "integer"}

Schema = dict[str, Any]


def form_of(parameters: ParameterSchema) -> Schema:
    """Return the schema of a flow's parameters as a person fills it in: words for titles, empty fields for no value.

    As Prefect makes it, a text that may be left out is a choice between "str" and "None".  The server takes null for it
    all the same: it does so for what is not required and has no default.
    """
    form = parameters.model_dump() | {"additionalProperties": False}
    objects = [form["properties"], *(each.get("properties", {}) for each in form["definitions"].values())]
    for properties in objects:
        for name, schema in properties.items():
            schema["title"] = title_of(name)
            _make_plain(schema)
    return form


def title_of(name: str) -> str:
    """Return a parameter's name as words.

    >>> title_of("primary_key")
    'Primary key'
    """
    return name.replace("_", " ").capitalize()


def _make_plain(schema: Schema) -> None:
    """Let a text or a number that may be null be that text or number, with nothing in it."""
    kinds = [each for each in schema.get("anyOf", ()) if each.get("type") != "null"]
    if len(kinds) == 1 and kinds[0].get("type") in PLAIN_TYPES and schema.get("default") is None:
        del schema["anyOf"]
        schema.pop("default", None)
        schema.update(kinds[0])
