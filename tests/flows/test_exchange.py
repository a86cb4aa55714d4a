"""Where a pipeline's labels go and come from: a place that the watcher sees, or one line that says why not."""

from pathlib import Path

import pytest

from errors import InvalidInputError
from flows.landed_labels import LabelExchange
from flows.pipeline import exchange


@pytest.fixture
def watched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FINDMATCHES_LABELS", f"{tmp_path}/")
    return tmp_path


def test_labels_are_awaited_in_the_folder_of_the_transform(watched: Path) -> None:
    folder = watched / "people"
    assert exchange("people", None, None, 5) == LabelExchange(
        f"{folder}/labelled_to_label.csv", f"{folder}/labelled.csv", 5
    )
    assert folder.is_dir()


def test_a_place_that_is_given_wins(watched: Path) -> None:
    made = exchange("../people", "s3://lake/done.csv", None, 5)
    assert (made.labels_path, made.labeling_path) == ("s3://lake/done.csv", "s3://lake/done_to_label.csv")
    assert list(watched.iterdir()) == []


@pytest.mark.parametrize("name", ["../outside", "a/b", "..", "_hidden", ".hidden"])
def test_a_name_that_is_no_folder_below_the_watched_one_is_refused(name: str, watched: Path) -> None:
    with pytest.raises(
        InvalidInputError, match=r"No folder for labels can be called '.*', as the transform is\. Give labels_path"
    ):
        exchange(name, None, None, 5)
    assert list(watched.iterdir()) == []
    assert not (watched.parent / "outside").exists()


@pytest.mark.parametrize("path", ["labelled.xlsx", "labels/labelled", "s3://lake/labelled.csv.gz"])
def test_a_name_that_the_watcher_passes_over_is_refused(path: str) -> None:
    with pytest.raises(InvalidInputError, match=r"is no name for a labelled file\. Let it end with \.csv"):
        exchange("people", path, None, 5)


def test_without_a_watched_folder_a_place_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FINDMATCHES_LABELS", raising=False)
    with pytest.raises(InvalidInputError, match="Nobody knows where the labelled file will be"):
        exchange("people", None, None, 5)
