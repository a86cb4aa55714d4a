"""What Prefect costs a pipeline, how soon labels that land start a run, and what the watcher asks of the store.

    python -m benchmarks.orchestration --landed 20

Everything runs on this machine, in a folder that is removed: the steps as plain functions and as tasks of a flow, side
by side; a server, a worker and the watcher as `findmatches up` starts them.  Labels land in S3 where the AWS_…
variables name a store (see benchmarks/crawling.py), else in a folder, where a file is looked at twice.
"""

import argparse
import csv
import io
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from interfaces.server.children import Program
from interfaces.server.programs import ServerSettings, environment, server, watcher, worker
from storage.workspace import Workspace

ROOT = Path(__file__).parents[1]
PEOPLE = ROOT / "data" / "people"
STEPS = ("crawl", "prepare_transform", "generate_labeling_set", "import_labels", "train", "estimate_quality")
PLAIN_AND_TASKS = """
import csv, json, sys, time
from pathlib import Path
import flows
from catalog.transforms import FindMatchesParameters, TaskRunProperties
from interfaces.demo.person import fill_labels
from storage.workspace import Workspace
from tasks.crawl import crawl
from tasks.estimate_quality import estimate_quality
from tasks.find_matches import find_matches
from tasks.generate_labeling_set import generate_labeling_set
from tasks.import_labels import import_labels
from tasks.prepare_transform import prepare_transform
from tasks.train import train

folder, people = Path(sys.argv[2]), Path(sys.argv[3])
workspace = Workspace(folder)
truth = {row["id"]: row["entity"] for row in csv.DictReader((people / "truth.csv").open())}
seconds = {}

def plain(step):
    return lambda *words: step(workspace, *words)

def task(step):
    from flows.steps import step_task
    return step_task(step, str(folder))

def timed(how, step, *words):
    began = time.perf_counter()
    made = how(step)(*words)
    seconds[step.__name__] = time.perf_counter() - began
    return made

def chain(how):
    table = timed(how, crawl, str(people / "records.csv"))
    key = FindMatchesParameters("id")
    timed(how, prepare_transform, "people", table.qualified_name, key, TaskRunProperties())
    to_label, labelled = folder / "to_label.csv", folder / "labelled.csv"
    timed(how, generate_labeling_set, "people", str(to_label))
    rows = list(csv.DictReader(to_label.open(encoding="utf-8-sig", newline="")))
    fill_labels(rows, truth)
    with labelled.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    timed(how, import_labels, "people", str(labelled))
    for step in (train, estimate_quality):
        timed(how, step, "people")
    timed(how, find_matches, "people", str(folder / "matches.csv"))

began = time.perf_counter()
if sys.argv[1] == "plain":
    chain(plain)
else:
    from prefect import flow
    from flows.settings import local_run
    with local_run():
        flow(name="benchmark")(lambda: chain(task))()
print(json.dumps({"steps": seconds, "total": time.perf_counter() - began}))
"""
COUNTED_WATCH = """
import json, sys, time
from collections import Counter
from aiobotocore.httpsession import AIOHTTPSession

seen, send = Counter(), AIOHTTPSession.send

async def counted(self, request):
    seen["LIST" if "list-type=2" in request.url else request.method] += 1
    return await send(self, request)

AIOHTTPSession.send = counted
import flows
from flows.watching import WatchSettings, Watcher
watcher = Watcher(WatchSettings(sys.argv[1]), sys.argv[2])
watcher.go_round()
seen.clear()
for _ in range(15):
    watcher.go_round()
    time.sleep(2)
print(json.dumps(seen))
"""


def main(words: Sequence[str] | None = None) -> None:
    """Measure, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--landed", type=int, default=20, help="how many files land, one after the other")
    parser.add_argument("--rounds", type=int, default=3, help="how often the steps are run, each way; the best counts")
    parser.add_argument("--bucket", default="orchestration-benchmark", help="made when it is not there")
    parser.add_argument("--queue", help="ARN of an SQS queue that the bucket tells of new objects")
    told = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="findmatches-orchestration-") as folder:
        inbox = _inbox(told.bucket, Path(folder))
        settings = ServerSettings(port=_free_port(), workers=3, labels=inbox, queue=told.queue, output=folder)
        workspace = Workspace(Path(folder) / "home")
        (workspace.home / "logs").mkdir(parents=True)
        os.environ.update(environment(settings, workspace))
        with _running(server(settings, workspace)) as process:
            _print_start("first start", settings)
            _print_steps(told.rounds, Path(folder))
            _print_restarts(process, server(settings, workspace), settings)
        with _running(server(settings, workspace)):
            _ready(settings)
            subprocess.run([sys.executable, "-m", "interfaces.cli", "deploy"], check=True, capture_output=True)
            with _running(worker(settings, workspace)), _running(watcher(settings, workspace)):
                _print_landed(told.landed, Put(inbox), settings, workspace)
            _print_requests(inbox, workspace)


class Put:
    """Puts files into the watched folder, wherever it is."""

    def __init__(self, inbox: str) -> None:
        self.inbox = inbox

    def __call__(self, name: str, content: str) -> None:
        """Put one file, whole at once."""
        if not self.inbox.startswith("s3://"):
            path = Path(self.inbox) / name
            path.parent.mkdir(exist_ok=True)
            path.with_suffix(".part").write_text(content)
            path.with_suffix(".part").replace(path)
            return
        bucket, _, prefix = self.inbox.removeprefix("s3://").partition("/")
        _client().put_object(Bucket=bucket, Key=f"{prefix}{name}", Body=content.encode())


@contextmanager
def _running(program: Program) -> Iterator["subprocess.Popen[bytes]"]:
    with program.log.open("ab") as log:
        process = subprocess.Popen(
            list(program.command), env=program.environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        yield process
    finally:
        _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(20)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def _print_start(what: str, settings: ServerSettings) -> None:
    print("| server | seconds until it answers |\n|---|---|")
    print(f"| {what} | {_ready(settings):.1f} |", flush=True)


def _print_restarts(process: "subprocess.Popen[bytes]", program: Program, settings: ServerSettings) -> None:
    """Kill the server, start another, and tell how long it takes; three times."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    print("\n| server | seconds until it answers |\n|---|---|")
    for number in range(1, 4):
        with _running(program) as another:
            print(f"| restart {number} after kill -9 | {_ready(settings):.1f} |", flush=True)
            os.killpg(another.pid, signal.SIGKILL)
            another.wait()


