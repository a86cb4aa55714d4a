from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.labels import LabelingSet, StoredLabel, list_labels, store_labeling_sets
from catalog.task_runs import TaskStatus, list_task_runs
from catalog.transforms import Transform, TransformStatus, get_transform
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.import_labels import import_labels

HEADER = "labeling_set_id,label,id,name,city"
ANSWERED = f"{HEADER}\nS1,A,1,Ann,Bonn\nS1,A,2,Anne,Bonn\nS1,B,3,Bob,\nS2,,1,Ann,Bonn\n"
AWS_EXAMPLE = """labeling_set_id,label,first_name,last_name,Birthday
ABC123,A,John,Doe,04/01/1980
ABC123,B,Jane,Smith,04/03/1980
ABC123,A,Johnny,Doe,04/01/1980
ABC123,A,Jon,Doe,04/01/1980
DEF345,A,Richard,Jones,12/11/1992
DEF345,A,Rich,Jones,11/12/1992
DEF345,B,Sarah,Jones,12/11/1992
DEF345,C,Richie,Jones Jr.,05/06/2017
DEF345,B,Sarah,Jones-Walker,12/11/1992
GHI678,A,Robert,Miller,1/3/1999
GHI678,A,Bob,Miller,1/3/1999
XYZABC,A,William,Robinson,2/5/2001
XYZABC,B,Andrew,Robinson,2/5/1971
"""

MakeTransform = Callable[[str], Transform]


@pytest.fixture
def labelled(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        (tmp_path / "labelled.csv").write_text(text, encoding="utf-8")
        return str(tmp_path / "labelled.csv")

    return write


def stored(workspace: Workspace, transform: Transform) -> list[tuple[str, str, str]]:
    labels = list_labels(Catalog.of(workspace), transform.transform_id)
    return [(label.labeling_set_id, label.primary_key, label.label) for label in labels]


def test_labels_are_stored_by_key_and_the_transform_is_ready(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str]
) -> None:
    summary = import_labels(workspace, "persons", labelled(ANSWERED))
    assert stored(workspace, transform) == [("S1", "1", "A"), ("S1", "2", "A"), ("S1", "3", "B")]
    assert (summary.rows, summary.labels, summary.blank, summary.sets, summary.label_count) == (4, 3, 1, 1, 3)
    assert (summary.unchanged, summary.warnings) == (False, ())
    ready = get_transform(Catalog.of(workspace), "persons")
    assert (ready.status, ready.label_count) == (TransformStatus.READY, 3)


def test_an_import_is_a_task_run_with_glues_properties(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str]
) -> None:
    path = labelled(ANSWERED)
    summary = import_labels(workspace, "persons", path, replace=True)
    (run,) = list_task_runs(Catalog.of(workspace), transform.transform_id)
    assert (run.task_run_id, run.task_type, run.status) == (summary.task_run_id, "IMPORT_LABELS", "SUCCEEDED")
    assert run.properties == {"InputS3Path": path, "Replace": True}
    assert (run.summary["labels"], run.summary["blank"]) == (3, 1)


def test_the_same_file_twice_changes_nothing(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str]
) -> None:
    import_labels(workspace, "persons", labelled(ANSWERED))
    again = import_labels(workspace, "persons", labelled(ANSWERED))
    assert (again.unchanged, again.labels, again.label_count) == (True, 3, 3)


def test_further_labels_are_added(workspace: Workspace, transform: Transform, labelled: Callable[[str], str]) -> None:
    import_labels(workspace, "persons", labelled(ANSWERED))
    summary = import_labels(workspace, "persons", labelled(f"{HEADER}\nS2,A,1,Ann,Bonn\n"))
    assert (summary.label_count, summary.unchanged) == (4, False)


def test_replace_forgets_all_labels_from_before(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str]
) -> None:
    import_labels(workspace, "persons", labelled(ANSWERED))
    import_labels(workspace, "persons", labelled(f"{HEADER}\nS2,A,1,Ann,Bonn\n"), replace=True)
    assert stored(workspace, transform) == [("S2", "1", "A")]


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        pytest.param(
            ANSWERED.replace("S1,B,3", "S1,B,999").replace("S1,A,2", "S1,A,998"),
            r"labelled\.csv' were not stored: line 3: unknown key '998' in column 'id'; "
            r"line 4: unknown key '999' in column 'id'\.$",
            id="unknown keys",
        ),
        pytest.param(
            ANSWERED.replace("city", "town"),
            r"were not stored: line 1: column 'city' is missing\.$",
            id="missing column",
        ),
        pytest.param(
            ANSWERED.replace("S1,B,3", ",B,3"), "line 4: label 'B' stands outside a labeling set", id="outside a set"
        ),
        pytest.param(
            ANSWERED.replace("S1,A,", "S1,,").replace("S1,B,", "S1,,"),
            r"were not stored: no row has a label\. Write labels",
            id="no label",
        ),
        pytest.param(
            ANSWERED.replace("S1,A,2", "S1,B,1"),
            "lines 2 and 3: key '1' has labels 'A' and 'B' in labeling set 'S1'",
            id="two labels",
        ),
        pytest.param(
            HEADER + "".join(f"\nS1,A,{key},," for key in range(100, 112)),
            r"line 11: unknown key '109' in column 'id'; and 2 more\.$",
            id="more than ten",
        ),
    ],
)
def test_a_wrong_file_is_refused_with_its_lines_and_nothing_is_stored(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str], wrong: str, message: str
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        import_labels(workspace, "persons", labelled(wrong))
    assert stored(workspace, transform) == []
    assert get_transform(Catalog.of(workspace), "persons").status == TransformStatus.NOT_READY
    (run,) = list_task_runs(Catalog.of(workspace), transform.transform_id)
    assert (run.status, run.error_string[:9]) == (TaskStatus.FAILED, "Labels in")
    assert any(not check["success"] for check in run.summary["checks"])


