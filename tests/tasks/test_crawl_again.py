"""A transform's table is crawled again before its nightly run."""

from pathlib import Path

import pytest

from catalog.crawler import Crawler, S3Target
from catalog.crawlers import create_crawler
from catalog.database import Catalog
from catalog.tables import get_table
from catalog.transforms import FindMatchesParameters, create_transform
from errors import InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.crawl_again import crawl_again
from tasks.run_crawler import run_crawler

KEY = FindMatchesParameters(primary_key_column_name="id")


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / "a.csv").write_text("id,name\n1,Ada\n2,Bob\n")
    return folder


@pytest.fixture
def transform(workspace: Workspace, catalog: Catalog, lake: Path) -> str:
    table = crawl(workspace, str(lake), "raw", "persons")
    return create_transform(catalog, name="people", table=table, parameters=KEY).name


def test_files_that_came_since_are_in_the_table(workspace: Workspace, transform: str, lake: Path) -> None:
    (lake / "b.csv").write_text("id,name\n3,Cem\n")
    now = crawl_again(workspace, transform)
    assert now.qualified_name == "raw.persons"
    assert [Path(file).name for file in now.files] == ["a.csv", "b.csv"]


def test_a_lost_column_is_refused_every_night_and_the_table_stays(
    workspace: Workspace, catalog: Catalog, transform: str, lake: Path
) -> None:
    (lake / "a.csv").write_text("id,city\n1,Rome\n")
    for _ in range(2):
        with pytest.raises(InvalidInputError, match=r"'raw\.persons' has lost 'name': its files .* have 'id', 'city'"):
            crawl_again(workspace, transform)
    assert get_table(catalog, "raw.persons").column_names == ("id", "name")


def test_a_header_that_was_told_is_kept(workspace: Workspace, catalog: Catalog, tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("id,name\nx,y\nz,w\n")
    table = crawl(workspace, str(tmp_path / "codes.csv"), header=False)
    create_transform(catalog, name="codes", table=table, parameters=FindMatchesParameters(table.column_names[0]))
    assert crawl_again(workspace, "codes").column_names == table.column_names


def test_a_crawler_keeps_the_table_that_is_its_own(workspace: Workspace, catalog: Catalog, lake: Path) -> None:
    create_crawler(catalog, Crawler("mine", (S3Target(str(lake)),), table_prefix="p_"))
    (table,) = run_crawler(workspace, "mine").tables
    create_transform(catalog, name="people", table=table, parameters=KEY)
    (lake / "b.csv").write_text("id,name\n3,Cem\n")
    now = crawl_again(workspace, "people")
    assert now.parameters["UPDATED_BY_CRAWLER"] == "mine"
    assert len(now.files) == 2
