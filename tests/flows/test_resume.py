"""A deployed pipeline that is killed in the middle of every step, one after the other, and goes on each time."""

import csv
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from catalog.database import Catalog
from catalog.label_requests import close_request, open_requests
from catalog.labels import list_labels
from catalog.landed_files import LandedStatus, landed_files
from catalog.task_runs import TaskStatus, TaskType, list_task_runs
from storage.workspace import Workspace
from tasks.landed_labels import LabelInbox

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]

ROOT = Path(__file__).parents[2]

# Python imports this at its start, here in every process of a run; once it kills the flow's process, and so the step's.
KILLER = """
import importlib, os, pathlib, signal, time
import tasks.step_host as host

module, name, when = os.environ["KILL_AT"].split(":")
mark = pathlib.Path(os.environ["KILL_MARK"])
run = host.Call.run

def run_until_killed(call):
    if not mark.exists():
        place = importlib.import_module(module)
        original = getattr(place, name)
        def deadly(*arguments, **options):
            if when == "after":
                original(*arguments, **options)
            mark.write_text("killed")
            os.kill(os.getppid(), signal.SIGKILL)
            time.sleep(60)
        setattr(place, name, deadly)
    return run(call)

host.Call.run = run_until_killed
"""

BEFORE_THE_LABELS = [
    "tasks.crawl_catalog:register_crawl:before",
    "tasks.prepare_transform:create_transform:after",
    "tasks.generate_labeling_set:write_labeling_file:after",
]
AFTER_THE_LABELS = [
    "tasks.import_labels:store_labels:before",
    "tasks.import_labels:store_labels:after",
    "tasks.model:store_model:after",
    "tasks.estimate_quality:store_evaluation:after",
    "tasks.find_matches:write_matches:after",
]


@pytest.fixture
def deployed(people_csv: Path, home: Path, tmp_path: Path) -> UUID:
    """The id of a flow run of the deployed pipeline that nobody has begun."""
    from prefect import get_client

    from flows.pipeline import pipeline

    deployment = pipeline.to_deployment("killed")
    deployment.entrypoint = "flows/pipeline.py:pipeline"
    deployment_id = deployment.apply()
    parameters = {
        "path": str(people_csv),
        "primary_key": "id",
        "output": str(tmp_path / "matches.csv"),
        "labels_path": str(tmp_path / "labelled.csv"),
        "home": str(home),
    }
    with get_client(sync_client=True) as client:
        return client.create_flow_run_from_deployment(deployment_id, parameters=parameters).id


@pytest.fixture
def go_on(deployed: UUID, tmp_path: Path, prefect_server: str) -> Callable[[str], str]:
    """Run the flow run in a process, as a worker does, to a place where it is killed or to its end; gives its state."""
    (tmp_path / "killer").mkdir()
    (tmp_path / "killer" / "sitecustomize.py").write_text(KILLER)

    def run(kill_at: str = "") -> str:
        environment = os.environ | {
            "PREFECT_API_URL": prefect_server,
            "PREFECT__FLOW_RUN_ID": str(deployed),
            "PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL": "WARNING",
            "FINDMATCHES_ALLOWED_PATHS": str(tmp_path),
        }
        if kill_at:
            environment |= {
                "PYTHONPATH": os.pathsep.join([str(tmp_path / "killer"), str(ROOT)]),
                "KILL_AT": kill_at,
                "KILL_MARK": str(tmp_path / kill_at.replace(":", "-")),
            }
        command = [sys.executable, "-m", "prefect.engine"]
        done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=False)
        if kill_at:
            assert done.returncode == -signal.SIGKILL, f"{kill_at} was not reached:\n{done.stderr[-3000:]}"
            retry(deployed)
        return state_of(deployed)

    return run


def retry(flow_run_id: UUID) -> None:
    """Do what the button "Retry" of a crashed run does."""
    from prefect import get_client
    from prefect.states import AwaitingRetry

    with get_client(sync_client=True) as client:
        client.set_flow_run_state(flow_run_id, AwaitingRetry(), force=True)


def state_of(flow_run_id: UUID) -> str:
    from prefect import get_client

    with get_client(sync_client=True) as client:
        state = client.read_flow_run(flow_run_id).state
    assert state is not None
    return str(state.name)


def matched(path: Path) -> set[frozenset[str]]:
    clusters: dict[str, set[str]] = {}
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            clusters.setdefault(row["match_id"], set()).add(row["id"])
    return set(map(frozenset, clusters.values()))


def undisturbed(people_csv: Path, labelled: Path, home: Path, output: Path, answer: Callable[..., Any]) -> None:
    """Do the same steps, as plain functions in this process."""
    from catalog.transforms import FindMatchesParameters, TaskRunProperties
    from tasks.crawl import crawl
    from tasks.estimate_quality import estimate_quality
    from tasks.find_matches import find_matches
    from tasks.generate_labeling_set import generate_labeling_set
    from tasks.import_labels import import_labels
    from tasks.prepare_transform import prepare_transform
    from tasks.train import train

    workspace = Workspace(home)
    table = crawl(workspace, str(people_csv))
    made = prepare_transform(
        workspace, table.name, table.qualified_name, FindMatchesParameters("id"), TaskRunProperties()
    )
    generate_labeling_set(workspace, made.name, str(labelled.with_name("to_label.csv")))
    import_labels(workspace, made.name, str(answer(labelled.with_name("to_label.csv"), labelled)))
    train(workspace, made.name)
    estimate_quality(workspace, made.name)
    find_matches(workspace, made.name, str(output))


def test_a_run_killed_in_every_step_ends_as_an_undisturbed_one(deployed, go_on, people_csv, home, tmp_path, answer):
    from flows.delivery import deliver_landed

    for place in BEFORE_THE_LABELS:
        go_on(place)
    assert go_on() == "Suspended"
    catalog = Catalog.of(Workspace(home))
    assert [request.flow_run_id for request in open_requests(catalog)] == [str(deployed)]

    answer(tmp_path / "labelled_to_label.csv", tmp_path / "labelled.csv")
    inbox = LabelInbox(Workspace(home), None)
    assert inbox.look() == []
    assert [file.status for file in inbox.look()] == [LandedStatus.WAITING]
    assert len(deliver_landed(str(home), None)) == 1
    assert deliver_landed(str(home), None) == []
    go_on(AFTER_THE_LABELS[0])
    close_request(catalog, f"{deployed}/1")  # as the watcher does when it finds that the run has crashed
    for place in AFTER_THE_LABELS[1:]:
        go_on(place)
    assert go_on() == "Completed"

    succeeded = Counter(run.task_type for run in list_task_runs(catalog) if run.status == TaskStatus.SUCCEEDED)
    assert succeeded == Counter(
        [TaskType.LABELING_SET_GENERATION, TaskType.IMPORT_LABELS, TaskType.EVALUATION, TaskType.FIND_MATCHES]
    )
    assert [file.status for file in landed_files(catalog)] == [LandedStatus.IMPORTED]
    assert open_requests(catalog) == []
    alone = tmp_path / "alone"
    alone.mkdir()
    undisturbed(people_csv, alone / "labelled.csv", alone / "home", alone / "matches.csv", answer)
    assert (tmp_path / "labelled_to_label.csv").read_bytes() == (alone / "to_label.csv").read_bytes()
    assert len(list_labels(catalog, list_task_runs(catalog)[0].transform_id)) > 0
    assert (tmp_path / "matches.csv").read_bytes() == (alone / "matches.csv").read_bytes()
