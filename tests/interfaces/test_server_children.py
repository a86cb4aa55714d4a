"""Programs that are kept alive and ended: with stand-ins for the server, the worker and the watcher."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from errors import InvalidInputError
from interfaces.server import programs
from interfaces.server.children import LOG_BYTES, Child, Program, end_all
from interfaces.server.programs import ServerSettings
from interfaces.server.running import check_port
from storage.workspace import Workspace

ROOT = Path(__file__).parents[2]
SLEEPS = "import time; print('up', flush=True); time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEPS}"
DIES = "print('out of ideas'); raise SystemExit(3)"
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {DEAF!r}]).pid, flush=True); {SLEEPS}"


@pytest.fixture
def started(tmp_path: Path) -> Iterator["list[Child]"]:
    """Children that the test starts; they end with it."""
    children: list[Child] = []
    yield children
    end_all(children, 0)


def child(code: str, folder: Path, started: "list[Child]") -> Child:
    made = Child(Program("worker", [sys.executable, "-c", code], dict(os.environ), folder / "logs" / "worker.log"))
    started.append(made)
    return made


def wait_for(log: Path, text: str) -> str:
    end = time.monotonic() + 20
    while text not in (said := log.read_text()):
        assert time.monotonic() < end, said
        time.sleep(0.02)
    return said


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has asked after does not."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_a_program_that_dies_is_started_again_and_said_so_once(tmp_path: Path, started: list[Child]) -> None:
    worker, said = child(DIES, tmp_path, started), []
    worker.start()
    assert worker.process is not None
    worker.process.wait(20)
    worker.keep_alive(said.append)
    worker.keep_alive(said.append)
    log = tmp_path / "logs" / "worker.log"
    assert said == [
        f"The worker ended by itself (exit code 3), and starts again in 1 s. Its last words: out of ideas ({log})"
    ]
    time.sleep(1.1)
    worker.keep_alive(said.append)
    worker.process.wait(20)
    worker.keep_alive(said.append)
    assert "starts again in 2 s" in said[1]
    assert len(said) == 2


def test_a_program_that_runs_is_left_alone(tmp_path: Path, started: list[Child]) -> None:
    worker, said = child(SLEEPS, tmp_path, started), []
    worker.start()
    before = worker.process
    worker.keep_alive(said.append)
    assert worker.process is before
    assert said == []


@pytest.mark.parametrize("code", [SLEEPS, DEAF], ids=["one that hears", "one that does not hear"])
def test_all_end_in_time(code: str, tmp_path: Path, started: list[Child]) -> None:
    both = [child(code, tmp_path / name, started) for name in ("one", "other")]
    for each in both:
        each.start()
        wait_for(each.program.log, "up")
    begun = time.monotonic()
    end_all(both, 1.0)
    assert time.monotonic() - begun < 3
    assert all(each.ended_with is not None for each in both)


def test_what_a_program_started_ends_with_it(tmp_path: Path, started: list[Child]) -> None:
    parent = child(PARENT, tmp_path, started)
    parent.start()
    grandchild = int(wait_for(parent.program.log, "up").split()[0])
    end_all([parent], 1.0)
    end = time.monotonic() + 5
    while is_alive(grandchild) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems give orphans to nobody")
def test_what_survived_its_parent_is_ended_too(tmp_path: Path) -> None:
    orphan = f"subprocess.Popen([sys.executable, '-c', {DEAF!r}], start_new_session=True)"
    parent = f"import subprocess, sys; print({orphan}.pid, flush=True)"
    code = f"""
import pathlib, subprocess, sys
from interfaces.server.orphans import adopt_orphans, bury_orphans, end_orphans
adopt_orphans()
with open("pid", "w") as file:
    subprocess.run([sys.executable, "-c", {parent!r}], stdout=file, check=True)
pid = int(pathlib.Path("pid").read_text().split()[0])
print(bury_orphans(()) == [pid], bury_orphans({{pid}}), flush=True)
end_orphans((), 0.5)
print(bury_orphans(()), pid)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    *told, pid = done.stdout.split()
    assert told == ["True", "[]", "[]"], done.stderr
    assert not is_alive(int(pid))


def test_a_log_that_has_grown_is_put_aside(tmp_path: Path, started: list[Child]) -> None:
    worker = child(SLEEPS, tmp_path, started)
    worker.program.log.parent.mkdir()
    worker.program.log.write_bytes(b"x" * (LOG_BYTES + 1))
    worker.start()
    assert wait_for(worker.program.log, "up").strip() == "up"
    assert worker.program.log.with_suffix(".1.log").stat().st_size == LOG_BYTES + 1


def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(InvalidInputError, match=rf"Port {port} of 127\.0\.0\.1 cannot be had \(address already in"):
            check_port(port)


def test_programs_keep_their_state_in_the_workspace_and_tell_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PREFECT_HOME", raising=False)
    settings = ServerSettings(port=4321, labels="s3://bucket/labels/", queue="arn:q", output="s3://bucket/out/")
    made = [make(settings, Workspace(tmp_path)) for make in (programs.server, programs.worker, programs.watcher)]
    for each in made:
        told = each.environment
        assert told["PREFECT_API_URL"] == "http://127.0.0.1:4321/api"
        assert (told["FINDMATCHES_HOME"], told["PREFECT_HOME"]) == (str(tmp_path), str(tmp_path / "prefect"))
        assert (told["DO_NOT_TRACK"], told["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false")
        assert told["FINDMATCHES_LABELS"] == "s3://bucket/labels/"
        assert told["FINDMATCHES_OUTPUT"] == "s3://bucket/out/"
    server, worker, watcher = made
    assert server.command[-4:] == ["--host", "127.0.0.1", "--port", "4321"]
    assert worker.environment["PREFECT_FLOWS_HEARTBEAT_FREQUENCY"] == "30"
    assert worker.environment["PREFECT_WORKER_QUERY_SECONDS"] == "2"
    assert watcher.command[-5:] == ["watch", "--queue", "arn:q", "--output", "s3://bucket/out/"]


def test_what_a_person_set_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_HOME", "/var/prefect")
    monkeypatch.setenv("PREFECT_WORKER_QUERY_SECONDS", "7")
    told = programs.worker(ServerSettings(), Workspace(tmp_path)).environment
    assert (told["PREFECT_HOME"], told["PREFECT_WORKER_QUERY_SECONDS"]) == ("/var/prefect", "7")
