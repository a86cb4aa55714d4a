"""A table of three persons and a transform over it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.transforms import FindMatchesParameters, Transform, create_transform
from storage.workspace import Workspace
from tasks.crawl import crawl


@pytest.fixture
def table_file(tmp_path: Path) -> Path:
    """The file of the table `default.persons_csv`."""
    path = tmp_path / "persons.csv"
    path.write_text("id,name,city\n1,Ann,Bonn\n2,Anne,Bonn\n3,Bob,\n")
    return path


@pytest.fixture
def make_transform(workspace: Workspace) -> Callable[[str], Transform]:
    """Make a transform, named after its table, over a table with the primary key `id`."""

    def make(table: str) -> Transform:
        parameters = FindMatchesParameters(primary_key_column_name="id")
        name = table.removeprefix("default.").removesuffix("_csv")
        return create_transform(Catalog.of(workspace), name=name, table=table, parameters=parameters)

    return make


@pytest.fixture
def transform(workspace: Workspace, table_file: Path, make_transform: Callable[[str], Transform]) -> Transform:
    """The transform `persons`, without labels."""
    return make_transform(crawl(workspace, str(table_file), header=True).qualified_name)
