"""The transform a pipeline works with: made when it is new, else the one there is, with the settings wanted now."""

from collections.abc import Collection
from dataclasses import asdict

from catalog.database import Catalog
from catalog.transforms import (
    FindMatchesParameters,
    TaskRunProperties,
    Transform,
    create_transform,
    list_transforms,
    update_transform,
)
from errors import InvalidInputError
from storage.workspace import Workspace


def prepare_transform(
    workspace: Workspace,
    name: str,
    table: str,
    parameters: FindMatchesParameters,
    properties: TaskRunProperties,
    keep: Collection[str] = (),
) -> Transform:
    """Return the transform `name` over `table`; one that exists keeps its labels, and the settings named in `keep`."""
    catalog = Catalog.of(workspace)
    found = next((each for each in list_transforms(catalog) if each.name == name), None)
    if found is None:
        return create_transform(catalog, name=name, table=table, parameters=parameters, properties=properties)
    if found.table_name != table:
        raise InvalidInputError(
            f"Transform '{name}' matches table '{found.table_name}', not '{table}'. Give the new one another name."
        )
    wanted = asdict(parameters) | asdict(properties)
    return update_transform(catalog, name, **{key: value for key, value in wanted.items() if key not in keep})
