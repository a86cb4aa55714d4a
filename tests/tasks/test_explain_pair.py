import csv
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import matching.learn
from catalog.database import Catalog
from catalog.labels import LabelFile, StoredLabel, store_labels
from catalog.task_runs import list_task_runs
from catalog.transforms import Transform, get_transform, update_transform
from errors import EntityNotFoundError, InvalidInputError
from matching.cluster import decision_threshold
from matching.compare import Similarities
from matching.matcher import ComparedPairs
from matching.pairs import Pairs
from matching.score import FirstPass
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.explain import explain
from tasks.explanation import ChainLink, Relation, SharedNeighbour, Similarity
from tasks.find_matches import find_matches
from tasks.generate_labeling_set import generate_labeling_set
from tasks.import_labels import import_labels
from tasks.last_run import load_run, save_run
from tasks.model import current_model
from tasks.transform_data import TransformData, load_transform_data

PERSONS = """id,name,city
1,anna berg,bonn
2,ana berg,bonn
3,anna bergmann,bonn
4,otto berger,bonn
5,otto kahn,ulm
6,otto kahn,ulm
7,vu,
"""
SOURCES = """id,name,city,source
1,anna berg,bonn,crm
2,ana berg,bonn,shop
3,anna bergman,bonn,crm
4,otto kahn,ulm,
5,oto kahn,ulm,
"""
Likely = dict[str, float]


