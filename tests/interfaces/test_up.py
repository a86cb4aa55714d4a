"""findmatches up: a real server with all its parts, what it does by itself, and how it stops."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.docs.doc_pages import FOLDER
from tests.servers.receiver import Receiver, receiving

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

FINDMATCHES = [sys.executable, "-m", "interfaces.cli"]
ROOT = Path(__file__).parents[2]


@dataclass
class Up:
    """A `findmatches up` that runs in a folder of its own."""

    process: "subprocess.Popen[str]"
    folder: Path
    port: int
    environment: dict[str, str]

    @property
    def said(self) -> str:
        """What it printed so far."""
        return (self.folder / "said.txt").read_text()

    def findmatches(self, *words: str, **variables: str) -> str:
        """What a command in another terminal prints."""
        told = self.environment | {"PREFECT_API_URL": f"http://127.0.0.1:{self.port}/api"} | variables
        done = subprocess.run(
            [*FINDMATCHES, *words], cwd=self.folder, env=told, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def post(self, path: str, body: Any) -> Any:
        """What the server answers."""
        return self._asked("POST", path, body)

    def put(self, path: str, body: Any) -> Any:
        """What the server answers."""
        return self._asked("PUT", path, body)

    def get(self, path: str) -> Any:
        """What the server answers."""
        return self._asked("GET", path)

    def _asked(self, method: str, path: str, body: Any = None) -> Any:
        """What the server answers; one that has no time is asked again, as Prefect's own programs do."""
        url = f"http://127.0.0.1:{self.port}/api{path}"
        for _ in range(20):
            answer = httpx.request(method, url, json=body, timeout=60, trust_env=False)
            if answer.status_code != 503:
                break
            time.sleep(0.5)
        assert answer.status_code < 300, answer.text
        return answer.json() if answer.content else None

    def start(self, deployment: str, **parameters: Any) -> str:
        """The id of a run that was started."""
        found = self.get(f"/deployments/name/{deployment}")
        return str(self.post(f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})["id"])

    def kill(self, part: str) -> None:
        """Kill a part, by what stands in its command."""
        words = ["pgrep", "-P", str(self.process.pid), "-f", part]
        os.kill(int(subprocess.run(words, capture_output=True, text=True, check=True).stdout), signal.SIGKILL)

    def begin_run(self, tags: list[str]) -> str:
        """The id of a run that says it runs, and has no process."""
        running = {"type": "RUNNING", "name": "Running"}
        flow = self.post("/flows/", {"name": "long"})["id"]
        return str(self.post("/flow_runs/", {"flow_id": flow, "state": running, "tags": tags})["id"])

    def state_of(self, run: str) -> str:
        """The name of a run's state."""
        return str(self.get(f"/flow_runs/{run}")["state"]["name"])

    def ended(self, run: str) -> str:
        """How a run ended."""
        return waited(lambda: self.state_of(run), lambda state: state in {"Completed", "Failed", "Crashed"})

    def tell(self, event: str, resource: str, payload: Any = None, related: Any = ()) -> None:
        """Tell the server of something that happened."""
        happened = {
            "id": str(uuid.uuid4()),
            "occurred": datetime.now(UTC).isoformat(),
            "event": event,
            "resource": {"prefect.resource.id": resource},
            "related": list(related),
            "payload": payload or {},
        }
        self.post("/events", [happened])