def _print_steps(rounds: int, folder: Path) -> None:
    """Run the steps both ways, in turns, and print the best time of each."""
    ways: dict[str, list[dict[str, Any]]] = {"plain": [], "tasks": []}
    for number in range(rounds):
        for way, made in ways.items():
            home = folder / f"{way}-{number}"
            command = [sys.executable, "-c", PLAIN_AND_TASKS, way, str(home), str(PEOPLE)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
            made.append(json.loads(done.stdout.splitlines()[-1]))
    print("\n| step | plain, s | as a task, s | more, s | ratio |\n|---|---|---|---|---|")
    for step in (*STEPS, "find_matches"):
        _print_ratio(step, *(min(each["steps"][step] for each in ways[way]) for way in ("plain", "tasks")))
    _print_ratio("whole pipeline", *(min(each["total"] for each in ways[way]) for way in ("plain", "tasks")))


def _print_ratio(name: str, plain: float, task: float) -> None:
    print(f"| {name} | {plain:.2f} | {task:.2f} | {task - plain:.2f} | {task / plain:.2f} |", flush=True)


def _print_landed(count: int, put: Put, settings: ServerSettings, workspace: Workspace) -> None:
    """Let files land, one after the other, and print how long each took to be a run that runs."""
    _make_transform(workspace)
    rows = list(csv.DictReader((PEOPLE / "records.csv").open()))
    took = []
    for number in range(count):
        some = rows[2 * number : 2 * number + 2]
        put(f"people/{number}.csv", _labelled(some, number))
        began = time.monotonic()
        took.append(_until(partial(_started, settings, f"/{number}.csv")) - began)
        print(f"landed {number + 1}: {took[-1]:.1f} s", file=sys.stderr, flush=True)
        _until(partial(_ended, settings, f"/{number}.csv"))
    print("\n| labels landed to run running | seconds |\n|---|---|")
    print(f"| median of {count} | {statistics.median(took):.1f} |\n| worst | {max(took):.1f} |", flush=True)


def _make_transform(workspace: Workspace) -> None:
    from catalog.database import Catalog
    from catalog.transforms import FindMatchesParameters, create_transform
    from tasks.crawl import crawl

    table = crawl(workspace, str(PEOPLE / "records.csv"))
    create_transform(Catalog.of(workspace), name="people", table=table, parameters=FindMatchesParameters("id"))


def _labelled(rows: list[dict[str, str]], number: int) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["labeling_set_id", "label", *rows[0]])
    writer.writeheader()
    writer.writerows({**row, "labeling_set_id": f"s{number}", "label": "A"} for row in rows)
    return out.getvalue()


def _runs(settings: ServerSettings, ending: str) -> list[dict[str, Any]]:
    """The runs of learn_from_labels for the file whose path ends so."""
    body = json.dumps({"flows": {"name": {"any_": ["learn_from_labels"]}}}).encode()
    request = urllib.request.Request(
        f"{settings.api_url}/flow_runs/filter", data=body, headers={"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request) as answer:
        found: list[dict[str, Any]] = json.load(answer)
    return [run for run in found if run["parameters"]["labels_path"].endswith(ending)]


def _started(settings: ServerSettings, ending: str) -> bool:
    return any(run["start_time"] for run in _runs(settings, ending))


def _ended(settings: ServerSettings, ending: str) -> bool:
    return any(run["end_time"] for run in _runs(settings, ending))


def _until(condition: Callable[[], bool], seconds: float = 180) -> float:
    """Return the time at which a thing was so."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("It did not come to pass; see the logs.")
        time.sleep(0.05)
    return time.monotonic()


def _ready(settings: ServerSettings) -> float:
    """Return the seconds until the server answers."""
    began = time.monotonic()
    return _until(lambda: _answers(f"{settings.api_url}/health")) - began


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _print_requests(inbox: str, workspace: Workspace) -> None:
    """Count what fifteen rounds of the watcher ask of the store, where it is one."""
    if not inbox.startswith("s3://"):
        return
    done = subprocess.run(
        [sys.executable, "-c", COUNTED_WATCH, inbox, str(workspace.home)],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    seen: dict[str, int] = json.loads(done.stdout.splitlines()[-1])
    print("\n| watcher, every 2 s | requests an hour |\n|---|---|")
    for kind, count in sorted(seen.items()):
        print(f"| {kind} | {count / 15 * 1800:,.0f} |")


def _inbox(bucket: str, folder: Path) -> str:
    if "AWS_ENDPOINT_URL" not in os.environ:
        (folder / "labels").mkdir()
        return str(folder / "labels")
    client = _client()
    if bucket not in {each["Name"] for each in client.list_buckets()["Buckets"]}:
        client.create_bucket(Bucket=bucket)
    return f"s3://{bucket}/{folder.name}/"


def _client() -> Any:
    import botocore.session

    return botocore.session.get_session().create_client("s3")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


if __name__ == "__main__":
    main()
