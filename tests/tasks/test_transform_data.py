from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import matching.matcher
from catalog.database import Catalog
from catalog.transforms import Transform, get_transform, update_transform
from errors import InvalidInputError
from matching.matcher import ComparedPairs, PreparedRecords, compare_candidates
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.transform_data import TransformData, load_transform_data, seed

THINGS = "id,name,city,origin\n10,anna berg,bonn,x\n9,ana berg,bonn,y\n2,otto kahn,ulm,x\n1,otto khan,,y\n"

Edit = Callable[[str], None]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    def write(text: str) -> None:
        (tmp_path / "things.csv").write_text(text)

    return write


@pytest.fixture
def things(workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform], edit: Edit) -> Transform:
    edit(THINGS)
    return make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)


@pytest.fixture
def compared_tables(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The sizes of the tables that were compared, in order; what was read back is not among them."""
    sizes: list[int] = []

    def counted(prepared: PreparedRecords) -> ComparedPairs:
        sizes.append(prepared.records)
        return compare_candidates(prepared)

    monkeypatch.setattr(matching.matcher, "compare_candidates", counted)
    return sizes


def load(workspace: Workspace, transform: Transform, **changes: object) -> TransformData:
    if changes:
        update_transform(Catalog.of(workspace), transform.name, **changes)
    return load_transform_data(workspace, get_transform(Catalog.of(workspace), transform.name))


def test_records_are_sorted_by_key_and_know_their_row(workspace: Workspace, things: Transform) -> None:
    data = load(workspace, things)
    assert data.keys == ["1", "10", "2", "9"]
    assert data.records["name"].to_pylist() == ["otto khan", "anna berg", "otto kahn", "ana berg"]
    assert data.order.to_pylist() == [3, 0, 2, 1]


def test_the_key_and_the_source_are_not_compared(workspace: Workspace, things: Transform) -> None:
    assert load(workspace, things).task.columns == ("name", "city", "origin")
    with_source = load(workspace, things, source_column_name="origin")
    assert with_source.task.columns == ("name", "city")
    assert with_source.sources is not None
    assert with_source.sources.tolist() == [1, 0, 0, 1]


def test_the_same_table_is_compared_once(workspace: Workspace, things: Transform, compared_tables: list[int]) -> None:
    first = load(workspace, things).compared
    again = load(workspace, things).compared
    assert compared_tables == [4]
    assert again.feature_names == first.feature_names
    assert np.array_equal(again.features, first.features)
    assert np.array_equal(again.first.probability, first.first.probability)
    assert (again.pairs.left.tolist(), again.pairs.right.tolist()) == (
        first.pairs.left.tolist(),
        first.pairs.right.tolist(),
    )


def test_a_changed_file_is_compared_again(
    workspace: Workspace, things: Transform, compared_tables: list[int], edit: Edit
) -> None:
    _ = load(workspace, things).compared
    edit(THINGS + "5,lena voss,kiel,x\n")
    assert load(workspace, things).compared.records == 5
    assert compared_tables == [4, 5]


@pytest.mark.parametrize("name", ["*.npz", "*.npy"], ids=["pairs", "similarities"])
@pytest.mark.parametrize("content", [b"", b"not what was written"], ids=["empty", "text"])
def test_a_damaged_comparison_is_made_anew(
    workspace: Workspace,
    things: Transform,
    compared_tables: list[int],
    caplog: pytest.LogCaptureFixture,
    name: str,
    content: bytes,
) -> None:
    first = load(workspace, things).compared
    (stored,) = (workspace.artifacts / "compared").glob(name)
    stored.write_bytes(content)
    assert np.array_equal(load(workspace, things).compared.features, first.features)
    assert compared_tables == [4, 4]
    assert "is damaged and is made anew" in caplog.text


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"source_column_name": "origin"}, id="source column"),
        pytest.param({"accuracy_cost_tradeoff": 1.0}, id="accuracy over cost"),
    ],
)
def test_a_changed_way_to_compare_compares_again(
    workspace: Workspace, things: Transform, compared_tables: list[int], changes: dict[str, object]
) -> None:
    _ = load(workspace, things).compared
    _ = load(workspace, things, **changes).compared
    assert compared_tables == [4, 4]


def test_what_decides_later_does_not_compare_again(
    workspace: Workspace, things: Transform, compared_tables: list[int]
) -> None:
    _ = load(workspace, things).compared
    _ = load(workspace, things, precision_recall_tradeoff=0.9, enforce_provided_labels=True).compared
    assert compared_tables == [4]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("id,name,city,origin\n", id="empty"),
        pytest.param("id,name,city,origin\n1,anna,bonn,x\n", id="one row"),
        pytest.param("id,name,city,origin\n1,,,\n2,,,\n", id="all missing"),
        pytest.param("id,name,city,origin\n1,anna,bonn,x\n2,anna,bonn,x\n", id="all identical"),
    ],
)
def test_a_table_that_tells_nothing_cannot_be_compared(
    workspace: Workspace, things: Transform, edit: Edit, text: str
) -> None:
    edit(text)
    message = (
        r"^Table 'default\.things_csv' has no usable column beside the primary key: none holds two different values"
    )
    with pytest.raises(InvalidInputError, match=message):
        _ = load(workspace, things).compared


@pytest.mark.parametrize(("value", "wanted"), [("", 0), ("7", 7)], ids=["empty", "a number"])
def test_the_seed_is_that_of_the_environment(monkeypatch: pytest.MonkeyPatch, value: str, wanted: int) -> None:
    monkeypatch.setenv("FINDMATCHES_SEED", value)
    assert seed() == wanted
    monkeypatch.delenv("FINDMATCHES_SEED")
    assert seed() == 0


def test_rows_that_say_the_same_are_one_record_and_each_leaves_with_its_match_id(
    workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]
) -> None:
    """Sixty copies of one person are far more than the neighbours a record is compared with."""
    rows = [f"{n},anna berg,bonn" for n in range(100, 160)] + ["1,anna bergg,bonn", "2,otto kahn,ulm", "3,,", "4,,"]
    (tmp_path / "copies.csv").write_text("id,name,city\n" + "\n".join(rows) + "\n", encoding="utf-8")
    transform = make_transform(crawl(workspace, str(tmp_path / "copies.csv"), header=True).qualified_name)
    data = load_transform_data(workspace, transform)
    assert (data.rows.num_rows, data.records.num_rows) == (64, 5)
    assert data.records["id"].to_pylist() == ["1", "100", "2", "3", "4"]
    by_key = dict(zip(data.row_keys, data.record_of.tolist(), strict=True))
    assert {by_key[str(n)] for n in range(100, 160)} == {1}
    assert by_key["3"] != by_key["4"]


def test_rows_of_sources_are_records_of_their_own(
    workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]
) -> None:
    (tmp_path / "linked.csv").write_text("id,src,name\n1,a,anna\n2,b,anna\n3,b,anna\n4,a,otto\n", encoding="utf-8")
    transform = make_transform(crawl(workspace, str(tmp_path / "linked.csv"), header=True).qualified_name)
    linked = replace(transform, parameters=replace(transform.parameters, source_column_name="src"))
    assert load_transform_data(workspace, linked).records.num_rows == 4