def waited(look: Callable[[], str], is_it: Callable[[str], bool], seconds: float = 90) -> str:
    end = time.monotonic() + seconds
    while not is_it(seen := look()):
        assert time.monotonic() < end, seen
        time.sleep(0.3)
    return seen


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def processes_of(folder: Path) -> list[str]:
    """The command lines of all processes that know the folder as their workspace."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if f"FINDMATCHES_HOME={folder}".encode() in (path / "environ").read_bytes():
                found.append((path / "cmdline").read_text().replace("\0", " "))
        except (OSError, ProcessLookupError):
            continue
    return found


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    folder = tmp_path_factory.mktemp("up")
    (folder / "labels").mkdir()
    port = free_port()
    told = {name: value for name, value in os.environ.items() if not name.startswith(("PREFECT_", "FINDMATCHES_"))}
    told |= {"FINDMATCHES_HOME": str(folder / "home"), "PYTHONPATH": str(ROOT)}
    command = [*FINDMATCHES, "up", "--port", str(port), "--labels", "labels"]
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(command, cwd=folder, env=told, stdout=said, stderr=subprocess.STDOUT, text=True)
    made = Up(process, folder, port, told)
    try:
        waited(lambda: made.said, lambda said: "Ctrl-C stops all." in said or process.poll() is not None, 300)
        yield made
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


@pytest.fixture(scope="module")
def receiver(up: Up) -> Iterator[Receiver]:
    """Who is told of what happens."""
    with receiving() as made:
        up.findmatches("notify", FINDMATCHES_NOTIFY_URL=made.address)
        yield made


def test_it_says_where_it_is(up: Up) -> None:
    page = (ROOT / "docs" / "orchestration.md").read_text(encoding="utf-8")
    said = up.said.replace(f":{up.port}", ":4200").replace(str(up.folder), FOLDER)
    assert f"```text\n{said}```" in page
    assert httpx.get(f"http://127.0.0.1:{up.port}/", timeout=60, trust_env=False).status_code == 200


def test_its_worker_runs_what_a_person_starts(up: Up) -> None:
    (up.folder / "people.csv").write_text("id,name\n1,Ada\n2,Bob\n")
    assert up.ended(up.start("crawl/crawl", path="people.csv", table="people")) == "Completed"
    assert re.search(r"default +people +csv +2 ", up.findmatches("tables"))


def test_a_failed_run_is_told_in_one_line(up: Up, receiver: Receiver) -> None:
    name = 'no "such" <transform> \\ & co'
    run = up.start("train/train", name=name)
    assert up.ended(run) == "Failed"
    told = receiver.wait_for(event="prefect.flow-run.Failed", transform=name)
    assert (told["flow"], told["run"]) == ("train", f"train {name}")
    assert told["error"].startswith("EntityNotFoundError: Cannot find MLTransform with handle no ")
    assert told["link"].endswith(run)
    assert told["text"].count("\n") == 0
    assert told["text"].startswith(f"findmatches: train {name} (train of transform {name}) ended as Failed. ")
    assert set(receiver.types) == {"application/json"}


def test_labels_that_are_wanted_are_told(up: Up, receiver: Receiver) -> None:
    run = up.start("train/train", name="of nobody")
    related = [{"prefect.resource.id": f"prefect.flow-run.{run}", "prefect.resource.role": "flow-run"}]
    payload = {"transform": "people", "labeling_path": "s3://b/to.csv", "labels_path": "s3://b/done.csv"}
    up.tell("findmatches.labels.wanted", "findmatches.transform.people", payload | {"flow_run_id": run}, related)
    told = receiver.wait_for(event="findmatches.labels.wanted")
    assert (told["transform"], told["label"], told["put_at"]) == ("people", "s3://b/to.csv", "s3://b/done.csv")
    assert told["text"].endswith(f"Label s3://b/to.csv and put it at s3://b/done.csv. {told['link']}")
    assert told["link"].endswith(run)


def test_the_address_is_nowhere_to_be_read(up: Up, receiver: Receiver) -> None:
    secret = receiver.address.rpartition("/")[2].encode()
    files = [path for path in up.folder.rglob("*") if path.is_file()]
    assert [path.name for path in files if secret in path.read_bytes()] == []
    assert any(path.name == "prefect.db" for path in files)


def test_a_run_whose_process_died_crashes_and_one_that_waits_does_not(up: Up) -> None:
    (automation,) = [
        each for each in up.post("/automations/filter", {}) if each["name"] == "findmatches-crash-dead-runs"
    ]
    sooner = automation | {"trigger": automation["trigger"] | {"within": 10}}
    keep = {name: sooner[name] for name in ("name", "description", "enabled", "trigger", "actions")}
    up.put(f"/automations/{automation['id']}", keep)
    died, waits, foreign = (up.begin_run(tags) for tags in (["findmatches"], ["findmatches"], ["another"]))
    time.sleep(3)  # until the server's triggers know the automation as it is now
    for run, tag in ((died, "findmatches"), (waits, "findmatches"), (foreign, "another")):
        related = [{"prefect.resource.id": f"prefect.tag.{tag}", "prefect.resource.role": "tag"}]
        up.tell("prefect.flow-run.heartbeat", f"prefect.flow-run.{run}", related=related)
    up.post(f"/flow_runs/{waits}/set_state", {"state": {"type": "PAUSED", "name": "Suspended"}, "force": True})
    assert up.ended(died) == "Crashed"
    assert (up.state_of(waits), up.state_of(foreign)) == ("Suspended", "Running")


def test_a_deploy_tells_the_automations_of_runs_that_may_be_dead(up: Up) -> None:
    run, foreign = (up.begin_run(tags) for tags in (["findmatches"], ["another"]))
    up.findmatches("deploy")

    def told(resource: str) -> int:
        """How often it was said that a run lives."""
        of_run = {"id": [f"prefect.flow-run.{resource}"]}
        sought = {"resource": of_run, "event": {"name": ["prefect.flow-run.heartbeat"]}}
        return int(up.post("/events/filter", {"filter": sought})["total"])

    waited(lambda: str(told(run)), lambda count: count == "1", 30)
    assert told(foreign) == 0
    for each in (run, foreign):
        up.post(f"/flow_runs/{each}/set_state", {"state": {"type": "COMPLETED"}, "force": True})


def test_a_part_that_dies_is_started_again_and_the_server_keeps_what_it_knew(up: Up) -> None:
    for name in ("server start", "worker start"):
        up.kill(name)
        part = name.partition(" ")[0]
        waited(
            lambda part=part: up.said, lambda said, part=part: f"The {part} ended by itself (signal SIGKILL)" in said
        )
    waited(lambda: str(_answers(up)), lambda answers: answers == "True")
    assert up.ended(up.start("crawl/crawl", path="people.csv", table="people")) == "Completed"


def _answers(up: Up) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{up.port}/api/health", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def test_it_can_be_stopped_while_it_starts(up: Up, tmp_path: Path) -> None:
    command = [*FINDMATCHES, "up", "--port", str(free_port())]
    environment = up.environment | {"FINDMATCHES_HOME": str(tmp_path / "home")}
    with (tmp_path / "said.txt").open("w") as said:
        other = subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=said, stderr=subprocess.STDOUT)
    waited(lambda: str(len(processes_of(tmp_path / "home"))), lambda count: int(count) > 1)
    other.send_signal(signal.SIGTERM)
    assert other.wait(15) == 0
    assert processes_of(tmp_path / "home") == []


def test_a_port_that_is_taken_is_one_line(up: Up, tmp_path: Path) -> None:
    environment = up.environment | {"FINDMATCHES_HOME": str(tmp_path / "home")}
    command = [*FINDMATCHES, "up", "--port", str(up.port)]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: Port {up.port} of 127.0.0.1 cannot be had")
    assert not (tmp_path / "home" / "logs").exists()


@pytest.fixture
def many(up: Up) -> str:
    """A file that a crawl reads for a while."""
    path = up.folder / "many.csv"
    if not path.exists():
        lines = "".join(f"{number},name of {number * 7919 % 1_000_003}\n" for number in range(100_000))
        with path.open("w") as file:
            file.write("id,name\n")
            file.writelines(lines for _ in range(150))
    return path.name


def test_a_run_whose_worker_died_can_be_cancelled(up: Up, many: str) -> None:
    run = up.start("crawl/crawl", path=many, table="cancelled", whole=True)
    waited(lambda: up.state_of(run), lambda state: state == "Running")
    up.kill("worker start")
    up.post(f"/flow_runs/{run}/set_state", {"state": {"type": "CANCELLING", "name": "Cancelling"}})
    waited(lambda: up.state_of(run), lambda state: state != "Cancelling", 30)
    time.sleep(2)
    assert up.state_of(run) == "Cancelled"
    assert "cancelled" not in up.findmatches("tables")


def test_sigterm_stops_all_within_15_seconds_also_runs_whose_worker_died(up: Up, many: str) -> None:
    first = up.start("crawl/crawl", path=many, table="many", whole=True)
    waited(lambda: up.state_of(first), lambda state: state == "Running")
    up.kill("worker start")
    other = up.start("crawl/crawl", path=many, table="others", whole=True)
    waited(lambda: up.state_of(other), lambda state: state in {"Pending", "Running"})
    begun = time.monotonic()
    up.process.send_signal(signal.SIGTERM)
    up.process.wait(30)
    assert time.monotonic() - begun < 15
    assert up.process.returncode == 0
    assert up.said.endswith("All stopped. What is known stays; the next start goes on with it.\n")
    waited(lambda: "\n".join(processes_of(up.folder / "home")), lambda running: not running, 1)
    assert "Traceback" not in up.said
