"""Labels that landed go to one run each, on a server whose runs nobody begins."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from catalog.database import Catalog
from catalog.label_requests import open_request, open_requests
from catalog.landed_files import LandedFile, LandedStatus, landed_files
from catalog.transforms import FindMatchesParameters, Transform, create_transform, delete_transform, get_transform
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.landed_labels import LabelInbox

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

LABELLED = "labeling_set_id,label,id,name,city,phone\ns,A,p01a,x,y,1\ns,A,p01b,x,y,1\n"


@pytest.fixture
def deployed() -> None:
    """The deployment that labels start, of which no worker begins runs."""
    from flows.learn_from_labels import learn_from_labels

    learn_from_labels.to_deployment("learn-from-labels").apply()


@pytest.fixture
def transform(people_csv: Path, home: Path) -> Transform:
    table = crawl(Workspace(home), str(people_csv))
    catalog = Catalog.of(Workspace(home))
    return create_transform(catalog, name="people", table=table, parameters=FindMatchesParameters("id"))


@pytest.fixture
def land(tmp_path: Path, home: Path, transform: Transform) -> Callable[..., list[LandedFile]]:
    """Put files into the transform's folder, by name and content, and deliver what then waits."""
    from flows.delivery import deliver_landed

    folder = tmp_path / "labels" / transform.name
    folder.mkdir(parents=True)

    def put(**files: str) -> list[LandedFile]:
        for name, content in files.items():
            (folder / f"{name}.csv").write_text(content)
        inbox = LabelInbox(Workspace(home), str(tmp_path / "labels"))
        inbox.look()
        inbox.look()
        return deliver_landed(str(home), str(tmp_path))

    return put


def runs_of(transform: Transform, home: Path) -> list[Any]:
    """The runs that were made for the labels of this workspace, the oldest first."""
    from prefect import get_client

    with get_client(sync_client=True) as client:
        runs = [run for run in client.read_flow_runs() if run.parameters.get("home") == str(home)]
    return sorted(runs, key=lambda run: run.created)


def files_of(home: Path) -> dict[str, LandedFile]:
    """The first version of every file, by name."""
    return {Path(file.path).stem: file for file in reversed(landed_files(Catalog.of(Workspace(home))))}


def waiting_run(state: Any) -> UUID:
    """A flow run in this state, of a deployment of its own."""
    from prefect import flow, get_client

    deployment_id = flow(name="waits")(lambda: None).to_deployment("waits").apply()
    with get_client(sync_client=True) as client:
        run = client.create_flow_run_from_deployment(deployment_id)
        client.set_flow_run_state(run.id, state, force=True)
    return run.id


@pytest.mark.usefixtures("deployed")
def test_two_files_at_once_are_two_runs_however_often_they_are_seen(land, transform, home, tmp_path):
    more = LABELLED + "s,B,p03a,x,y,1\n"
    assert len(land(one=LABELLED, two=more)) == 2
    assert land(one=LABELLED, two=more) == []
    assert land(one_again=LABELLED) == []
    runs = runs_of(transform, home)
    assert [Path(run.parameters["labels_path"]).stem for run in runs] == ["one", "two"]
    assert {run.parameters["output"] for run in runs} == {str(tmp_path / "people.csv")}
    assert {run.parameters["name"] for run in runs} == {"people"}
    files = files_of(home)
    assert [files[name].flow_run_id for name in ("one", "two")] == [str(run.id) for run in runs]
    assert files["one_again"].status == LandedStatus.SEEN_BEFORE


@pytest.mark.usefixtures("deployed")
def test_a_delivery_that_was_cut_off_makes_no_second_run(land, transform, home):
    from catalog.landed_files import settle_landed
    from flows.delivery import deliver_landed

    land(one=LABELLED)
    settle_landed(Catalog.of(Workspace(home)), files_of(home)["one"], LandedStatus.WAITING)
    assert len(deliver_landed(str(home), None)) == 1
    assert len(runs_of(transform, home)) == 1


