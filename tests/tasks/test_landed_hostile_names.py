"""Labels under names that read like SQL, shell, paths or HTML: taken under that name, or answered in one line."""

import logging
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.labels import list_labels
from catalog.landed_files import LandedFile, LandedStatus, landed_files
from catalog.transforms import Transform
from storage.workspace import Workspace
from tasks.import_labels import import_labels
from tasks.landed_labels import LabelInbox
from tests.servers.seaweedfs import Bucket

LABELLED = "labeling_set_id,label,id,name,city\nset-{number},A,1,Ann,Bonn\nset-{number},A,2,Anne,Bonn\n"
TAKEN = [
    "a'; DROP TABLE findmatches.labels;--.csv",
    'a"; DROP SCHEMA findmatches CASCADE;--.csv',
    "$(touch x).csv",
    "`touch x`.csv",
    "; touch x #.csv",
    "| touch x.csv",
    "x..%2f..%2fy.csv",
    "%s {} {0} $1 %(path)s.csv",
    "{{ 7 * 7 }} {{ prefect.blocks.secret.x }}.csv",
    "<script>alert(1)<script>.csv",
    "[x](javascript:alert(1)).csv",
    "``[x](javascript:alert(1))``.csv",
    "*[a-z]?.csv",
    "-rf.csv",
    "~.csv",
    "a\\b.csv",
    "u:p@x.csv",
    "🎉 Ünï.csv",
]
REFUSED = ["two\nlines.csv", "a\r\nSet-Cookie: x.csv", "a\x1b[31mred.csv", "a\u2028b.csv", "chained::s3.csv"]


def land(folder: Path, names: list[str]) -> None:
    for number, name in enumerate(names):
        (folder / name).write_text(LABELLED.format(number=number))


def seen(workspace: Workspace, folder: Path) -> dict[str, LandedFile]:
    inbox = LabelInbox(workspace, str(folder))
    return {Path(file.path).name: file for file in inbox.look() + inbox.look()}


@pytest.fixture
def folder(tmp_path: Path, transform: Transform, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The transform's folder among the watched ones; the current folder is another one, without any file."""
    made = tmp_path / "labels" / transform.name
    made.mkdir(parents=True)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    return made


def test_a_hostile_name_is_a_name(folder: Path, workspace: Workspace, transform: Transform, tmp_path: Path) -> None:
    land(folder, TAKEN)
    before = {path for path in tmp_path.rglob("*") if workspace.home not in path.parents}
    found = seen(workspace, folder.parent)
    assert sorted(found) == sorted(TAKEN)
    for name, file in found.items():
        assert (file.status, file.transform_id) == (LandedStatus.WAITING, transform.transform_id), name
        assert file.path == str(folder / name)
        assert import_labels(workspace, transform.name, file.path).labels == 2
    assert len(list_labels(Catalog.of(workspace), transform.transform_id)) == 2 * len(TAKEN)
    assert {path for path in tmp_path.rglob("*") if workspace.home not in path.parents} == before


@pytest.mark.parametrize("name", REFUSED, ids=ascii)
def test_a_name_that_no_run_takes_is_answered_in_one_line(folder: Path, workspace: Workspace, name: str) -> None:
    land(folder, [name])
    file = seen(workspace, folder.parent)[name]
    assert file.status == LandedStatus.REJECTED
    (line,) = file.message.splitlines()
    assert "is no path that a run takes" in line
    assert line.isprintable()
    answer = folder / f"{name}.rejected.txt"
    assert answer.read_text(encoding="utf-8").startswith(f"{line}\n\nNothing of this file was stored.")


def test_an_answer_that_cannot_be_written_is_one_line_in_the_log(
    folder: Path, workspace: Workspace, caplog: pytest.LogCaptureFixture
) -> None:
    name = "two\nlines.csv"
    land(folder, [name])
    (folder / f"{name}.rejected.txt").mkdir()
    with caplog.at_level(logging.WARNING, "findmatches"):
        seen(workspace, folder.parent)
    lines = [record.getMessage() for record in caplog.records]
    assert any("could not be written beside it" in line for line in lines), lines
    assert all(len(line.splitlines()) == 1 for line in lines)


def test_a_folder_with_a_hostile_name_is_nobodys(folder: Path, workspace: Workspace) -> None:
    stray = folder.with_name("persons'; DROP TABLE x;--")
    stray.mkdir()
    land(stray, ["a.csv"])
    file = seen(workspace, folder.parent)["a.csv"]
    assert file.status == LandedStatus.REJECTED
    assert len(file.message.splitlines()) == 1
    assert "There are: persons." in file.message


def test_dots_before_an_encoded_slash_are_a_hidden_name_and_no_way_up(folder: Path, workspace: Workspace) -> None:
    land(folder, ["..%2f..%2fx.csv", "seen.csv"])
    assert list(seen(workspace, folder.parent)) == ["seen.csv"]


@pytest.mark.slow
def test_a_hostile_key_is_a_key(bucket: Bucket, folder: Path, workspace: Workspace, transform: Transform) -> None:
    keys = [f"labels/persons/{name}" for name in TAKEN]
    for number, key in enumerate(keys):
        bucket.put(key, LABELLED.format(number=number))
    bucket.put("labels/persons/two\nlines.csv", LABELLED.format(number="x"))
    bucket.put("labels/persons/http://u:p@x/a?token=1.csv", LABELLED.format(number="y"))
    stored = set(bucket.keys())
    inbox = LabelInbox(workspace, f"{bucket.url}labels/")
    found = {file.path.removeprefix(bucket.url): file for file in inbox.look()}
    assert found.keys() == stored
    for key, file in found.items():
        if "\n" in key:
            assert file.status == LandedStatus.REJECTED
            assert len(file.message.splitlines()) == 1
        else:
            assert file.status == LandedStatus.WAITING, key
            assert import_labels(workspace, transform.name, file.path).labels == 2
    assert set(bucket.keys()) - stored == {"labels/persons/two\nlines.csv.rejected.txt"}
    assert len(landed_files(Catalog.of(workspace))) == len(stored)
