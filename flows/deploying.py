"""Every flow as a deployment of the Prefect server that is set; deployments/prefect.yaml says which and how."""

import importlib
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import yaml
from prefect import Flow, get_client
from prefect.client.schemas.actions import DeploymentUpdate, WorkPoolCreate
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.client.schemas.schedules import CronSchedule
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound
from prefect.types.entrypoint import EntrypointType
from prefect.workers.process import ProcessWorker

from flows.forms import form_of
from flows.guarded_flow import check_parameters

DEPLOYMENTS = Path(__file__).parents[1] / "deployments"  # beside the rooms, in the project and where it is installed
POOL = "local"
NIGHTLY = "nightly"
LEFT_TO_PEOPLE = {"schedules", "paused"}

Described = dict[str, Any]


def put_flows() -> tuple[str, ...]:
    """Put every flow on the server, and return the deployments' whole names; twice is as once.

    A deployment that is there is changed to what the file says, except for its schedules. The nightly one is left
    out: there is one for each transform (flows/nightly_deployments.py).
    """
    make_work_pool()
    return tuple(put(each, name) for name, each in described_deployments().items() if name != NIGHTLY)


def described_deployments() -> dict[str, Described]:
    """Return what deployments/prefect.yaml says, by the deployment's name."""
    described = yaml.safe_load((DEPLOYMENTS / "prefect.yaml").read_text(encoding="utf-8"))["deployments"]
    return {each["name"]: each for each in described}


def make_work_pool() -> None:
    """Make the pool of processes that workers take runs from, unless there is one of its name."""
    with get_client(sync_client=True) as client:
        try:
            template = ProcessWorker.get_default_base_job_template()
            client.create_work_pool(WorkPoolCreate(name=POOL, type="process", base_job_template=template))
        except ObjectAlreadyExists:
            return


def put(described: Described, name: str, parameters: Described | None = None) -> str:
    """Put one deployment on the server, and return its whole name; only a new one gets the schedules described."""
    check_parameters(parameters)
    flow = _flow_at(described["entrypoint"])
    made = _made(flow, described, name, parameters or {})
    is_new = find_deployment(made.full_name) is None
    deployment_id = cast("UUID", made.apply())  # no coroutine, since no loop runs here
    _put_form(deployment_id, flow)
    if is_new:
        _add_schedules(deployment_id, described["schedules"])
    return made.full_name


def find_deployment(full_name: str) -> UUID | None:
    """Return the id of a deployment, flow/name; None where there is none."""
    with get_client(sync_client=True) as client:
        try:
            return client.read_deployment_by_name(full_name).id
        except ObjectNotFound:
            return None


def _made(flow: Flow[..., Any], described: Described, name: str, parameters: Described) -> RunnerDeployment:
    made = flow.to_deployment(
        name=name,
        parameters=parameters,
        description=described["description"],
        tags=described["tags"],
        concurrency_limit=_limit(described.get("concurrency_limit")),
        work_pool_name=POOL,
        job_variables={**described["work_pool"]["job_variables"], "working_dir": str(Path.cwd())},
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    deployment = cast("RunnerDeployment", made)  # no coroutine, since no loop runs here
    deployment.model_fields_set.difference_update(LEFT_TO_PEOPLE)  # what is not set is not sent
    return deployment


def _flow_at(entrypoint: str) -> Flow[..., Any]:
    """Return the flow that `flows/crawl.py:crawl` names."""
    path, _, name = entrypoint.partition(":")
    module = importlib.import_module(path.removesuffix(".py").replace("/", "."))
    return cast("Flow[..., Any]", getattr(module, name))


def _limit(described: Described | None) -> ConcurrencyLimitConfig | None:
    return ConcurrencyLimitConfig(**described) if described else None


def _put_form(deployment_id: UUID, flow: Flow[..., Any]) -> None:
    with get_client(sync_client=True) as client:
        client.update_deployment(deployment_id, DeploymentUpdate(parameter_openapi_schema=form_of(flow.parameters)))


def _add_schedules(deployment_id: UUID, described: list[Described]) -> None:
    schedules: list[tuple[Any, bool]] = [
        (CronSchedule(cron=each["cron"], timezone=each["timezone"]), each["active"]) for each in described
    ]
    if schedules:
        with get_client(sync_client=True) as client:
            client.create_deployment_schedules(deployment_id, schedules)
