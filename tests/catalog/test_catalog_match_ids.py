"""What runs did to match ids, as the catalog keeps it."""

import pytest

from catalog.database import Catalog
from catalog.match_ids import Change, MatchIdChange, list_changes, record_changes
from catalog.tables import Column, Table
from catalog.transforms import FindMatchesParameters, create_transform
from catalog.views import run_query
from errors import EntityNotFoundError
from tests.catalog.conftest import in_duckdb

MERGED = MatchIdChange(Change.MERGED, 2**63 - 1, 5, 2)
SPLIT = [MatchIdChange(Change.SPLIT, 7, 5, 1), MatchIdChange(Change.SPLIT, 9, 5, 1)]


@pytest.fixture
def transform_id(catalog: Catalog) -> str:
    table = Table("default", "people", "/people.csv", "csv", (Column("id", "string", "id"),), {}, ("/people.csv",))
    return create_transform(catalog, name="people", table=table, parameters=FindMatchesParameters("id")).transform_id


def test_merges_and_splits_are_listed_by_run(catalog: Catalog, transform_id: str) -> None:
    record_changes(catalog, transform_id, "tsk-1", [SPLIT[1], MERGED, SPLIT[0]])
    record_changes(catalog, transform_id, "tsk-2", [SPLIT[0]])
    assert list_changes(catalog, transform_id, "tsk-1") == [MERGED, *SPLIT]
    assert list_changes(catalog, transform_id, "tsk-2") == [SPLIT[0]]
    assert list_changes(catalog, transform_id, "tsk-3") == []


def test_a_run_that_is_recorded_again_is_recorded_once(catalog: Catalog, transform_id: str) -> None:
    for _ in range(2):
        record_changes(catalog, transform_id, "tsk-1", [MERGED, *SPLIT])
    assert list_changes(catalog, transform_id, "tsk-1") == [MERGED, *SPLIT]


@in_duckdb
def test_a_run_without_changes_leaves_nothing(catalog: Catalog, transform_id: str) -> None:
    before = catalog.path.read_bytes()
    record_changes(catalog, transform_id, "tsk-1", [])
    assert catalog.path.read_bytes() == before


def test_changes_of_a_transform_that_is_gone_are_refused(catalog: Catalog) -> None:
    with pytest.raises(EntityNotFoundError, match="handle tfm-1"):
        record_changes(catalog, "tfm-1", "tsk-1", [MERGED])


def test_anybody_can_query_the_changes(catalog: Catalog, transform_id: str) -> None:
    record_changes(catalog, transform_id, "tsk-1", [MERGED])
    sql = "select change, match_id, other_match_id, row_count from findmatches.match_id_changes"
    assert run_query(catalog, sql)[1] == [("merged", 2**63 - 1, 5, 2)]