@pytest.mark.usefixtures("deployed")
def test_a_run_that_waits_is_resumed_and_no_other_is_started(land, transform, home):
    from prefect import get_client
    from prefect.states import Suspended

    run_id = waiting_run(Suspended(timeout_seconds=600))
    catalog = Catalog.of(Workspace(home))
    open_request(catalog, "run/1", transform.transform_id, str(run_id), "to_label.csv", "labelled.csv")
    (file,) = land(one=LABELLED)
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(run_id).state
    assert state is not None
    assert state.is_scheduled()
    assert files_of(home)["one"].flow_run_id == str(run_id)
    assert runs_of(transform, home) == []
    assert file.path.endswith("one.csv")


@pytest.mark.usefixtures("deployed")
def test_a_run_that_has_not_suspended_yet_is_waited_for(land, transform, home):
    from prefect.states import Running

    run_id = waiting_run(Running())
    catalog = Catalog.of(Workspace(home))
    open_request(catalog, "run/1", transform.transform_id, str(run_id), "to_label.csv", "labelled.csv")
    assert land(one=LABELLED) == []
    assert files_of(home)["one"].status == LandedStatus.WAITING
    assert runs_of(transform, home) == []


@pytest.mark.usefixtures("deployed")
def test_labels_for_a_run_that_has_ended_start_a_new_one(land, transform, home):
    from prefect.states import Cancelled

    run_id = waiting_run(Cancelled())
    catalog = Catalog.of(Workspace(home))
    open_request(catalog, "run/1", transform.transform_id, str(run_id), "to_label.csv", "labelled.csv")
    assert len(land(one=LABELLED)) == 1
    assert len(runs_of(transform, home)) == 1
    assert open_requests(catalog) == []


@pytest.mark.usefixtures("deployed")
def test_labels_for_the_path_of_one_run_go_to_it_and_to_no_other(land, transform, home, tmp_path):
    from prefect.states import Suspended

    catalog = Catalog.of(Workspace(home))
    waits = {name: waiting_run(Suspended(timeout_seconds=600)) for name in ("first", "second")}
    for name, run_id in waits.items():
        path = str(tmp_path / "labels" / "people" / f"for_{name}.csv")
        open_request(catalog, f"{run_id}/1", transform.transform_id, str(run_id), "to_label.csv", path)
    land(for_first=LABELLED)
    assert files_of(home)["for_first"].flow_run_id == str(waits["first"])


@pytest.mark.usefixtures("deployed")
def test_a_file_whose_run_ended_without_it_is_answered_and_taken_when_it_is_put_there_again(
    land, transform, home, tmp_path
):
    from prefect import get_client
    from prefect.states import Failed

    land(one=LABELLED)
    (first,) = runs_of(transform, home)
    with get_client(sync_client=True) as client:
        client.set_flow_run_state(first.id, Failed(), force=True)
    assert land() == []
    assert files_of(home)["one"].status == LandedStatus.DROPPED
    answer = (tmp_path / "labels" / "people" / "one.csv.rejected.txt").read_text()
    assert answer.startswith("The run that was to take these labels ended as Failed before it took them.")
    assert len(land(one=LABELLED)) == 1
    assert len(runs_of(transform, home)) == 2


def test_labels_of_a_transform_that_is_gone_are_nobodys(land, transform, home):
    from prefect.states import Running

    from flows.delivery import deliver_landed

    catalog = Catalog.of(Workspace(home))
    run_id = waiting_run(Running())
    open_request(catalog, "run/1", transform.transform_id, str(run_id), "to_label.csv", "labelled.csv")
    land(one=LABELLED)
    delete_transform(catalog, "people")
    assert deliver_landed(str(home), None) == []
    assert files_of(home)["one"].status == LandedStatus.REJECTED