def test_a_key_that_a_spreadsheet_changed_is_named_with_the_one_it_was(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str]
) -> None:
    sets = [LabelingSet("ab12", ("1", "2", "3"), {})]
    store_labeling_sets(Catalog.of(workspace), transform.transform_id, "tsk-1", sets)
    wrong = f"{HEADER}\nab12,A,1,Ann,Bonn\nab12,A,2E+00,Anne,Bonn\nab12,B,3,Bob,\n"
    message = r"line 3, column 'id': key '2E\+00' was changed; labeling set 'ab12' was generated with '2'\.$"
    with pytest.raises(InvalidInputError, match=message):
        import_labels(workspace, "persons", labelled(wrong))


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param(ANSWERED.replace(",1,Ann", ", 1 ,Ann"), id="blanks around keys"),
        pytest.param(ANSWERED.replace(",", ";").upper().replace("ANN", "Ann"), id="semicolons and header case"),
        pytest.param("\n".join(f"{line},x" for line in ANSWERED.split()), id="extra column"),
    ],
)
def test_what_people_do_to_a_file_changes_no_label(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str], changed: str
) -> None:
    import_labels(workspace, "persons", labelled(changed))
    assert stored(workspace, transform) == [("S1", "1", "A"), ("S1", "2", "A"), ("S1", "3", "B")]


def test_extra_columns_are_named(workspace: Workspace, transform: Transform, labelled: Callable[[str], str]) -> None:
    text = "\n".join(f"{line},{note}" for line, note in zip(ANSWERED.split(), ["note", *"abcd"], strict=True))
    summary = import_labels(workspace, "persons", labelled(text))
    assert summary.warnings == ("Ignored 1 column that the table does not have: note.",)


def test_a_column_that_the_table_got_later_is_not_foreign(
    workspace: Workspace, transform: Transform, table_file: Path, labelled: Callable[[str], str]
) -> None:
    with_age = zip(table_file.read_text().split(), ["age", "40", "41", "42"], strict=True)
    table_file.write_text("\n".join(f"{line},{age}" for line, age in with_age))
    crawl(workspace, str(table_file), header=True)
    text = "\n".join(f"{line},{age}" for line, age in zip(ANSWERED.split(), ["age", *"abcd"], strict=True))
    summary = import_labels(workspace, "persons", labelled(text))
    assert (summary.label_count, summary.warnings) == (3, ())


def test_the_example_of_aws_loads(
    workspace: Workspace, tmp_path: Path, make_transform: MakeTransform, labelled: Callable[[str], str]
) -> None:
    header, *lines = AWS_EXAMPLE.splitlines()
    people = [f"id,{header.split(',', 2)[2]}", *(f"p{n},{line.split(',', 2)[2]}" for n, line in enumerate(lines))]
    (tmp_path / "people.csv").write_text("\n".join(people) + "\n")
    crawl(workspace, str(tmp_path / "people.csv"), header=True)
    transform = make_transform("default.people_csv")
    file = [header.replace("label,", "label,id,"), *(with_key(line, f"p{n}") for n, line in enumerate(lines))]
    summary = import_labels(workspace, transform.name, labelled("\n".join(file)))
    assert (summary.rows, summary.labels, summary.sets, summary.blank) == (13, 13, 4, 0)
    assert ("DEF345", "p7", "C") in stored(workspace, transform)


def with_key(line: str, key: str) -> str:
    set_id, label, rest = line.split(",", 2)
    return f"{set_id},{label},{key},{rest}"


def test_an_unknown_transform_is_named(workspace: Workspace, labelled: Callable[[str], str]) -> None:
    with pytest.raises(EntityNotFoundError, match="nobody"):
        import_labels(workspace, "nobody", labelled(ANSWERED))


def test_a_missing_file_leaves_no_run_behind(workspace: Workspace, transform: Transform) -> None:
    with pytest.raises(InvalidInputError, match=r"No file at 'none\.csv'"):
        import_labels(workspace, "persons", "none.csv")
    assert list_task_runs(Catalog.of(workspace), transform.transform_id) == []


def test_stored_labels_are_the_catalogs(
    workspace: Workspace, transform: Transform, labelled: Callable[[str], str]
) -> None:
    import_labels(workspace, "persons", labelled(ANSWERED))
    assert list_labels(Catalog.of(workspace), transform.transform_id)[0] == StoredLabel("S1", "1", "A")
