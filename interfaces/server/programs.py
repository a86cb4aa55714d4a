"""What has to run for runs to start by themselves: the Prefect server, a worker and the watcher."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from interfaces.server.children import Program
from storage.workspace import Workspace

POOL = "local"


@dataclass(frozen=True)
class ServerSettings:
    """Where the server listens, how many runs go on at once, and what the watcher watches."""

    port: int = 4200
    workers: int = 3
    labels: str | None = None
    queue: str | None = None
    output: str | None = None

    @property
    def ui_url(self) -> str:
        """Where people look."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """Where programs ask."""
        return f"{self.ui_url}/api"


def environment(settings: ServerSettings, workspace: Workspace) -> dict[str, str]:
    """Return the variables of all programs: nothing leaves the machine, and all state is in the workspace."""
    from flows.settings import DEFAULTS

    ours = {
        "FINDMATCHES_HOME": str(workspace.home),
        "PREFECT_API_URL": settings.api_url,
        "PREFECT_UI_URL": settings.ui_url,
        "PYTHONSAFEPATH": "1",  # a folder that people work in may hold a `flows` of their own
        "PYTHONUNBUFFERED": "1",
    }
    folders = {"FINDMATCHES_LABELS": settings.labels, "FINDMATCHES_OUTPUT": settings.output}  # runs may touch them
    named = {name: folder for name, folder in folders.items() if folder}
    home = {"PREFECT_HOME": str(workspace.home / "prefect")}
    return {**DEFAULTS, **home, "PREFECT_SERVER_LOGGING_LEVEL": "WARNING", **os.environ, **ours, **named}


def server(settings: ServerSettings, workspace: Workspace) -> Program:
    """Return the Prefect server, which listens on this machine only."""
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(settings.port)]
    return _program("server", command, environment(settings, workspace), workspace)


def worker(settings: ServerSettings, workspace: Workspace) -> Program:
    """Return the worker, which starts what is due within 2 s; its runs tell every 30 s that they live."""
    ours = {"PREFECT_WORKER_QUERY_SECONDS": "2", "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30"}
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--limit", str(settings.workers)]
    return _program("worker", command, ours | environment(settings, workspace), workspace)


def watcher(settings: ServerSettings, workspace: Workspace) -> Program:
    """Return the watcher of the folder where labels land."""
    told = (("--queue", settings.queue), ("--output", settings.output))
    options = [word for name, value in told if value for word in (name, value)]
    command = [*FINDMATCHES, "--verbose", "watch", *options]
    return _program("watcher", command, environment(settings, workspace), workspace)


def deployer(settings: ServerSettings, workspace: Workspace) -> Program:
    """Return what puts all flows on the server; it ends by itself."""
    return _program("deployment", [*FINDMATCHES, "deploy"], environment(settings, workspace), workspace)


FINDMATCHES = [sys.executable, "-m", "interfaces.cli"]


def _program(name: str, command: list[str], variables: dict[str, str], workspace: Workspace) -> Program:
    return Program(name, command, variables, logs_of(workspace) / f"{name}.log")


def logs_of(workspace: Workspace) -> Path:
    """Return the folder of the programs' logs."""
    return workspace.home / "logs"