def test_labels_that_land_are_learned_from(people_csv, home, tmp_path, answer):
    """The flow itself, by hand: labels of a file, then a model, its quality, and matches where the last ones went."""
    from errors import InvalidInputError
    from flows.learn_from_labels import learn_from_labels
    from tasks.find_matches import find_matches
    from tasks.generate_labeling_set import generate_labeling_set

    workspace = Workspace(home)
    table = crawl(workspace, str(people_csv))
    create_transform(Catalog.of(workspace), name="people", table=table, parameters=FindMatchesParameters("id"))
    generate_labeling_set(workspace, "people", str(tmp_path / "to_label.csv"))
    labels = str(answer(tmp_path / "to_label.csv", tmp_path / "labelled.csv"))
    with pytest.raises(InvalidInputError, match="has written no matches yet"):
        learn_from_labels("people", labels, home=str(home))
    assert get_transform(Catalog.of(workspace), "people").label_count > 0, "the labels were lost"
    find_matches(workspace, "people", str(tmp_path / "matches.csv"))
    (tmp_path / "matches.csv").unlink()
    learned = learn_from_labels("people", labels, home=str(home))
    assert learned.matches.path == str(tmp_path / "matches.csv")
    assert learned.matches.model == learned.model.model_id
    assert (tmp_path / "matches.csv").exists()

    wrong = tmp_path / "wrong.csv"
    wrong.write_text("labeling_set_id,label\ns,A\n")
    with pytest.raises(InvalidInputError, match="column 'id' is missing"):
        learn_from_labels("people", str(wrong), home=str(home))
    assert "column 'id' is missing" in (tmp_path / "wrong.csv.rejected.txt").read_text()


@pytest.mark.usefixtures("deployed")
def test_a_queue_tells_of_labels_within_seconds(bucket, queue, people_csv, home):
    from flows.watching import Watcher, WatchSettings

    client, url, arn = queue
    table = crawl(Workspace(home), str(people_csv))
    catalog = Catalog.of(Workspace(home))
    made = create_transform(catalog, name="people", table=table, parameters=FindMatchesParameters("id"))
    inbox = f"{bucket.url}labels/"
    watcher = Watcher(WatchSettings(inbox, queue=arn, output=str(home)), str(home))
    watcher.go_round()
    bucket.put("labels/people/unheard.csv", LABELLED + "s,B,p05a,x,y,1\n")
    watcher.go_round()
    assert runs_of(made, home) == [], "it looked although the queue told of nothing"
    bucket.put("labels/people/a.csv", LABELLED)
    told = {"bucket": {"name": bucket.name}, "object": {"key": "labels/people/a.csv", "size": 1, "eTag": "x"}}
    client.send_message(QueueUrl=url, MessageBody=json.dumps({"Records": [{"eventName": "ObjectCreated", "s3": told}]}))
    began = time.monotonic()
    while len(runs_of(made, home)) < 2:
        assert time.monotonic() - began < 60
        watcher.go_round()
    assert (
        client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"][
            "ApproximateNumberOfMessagesNotVisible"
        ]
        == "0"
    )


@pytest.mark.usefixtures("deployed")
def test_a_hostile_name_reaches_its_run_as_it_is(land, transform, home, tmp_path, monkeypatch):
    from flows.permitted import check_permitted

    names = ["a'; DROP TABLE x;--", "$(touch x)", "x..%2f..%2fy", "<script>", "[x](javascript:y)", "{{ 7 * 7 }}", "{x}"]
    land(**{name: f"{LABELLED}s,{'ABCDEFG'[number]},p03a,x,y,1\n" for number, name in enumerate(names)})
    runs = runs_of(transform, home)
    folder = tmp_path / "labels" / "people"
    assert {run.parameters["labels_path"] for run in runs} == {str(folder / f"{name}.csv") for name in names}
    assert {run.parameters["name"] for run in runs} == {"people"}
    monkeypatch.setenv("FINDMATCHES_ALLOWED_PATHS", str(tmp_path))
    check_permitted(*(run.parameters["labels_path"] for run in runs))


@pytest.mark.usefixtures("deployed")
def test_a_name_with_a_line_end_starts_no_run(land, transform, home):
    assert land(**{"two\nlines": LABELLED}) == []
    assert runs_of(transform, home) == []
    (file,) = files_of(home).values()
    assert file.status == LandedStatus.REJECTED