@pytest.fixture(autouse=True)
def few_trees(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forests small enough to grow in no time."""
    monkeypatch.setattr(matching.learn, "TREES", 30)


@pytest.fixture
def make_table(workspace: Workspace, tmp_path: Path, make_transform: Callable[[str], Transform]) -> Any:
    def make(text: str, **settings: Any) -> Transform:
        (tmp_path / "things.csv").write_text(text, encoding="utf-8")
        made = make_transform(crawl(workspace, str(tmp_path / "things.csv"), header=True).qualified_name)
        return update_transform(Catalog.of(workspace), made.name, **settings) if settings else made

    return make


@pytest.fixture
def people(workspace: Workspace, people_csv: Path, make_transform: Callable[[str], Transform]) -> Transform:
    return make_transform(crawl(workspace, str(people_csv), header=True).qualified_name)


@pytest.fixture
def labelled_people(
    workspace: Workspace, people: Transform, tmp_path: Path, answer: Callable[[Path, Path], Path]
) -> Transform:
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    import_labels(workspace, "people", str(answer(tmp_path / "to_label.csv", tmp_path / "labelled.csv")))
    return people


def data_of(workspace: Workspace, name: str) -> TransformData:
    return load_transform_data(workspace, get_transform(Catalog.of(workspace), name))


def keep(workspace: Workspace, likely: Likely) -> None:
    """Have the first pass of the transform `things` compare these pairs (keys of one letter) and no others."""
    data = data_of(workspace, "things")
    ends = np.array([[data.keys.index(key) for key in two] for two in sorted(likely)], dtype=np.int64)
    probability = np.array([likely[two] for two in sorted(likely)])
    compared = data.compared
    values = np.zeros((len(ends), compared.similarities.values.shape[1]), dtype=np.float32)
    similarities = Similarities(compared.similarities.columns, compared.similarities.measures, values)
    first = FirstPass(np.log(probability / (1 - probability)), probability)
    kept = ComparedPairs(compared.records, Pairs(ends[:, 0], ends[:, 1]), similarities, first, data.sources)
    data.kept.save(data.fingerprint, kept)


def measures_of(similarities: Iterable[Similarity]) -> set[tuple[str, str]]:
    return {(each.column, each.measure) for each in similarities}


def label(workspace: Workspace, transform: Transform, text: str) -> None:
    """Store labels, written as set, label and key."""
    labels = [StoredLabel(set_id, key, label) for set_id, label, key in (each.split(",") for each in text.split())]
    store_labels(Catalog.of(workspace), transform.transform_id, labels, LabelFile(text, "labelled.csv", len(labels), 0))


def match_ids(path: Path) -> dict[str, tuple[int, float]]:
    with path.open(encoding="utf-8", newline="") as file:
        return {row["id"]: (int(row["match_id"]), float(row["match_confidence_score"])) for row in csv.DictReader(file)}


@pytest.mark.parametrize("transform", ["people", "labelled_people"])
def test_an_explanation_says_what_a_run_writes(
    workspace: Workspace, transform: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue(transform)
    run = find_matches(workspace, "people", str(tmp_path / "out.csv"), scores=True)
    written = match_ids(tmp_path / "out.csv")
    for left, right in (("p07a", "p07b"), ("p07b", "p07a"), ("p07a", "p09a"), ("p00a", "p59b")):
        found = explain(workspace, "people", left, right)
        assert found.model == run.model
        assert (found.left.match_id, found.left.match_confidence_score) == written[left]
        assert (found.right.match_id, found.right.match_confidence_score) == written[right]
        assert found.same_cluster == (written[left][0] == written[right][0])
        assert found.left.cluster_rows == sum(match_id == written[left][0] for match_id, _ in written.values())


def test_without_labels_the_waterfall_of_the_first_pass_leads_to_the_probability(
    workspace: Workspace, people: Transform
) -> None:
    found = explain(workspace, "people", "p07b", "p07a")
    data = data_of(workspace, "people")
    ends = data.keys.index("p07a"), data.keys.index("p07b")
    place = np.flatnonzero((data.compared.pairs.left == ends[0]) & (data.compared.pairs.right == ends[1]))[0]
    assert found.probability == data.compared.first.probability[place]
    assert found.waterfall
    assert found.waterfall.probability == pytest.approx(found.probability, abs=1e-9)
    assert {step.subject for step in found.waterfall.steps} >= {"name", "city", "phone", "whole row"}
    assert (found.waterfall.unit, found.before_labels) == ("log-odds", None)


def test_with_labels_the_waterfall_of_the_forest_leads_to_the_probability(
    workspace: Workspace, labelled_people: Transform
) -> None:
    found = explain(workspace, "people", "p07a", "p07b")
    model = current_model(data_of(workspace, "people"))
    assert found.waterfall
    assert found.waterfall.end == pytest.approx(found.probability, abs=1e-9)
    assert found.probability in model.probability
    assert found.before_labels
    assert (found.waterfall.unit, found.before_labels.unit) == ("probability", "log-odds")
    of_name = [each.contribution or 0 for each in found.similarities if each.column == "name"]
    assert sum(of_name) == pytest.approx(next(s.contribution for s in found.waterfall.steps if s.subject == "name"))


def test_nothing_is_recorded_as_a_run(workspace: Workspace, labelled_people: Transform) -> None:
    before = list_task_runs(Catalog.of(workspace))
    explain(workspace, "people", "p07a", "p07b")
    assert list_task_runs(Catalog.of(workspace)) == before


def test_the_rows_are_shown_as_written_in_the_order_asked_for(workspace: Workspace, people: Transform) -> None:
    found = explain(workspace, "people", "p07b", "p07a")
    assert [(cell.column, cell.left, cell.right) for cell in found.columns] == [
        ("id", "p07b", "p07a"),
        ("name", "helga abernaty", "helga abernathy"),
        ("city", "blumenthalville 0", "blumenthalville 0"),
        ("phone", "01055436", "01055436"),
    ]
    assert (found.left.primary_key, found.right.primary_key) == ("p07b", "p07a")


def test_a_pair_that_was_not_compared_has_similarities_but_no_probability(
    workspace: Workspace, people: Transform
) -> None:
    data = data_of(workspace, "people")
    compared = set(zip(data.compared.pairs.left.tolist(), data.compared.pairs.right.tolist(), strict=True))
    two = next(two for two in combinations(range(len(data.keys)), 2) if two not in compared)
    found = explain(workspace, "people", data.keys[two[1]], data.keys[two[0]])
    assert (found.relation, found.probability, found.waterfall) == (Relation.NOT_COMPARED, None, None)
    measures = {(each.column, each.measure): each for each in found.similarities}
    assert measures.keys() >= {("name", "exact"), ("phone", "levenshtein"), ("*", "grams")}
    assert measures["name", "exact"].value == 0.0
    assert {each.contribution for each in found.similarities} == {None}
    assert found.blocking
    assert found.blocking.proposed_by == ()
    assert all((each.rank_of_left or 99) > each.kept < (each.rank_of_right or 99) for each in found.blocking.searches)


def test_similarities_are_the_same_whether_compared_in_the_run_or_now(
    workspace: Workspace, make_table: Callable[..., Transform]
) -> None:
    make_table(PERSONS)
    in_run = explain(workspace, "things", "1", "2")
    keep(workspace, {"13": 0.9})
    now = explain(workspace, "things", "1", "2")
    assert (in_run.relation, now.relation) == (Relation.COMPARED, Relation.NOT_COMPARED)
    by_pair = [each for each in in_run.similarities if (each.column, each.measure) in measures_of(now.similarities)]
    assert [each.value for each in by_pair] == [each.value for each in now.similarities]


def test_rows_that_say_the_same_are_one_record(workspace: Workspace, make_table: Callable[..., Transform]) -> None:
    make_table(PERSONS)
    found = explain(workspace, "things", "6", "5")
    assert found.relation == Relation.ONE_RECORD
    assert found.same_cluster
    assert (found.probability, found.waterfall, found.blocking, found.chain, found.similarities) == (
        None,
        None,
        None,
        (),
        (),
    )
    assert set(found.left.cluster_keys) >= {"5", "6"}


def test_rows_that_are_one_record_share_their_labels(
    workspace: Workspace, make_table: Callable[..., Transform]
) -> None:
    label(workspace, make_table(PERSONS), "s,x,5 s,y,1 t,x,5 t,x,2")
    found = explain(workspace, "things", "6", "1")
    assert [(each.labeling_set_id, each.left, each.right, each.is_match) for each in found.labels] == [
        ("s", "x", "y", False)
    ]


@pytest.mark.parametrize(("left", "right"), [("1", "3"), ("4", "5")], ids=["of a source", "without a source"])
def test_rows_of_one_source_never_match(
    workspace: Workspace, make_table: Callable[..., Transform], left: str, right: str
) -> None:
    make_table(SOURCES, source_column_name="source")
    found = explain(workspace, "things", left, right)
    assert (found.relation, found.same_cluster, found.probability) == (Relation.ONE_SOURCE, False, None)
    assert found.left.source == {"1": "crm", "4": None}[left]
    assert explain(workspace, "things", "1", "2").relation == Relation.COMPARED


def test_what_connects_two_rows_that_are_not_likely_by_themselves_is_shown(
    workspace: Workspace, make_table: Callable[..., Transform]
) -> None:
    make_table(PERSONS)
    keep(workspace, {"12": 0.95, "23": 0.9, "13": 0.2})
    found = explain(workspace, "things", "3", "1")
    assert found.same_cluster
    assert not found.is_likely
    assert found.chain == (ChainLink("3", "2", 0.9, False), ChainLink("2", "1", 0.95, False))
    assert explain(workspace, "things", "1", "2").chain == ()


def test_a_likely_pair_that_others_keep_apart_comes_with_the_mean_of_its_clusters(
    workspace: Workspace, make_table: Callable[..., Transform]
) -> None:
    make_table(PERSONS)
    keep(workspace, {"12": 0.9, "13": 0.6, "23": 0.1})
    found = explain(workspace, "things", "1", "3")
    assert found.is_likely
    assert not found.same_cluster
    assert found.between
    assert (found.between.pairs, found.between.mean_probability) == (2, pytest.approx(0.35))
    assert found.kept_apart_by is None


def test_sources_can_keep_likely_clusters_apart(workspace: Workspace, make_table: Callable[..., Transform]) -> None:
    make_table(SOURCES, source_column_name="source", precision_recall_tradeoff=0.3)
    keep(workspace, {"12": 0.95, "23": 0.9})
    found = explain(workspace, "things", "2", "3")
    assert (found.is_likely, found.same_cluster, found.kept_apart_by) == (True, False, "sources")


def test_enforced_labels_hold_together_and_keep_apart(
    workspace: Workspace, make_table: Callable[..., Transform]
) -> None:
    transform = make_table(PERSONS, enforce_provided_labels=True)
    label(workspace, transform, "s,x,1 s,x,7 t,x,7 t,x,5 u,x,1 u,y,2")
    found = explain(workspace, "things", "1", "5")
    assert found.same_cluster
    assert [(link.left, link.right, link.by_label) for link in found.chain] == [("1", "7", True), ("7", "5", True)]
    update_transform(Catalog.of(workspace), "things", precision_recall_tradeoff=0.0)
    apart = explain(workspace, "things", "1", "2")
    assert (apart.same_cluster, apart.labels_enforced, apart.kept_apart_by) == (False, True, "labels")


def test_a_pair_that_only_a_shared_neighbour_proposed_names_that_neighbour(
    workspace: Workspace, make_table: Callable[..., Transform]
) -> None:
    make_table(PERSONS)
    keep(workspace, {"12": 0.9, "27": 0.8, "17": 0.6})
    found = explain(workspace, "things", "1", "7").blocking
    assert found
    assert found.proposed_by == ("shared neighbour",)
    assert found.shared_neighbour == SharedNeighbour("2", pytest.approx(0.9), pytest.approx(0.8))
    assert explain(workspace, "things", "1", "2").blocking.proposed_by == ("3-grams", "words")


def test_the_threshold_is_that_of_the_trade_off(workspace: Workspace, make_table: Callable[..., Transform]) -> None:
    make_table(PERSONS, precision_recall_tradeoff=0.8)
    assert explain(workspace, "things", "1", "2").threshold == decision_threshold(0.8)


def test_the_summary_begins_with_the_answer(workspace: Workspace, people: Transform) -> None:
    assert explain(workspace, "people", "p07a", "p07b").summary[0].startswith("Rows p07a and p07b match: ")


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        pytest.param("p07x", "p07b", "no row with 'p07x' as its id. Did you mean 'p07", id="left unknown"),
        pytest.param("p07a", "zzzzzz", "no row with 'zzzzzz' as its id.$", id="right unknown, nothing near"),
    ],
)
def test_a_key_that_no_row_has_is_told_with_the_nearest_one(
    workspace: Workspace, people: Transform, left: str, right: str, message: str
) -> None:
    with pytest.raises(EntityNotFoundError, match=message):
        explain(workspace, "people", left, right)


def test_a_row_is_not_compared_with_itself(workspace: Workspace, people: Transform) -> None:
    with pytest.raises(InvalidInputError, match=r"'p07a' is named twice\. Name two different rows"):
        explain(workspace, "people", "p07a", "p07a")


def test_an_unknown_transform_is_told_with_the_nearest_one(workspace: Workspace, people: Transform) -> None:
    with pytest.raises(EntityNotFoundError, match="Did you mean 'people'"):
        explain(workspace, "peopel", "p07a", "p07b")


def test_match_ids_are_those_of_the_last_run_while_the_table_is_the_same(
    workspace: Workspace, make_table: Callable[..., Transform], tmp_path: Path
) -> None:
    make_table(PERSONS.replace("1,anna berg,bonn\n", "8,anna berg,bonn\n"))
    find_matches(workspace, "things", str(tmp_path / "first.csv"))
    (tmp_path / "things.csv").write_text(PERSONS, encoding="utf-8")
    crawl(workspace, str(tmp_path / "things.csv"), header=True)
    find_matches(workspace, "things", str(tmp_path / "second.csv"), scores=True, incremental=True)
    written = match_ids(tmp_path / "second.csv")
    for left, right in (("1", "2"), ("5", "6"), ("4", "7")):
        found = explain(workspace, "things", left, right)
        assert (found.left.match_id, found.right.match_id) == (written[left][0], written[right][0])


def test_what_an_incremental_run_compared_is_what_is_told(
    workspace: Workspace, make_table: Callable[..., Transform], tmp_path: Path
) -> None:
    transform = make_table(PERSONS)
    find_matches(workspace, "things", str(tmp_path / "out.csv"))
    last = workspace.home / "match_ids" / transform.transform_id / "last.parquet"
    run = load_run(last)
    save_run(last, replace(run, pairs=run.pairs.among(run.pairs.left > 1), notes=replace(run.notes, fingerprint="x")))
    found = explain(workspace, "things", "1", "2")
    assert found.relation == Relation.NOT_COMPARED
    assert found.summary[0].endswith("the last run, which was incremental, did not compare the two; a full run will.")
