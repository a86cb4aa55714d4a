"""deployments/prefect.yaml deploys every flow there is, and starts none by itself."""

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOYMENTS = yaml.safe_load((ROOT / "deployments" / "prefect.yaml").read_text())["deployments"]
NOT_FLOWS = {
    "__init__",
    "artifacts",
    "automations",
    "curve_picture",
    "delivery",
    "deploying",
    "finished_steps",
    "forms",
    "guarded_flow",
    "landed_labels",
    "log_lines",
    "markdown",
    "pages",
    "permitted",
    "progress_artifact",
    "learn",
    "nightly_deployments",
    "notifications",
    "parameters",
    "runs",
    "schedules",
    "server",
    "settings",
    "steps",
    "turns",
    "waiting",
    "watching",
}


def test_every_flow_is_deployed():
    flows = {path.stem for path in (ROOT / "flows").glob("*.py")} - NOT_FLOWS
    assert {deployment["name"].replace("-", "_") for deployment in DEPLOYMENTS} == flows


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda deployment: deployment["name"])
def test_an_entrypoint_is_a_flow_of_that_name(deployment, monkeypatch):
    from prefect.flows import load_flow_from_entrypoint

    monkeypatch.chdir(ROOT)
    assert load_flow_from_entrypoint(deployment["entrypoint"]).name == deployment["name"].replace("-", "_")


def test_no_schedule_is_active():
    assert [each["active"] for deployment in DEPLOYMENTS for each in deployment["schedules"]] == [False]
