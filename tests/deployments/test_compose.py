"""deployments/compose.yaml and Dockerfile, read: nothing here can run them, so what can be checked without is."""

import fnmatch
import re
import tomllib
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from flows.deploying import POOL
from interfaces.cli import app

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deployments"
TEXT = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
VERSION = re.compile(r":v?\d+\.\d+[\w.-]*$")

every_service = pytest.mark.parametrize("name", SERVICES)


@every_service
def test_every_image_names_a_version(name: str) -> None:
    assert VERSION.search(SERVICES[name]["image"])


def test_every_image_that_ours_is_built_from_names_a_version() -> None:
    assert all(VERSION.search(image) for image in re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))


def test_our_image_has_the_version_of_the_project() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    assert SERVICES["worker"]["image"] == f"findmatches:{version}"


@every_service
def test_ports_are_published_on_this_machine_only(name: str) -> None:
    assert all(str(port).startswith("127.0.0.1:") for port in SERVICES[name].get("ports", ()))


@every_service
def test_who_is_waited_for_exists_and_can_be_waited_for(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        if wait["condition"] == "service_healthy":
            assert "healthcheck" in SERVICES[other]
        else:
            assert SERVICES[other]["restart"] == "on-failure"


@every_service
def test_commands_of_our_image_exist(name: str) -> None:
    if not SERVICES[name]["image"].startswith("findmatches:"):
        return
    program, *words = SERVICES[name]["command"]
    scripts = {script.name for script in entry_points(group="console_scripts")} | {"python"}
    assert program in scripts
    if program == "findmatches":
        assert next(word for word in words if not word.startswith("-")) in get_command(app).commands


def test_the_worker_takes_from_the_pool_that_deploy_makes() -> None:
    command = SERVICES["worker"]["command"]
    assert command[command.index("--pool") + 1] == POOL


def test_no_secret_stands_in_the_file_and_the_example_names_all_that_are_asked_for() -> None:
    wanted = set(re.findall(r"\$\{(\w+)", TEXT))
    example = dict(re.findall(r"^(\w+)=(.*)$", (FOLDER / "compose.env.example").read_text(), re.MULTILINE))
    assert example == dict.fromkeys(wanted, "")
    assert set(re.findall(r"(?i)(?:password|secret\w*): (\S+?)[:}]", TEXT)) <= {f"${{{name}" for name in wanted}
    assert "/deployments/compose.env" in (ROOT / ".gitignore").read_text().splitlines()


def test_every_volume_is_declared_and_every_file_is_there() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert (FOLDER / source).is_file() if source.startswith(".") else source in COMPOSE["volumes"]


def test_our_image_runs_as_nobody_special() -> None:
    lines = [line.split() for line in DOCKERFILE.splitlines() if line and not line.startswith((" ", "#"))]
    assert [words[1] for words in lines if words[0] == "USER"] == ["findmatches"]
    assert [words[0] for words in lines].index("USER") > [words[0] for words in lines].index("RUN")


def test_all_that_is_installed_reaches_the_image() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    allowed = {
        line.removeprefix("!")
        for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
        if line.startswith("!")
    }
    needed = {*wheel["packages"], *wheel["force-include"], "LICENSE", "README.md", "pyproject.toml", "uv.lock"}
    assert needed == allowed
    assert not [name for name in needed if fnmatch.fnmatch(name, "**/__pycache__")]
