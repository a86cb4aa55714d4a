"""Labels that land in a folder or a bucket: which are new and whole, and whose they are."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from catalog.database import Catalog
from catalog.label_requests import close_request, open_request
from catalog.landed_files import LandedFile, LandedStatus, landed_files, settle_landed
from catalog.transforms import Transform
from errors import InvalidInputError, StorageUnreachableError
from labeling.file import LabelingFile
from storage.files import StoredFile
from storage.workspace import Workspace
from tasks import landed_labels
from tasks.crawl import crawl
from tasks.generate_labeling_set import generate_labeling_set
from tasks.landed_labels import LabelInbox, check_folder
from tests.servers.seaweedfs import Bucket

GOOD = LabelingFile("", (), (), (), "good", "utf-8", ",")
LABELLED = "labeling_set_id,label,id,name,city\ns,A,1,Ann,Bonn\ns,A,2,Anne,Bonn\n"


@pytest.fixture
def folder(tmp_path: Path, transform: Transform) -> Path:
    """The watched folder, with that of the transform in it."""
    (tmp_path / "labels" / transform.name).mkdir(parents=True)
    return tmp_path / "labels"


@pytest.fixture
def inbox(workspace: Workspace, folder: Path) -> LabelInbox:
    return LabelInbox(workspace, str(folder))


def seen(inbox: LabelInbox) -> list[LandedFile]:
    """What lands within two looks: of a local file the first one finds it, and the second one finds it unchanged."""
    return inbox.look() + inbox.look()


def test_a_file_in_the_folder_of_a_transform_is_its(inbox: LabelInbox, folder: Path, transform: Transform) -> None:
    path = folder / "persons" / "any name.csv"
    path.write_text(LABELLED)
    (file,) = seen(inbox)
    assert (file.path, file.transform_id, file.status) == (str(path), transform.transform_id, LandedStatus.WAITING)
    assert seen(inbox) == []


def test_a_local_file_that_still_grows_is_left_alone(inbox: LabelInbox, folder: Path) -> None:
    path = folder / "persons" / "a.csv"
    for lines in range(1, 4):
        path.write_text(LABELLED + "s,,3,Bob,\n" * lines)
        assert inbox.look() == []
    assert len(inbox.look()) == 1


def test_another_watcher_and_a_new_one_see_nothing_new(inbox: LabelInbox, folder: Path, workspace: Workspace) -> None:
    (folder / "persons" / "a.csv").write_text(LABELLED)
    other = LabelInbox(workspace, str(folder))
    other.look()
    assert len(seen(inbox)) == 1
    assert seen(other) == []
    assert seen(LabelInbox(workspace, str(folder))) == []


def test_the_same_content_under_another_name_is_not_delivered_again(inbox: LabelInbox, folder: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (folder / "persons" / name).write_text(LABELLED)
    assert [file.status for file in seen(inbox)] == [LandedStatus.WAITING, LandedStatus.SEEN_BEFORE]


def test_the_same_content_once_more_is_not_delivered_again(
    inbox: LabelInbox, folder: Path, workspace: Workspace
) -> None:
    path = folder / "persons" / "a.csv"
    path.write_text(LABELLED)
    (first,) = seen(inbox)
    settle_landed(Catalog.of(workspace), first, LandedStatus.IMPORTED)
    path.write_text(LABELLED + "s,B,3,Bob,\n")
    path.write_text(LABELLED)
    assert [file.status for file in seen(inbox)] == [LandedStatus.SEEN_BEFORE]


@pytest.mark.parametrize("status", [LandedStatus.REJECTED, LandedStatus.DROPPED])
def test_what_was_not_taken_is_delivered_when_it_is_put_there_again(
    status: LandedStatus, inbox: LabelInbox, folder: Path, workspace: Workspace
) -> None:
    (folder / "persons" / "a.csv").write_text(LABELLED)
    (first,) = seen(inbox)
    settle_landed(Catalog.of(workspace), first, status)
    (folder / "persons" / "a.csv").write_text(LABELLED)
    (folder / "persons" / "b.csv").write_text(LABELLED)
    assert [file.status for file in seen(inbox)] == [LandedStatus.WAITING, LandedStatus.SEEN_BEFORE]


def test_an_object_that_is_put_there_again_is_another_version(
    bucket: Bucket, workspace: Workspace, transform: Transform
) -> None:
    bucket.put("labels/persons/a.csv", LABELLED)
    inbox = LabelInbox(workspace, f"{bucket.url}labels")
    (first,) = inbox.look()
    settle_landed(Catalog.of(workspace), first, LandedStatus.DROPPED)
    assert inbox.look() == []
    time.sleep(1.1)  # stores tell the time in seconds
    bucket.put("labels/persons/a.csv", LABELLED)
    assert [file.status for file in inbox.look()] == [LandedStatus.WAITING]


def test_somebody_faster_is_not_overruled(inbox: LabelInbox, folder: Path, workspace: Workspace) -> None:
    (folder / "persons" / "a.csv").write_text(LABELLED)
    (file,) = seen(inbox)
    catalog = Catalog.of(workspace)
    assert settle_landed(catalog, file, LandedStatus.IMPORTED, "run 1")
    assert not settle_landed(catalog, file, LandedStatus.DELIVERED, "run 2", where={LandedStatus.WAITING})
    assert [(each.status, each.flow_run_id) for each in landed_files(catalog)] == [(LandedStatus.IMPORTED, "run 1")]


def test_two_requests_of_one_transform_for_one_path_are_no_riddle(
    inbox: LabelInbox, folder: Path, workspace: Workspace, transform: Transform
) -> None:
    path = folder / "persons" / "labelled.csv"
    for number in (1, 2):
        open_request(
            Catalog.of(workspace), f"run{number}/1", transform.transform_id, f"run{number}", "to.csv", str(path)
        )
    path.write_text(LABELLED)
    assert [(file.transform_id, file.status) for file in seen(inbox)] == [
        (transform.transform_id, LandedStatus.WAITING)
    ]


def test_a_file_that_cannot_be_read_keeps_no_other_waiting(
    inbox: LabelInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(path: str) -> bytes:
        if path.endswith("busy.csv"):
            raise StorageUnreachableError("Cannot read: 503.")
        raise InvalidInputError("Cannot read: 403.")

    monkeypatch.setattr(
        landed_labels, "read_labeling_file", lambda path, *_: read(path) if "good" not in path else GOOD
    )
    monkeypatch.setattr(landed_labels, "read_bytes", read)
    for name in ("busy", "denied", "good"):
        (folder / "persons" / f"{name}.csv").write_text(LABELLED + name)
    assert inbox.look() == []
    with pytest.raises(StorageUnreachableError, match="503"):
        inbox.look()
    known = {Path(file.path).stem: file.status for file in landed_files(Catalog.of(inbox.workspace))}
    assert known == {"denied": LandedStatus.REJECTED, "good": LandedStatus.WAITING}
    assert "403" in (folder / "persons" / "denied.csv.rejected.txt").read_text()


def test_a_place_that_cannot_be_listed_keeps_no_other_waiting(
    inbox: LabelInbox, folder: Path, workspace: Workspace, transform: Transform, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = landed_labels.list_files

    def listing(place: str) -> list[StoredFile]:
        if "elsewhere" in place:
            raise StorageUnreachableError("Cannot read: 503.")
        return listed(place)

    monkeypatch.setattr(landed_labels, "list_files", listing)
    open_request(Catalog.of(workspace), "run/1", transform.transform_id, "run", "to.csv", "/elsewhere/labelled.csv")
    (folder / "persons" / "a.csv").write_text(LABELLED)
    for _ in range(2):
        with pytest.raises(StorageUnreachableError, match="503"):
            inbox.look()
    assert [file.status for file in landed_files(Catalog.of(workspace))] == [LandedStatus.WAITING]


def test_a_name_that_is_no_text_is_passed_over(inbox: LabelInbox, folder: Path) -> None:
    (folder / "persons" / os.fsdecode(b"M\xfcller.csv")).write_text(LABELLED)
    (folder / "persons" / "a.csv").write_text(LABELLED)
    assert [Path(file.path).name for file in seen(inbox)] == ["a.csv"]


def test_a_relative_folder_is_the_same_folder(
    folder: Path, workspace: Workspace, transform: Transform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parent)
    inbox = LabelInbox(workspace, "labels")
    generate_labeling_set(workspace, transform.name, "labels/persons/to_label.csv")
    (folder / "persons" / "a.csv").write_text(LABELLED)
    assert [(file.transform_id, file.status) for file in seen(inbox)] == [
        (transform.transform_id, LandedStatus.WAITING),
        (transform.transform_id, LandedStatus.NOT_LABELLED),
    ]


def test_the_file_to_label_is_no_answer_until_it_has_labels(
    inbox: LabelInbox, folder: Path, workspace: Workspace, transform: Transform
) -> None:
    path = folder / "persons" / "to_label.csv"
    generate_labeling_set(workspace, transform.name, str(path))
    assert [file.status for file in seen(inbox)] == [LandedStatus.NOT_LABELLED]
    header, *lines = path.read_text().splitlines()
    path.write_text("\n".join([header, *(line.replace(",,", ",A,", 1) for line in lines)]) + "\n")
    assert [file.status for file in seen(inbox)] == [LandedStatus.WAITING]


def test_the_labeling_sets_tell_the_transform_where_the_folder_does_not(
    inbox: LabelInbox, folder: Path, workspace: Workspace, transform: Transform, tmp_path: Path
) -> None:
    generate_labeling_set(workspace, transform.name, str(tmp_path / "to_label.csv"))
    (folder / "anywhere.csv").write_text((tmp_path / "to_label.csv").read_text())
    assert [file.transform_id for file in seen(inbox)] == [transform.transform_id]


def test_what_nobody_knows_is_answered_beside_it(inbox: LabelInbox, folder: Path) -> None:
    path = folder / "stray.csv"
    path.write_text(LABELLED)
    (file,) = seen(inbox)
    assert file.status == LandedStatus.REJECTED
    answer = path.with_name("stray.csv.rejected.txt").read_text()
    assert f"Put the file into the folder {folder}/TRANSFORM/. There are: persons." in answer
    assert seen(inbox) == [], "the answer is taken for labels"


@pytest.mark.parametrize(
    ("name", "content"),
    [("empty.csv", ""), ("picture.png", LABELLED), ("_part.csv", LABELLED), ("a.csv.rejected.txt", LABELLED)],
)
def test_what_can_be_no_labels_is_passed_over(inbox: LabelInbox, folder: Path, name: str, content: str) -> None:
    (folder / "persons" / name).write_text(content)
    assert seen(inbox) == []


def test_a_file_too_large_for_labels_is_answered_and_not_read(
    inbox: LabelInbox, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(landed_labels, "SIZE_LIMIT_MB", 0)
    path = folder / "persons" / "a.csv"
    path.write_text(LABELLED)
    (file,) = seen(inbox)
    assert (file.status, file.content_hash) == (LandedStatus.REJECTED, "")
    assert "exceeded the limit of 0 MB" in path.with_name("a.csv.rejected.txt").read_text()


def test_a_file_that_cannot_be_read_goes_to_its_transform_whose_import_says_why(
    inbox: LabelInbox, folder: Path, transform: Transform
) -> None:
    (folder / "persons" / "a.csv").write_bytes(b"\x00\x01 no labels")
    (file,) = seen(inbox)
    assert (file.transform_id, file.status) == (transform.transform_id, LandedStatus.WAITING)


def test_the_place_that_a_request_names_is_looked_at_wherever_it_is(
    workspace: Workspace, transform: Transform, tmp_path: Path
) -> None:
    catalog = Catalog.of(workspace)
    labels = tmp_path / "elsewhere.csv"
    inbox = LabelInbox(workspace, None)
    open_request(catalog, "run/1", transform.transform_id, "run", "to_label.csv", str(labels))
    assert seen(inbox) == []
    labels.write_text(LABELLED)
    assert [(file.path, file.transform_id) for file in seen(inbox)] == [(str(labels), transform.transform_id)]
    close_request(catalog, "run/1")
    labels.write_text(LABELLED + "s,B,3,Bob,\n")
    assert seen(inbox) == []


def test_a_request_is_opened_once(workspace: Workspace, transform: Transform) -> None:
    catalog = Catalog.of(workspace)
    words = ("run/1", transform.transform_id, "run", "to_label.csv", "labels.csv")
    first, is_new = open_request(catalog, *words)
    assert is_new
    close_request(catalog, "run/1")
    again, is_new = open_request(catalog, *words)
    assert not is_new
    assert again.opened_on == first.opened_on
    assert again.closed_on is not None


@pytest.mark.slow
def test_an_object_is_seen_when_all_of_it_is_there(
    bucket: Bucket, workspace: Workspace, table_file: Path, make_transform: Callable[[str], Transform]
) -> None:
    """A multipart upload shows nothing before it is complete, and then all of it."""
    transform = make_transform(crawl(workspace, str(table_file), header=True).qualified_name)
    inbox = LabelInbox(workspace, f"{bucket.url}labels/")
    assert inbox.look() == [], "a prefix without any object is no error"
    where = {"Bucket": bucket.name, "Key": "labels/persons/a.csv"}
    upload = {**where, "UploadId": bucket.client.create_multipart_upload(**where)["UploadId"]}
    part = bucket.client.upload_part(**upload, PartNumber=1, Body=LABELLED.encode())
    assert inbox.look() == []
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    bucket.client.complete_multipart_upload(**upload, MultipartUpload=parts)
    (file,) = inbox.look()
    assert (file.path, file.transform_id) == (f"{bucket.url}labels/persons/a.csv", transform.transform_id)
    bucket.put("labels/persons/a.csv", LABELLED)
    assert {each.status for each in inbox.look()} <= {LandedStatus.SEEN_BEFORE}
    assert [each.status for each in landed_files(Catalog.of(workspace))].count(LandedStatus.WAITING) == 1


def test_a_folder_that_cannot_be_reached_is_an_error(workspace: Workspace) -> None:
    with pytest.raises(InvalidInputError, match="Cannot reach 'nowhere://labels/'"):
        LabelInbox(workspace, "nowhere://labels/").look()


def test_a_folder_to_watch_that_is_not_there_is_said(tmp_path: Path) -> None:
    check_folder(str(tmp_path))
    with pytest.raises(InvalidInputError, match=r"There is no folder '.*/typo' to watch\."):
        check_folder(str(tmp_path / "typo"))


@pytest.mark.slow
def test_a_bucket_to_watch_that_is_not_there_is_said(bucket: Bucket) -> None:
    check_folder(f"{bucket.url}labels/")
    with pytest.raises(InvalidInputError, match="No file at 's3://no-such-bucket/labels/'"):
        check_folder("s3://no-such-bucket/labels/")
