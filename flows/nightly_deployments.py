"""The nightly deployment of each transform: made by findmatches deploy, turned on and off by a person."""

from typing import cast
from uuid import UUID

from prefect import get_client
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.filters import FlowFilter, FlowFilterName
from prefect.client.schemas.objects import DeploymentSchedule
from prefect.client.schemas.schedules import CronSchedule

from catalog.cron import standard_cron
from catalog.database import Catalog
from catalog.transforms import get_transform, list_transforms
from flows.deploying import NIGHTLY, described_deployments, find_deployment, make_work_pool, put
from flows.schedules import deployment_name
from storage.workspace import Workspace
from tasks.find_matches import check_output_format


def put_nightly_deployments(home: str | None = None) -> tuple[str, ...]:
    """Put one for each transform on the server, and return their whole names; those without a transform go."""
    workspace = Workspace.at(home)
    names = [each.name for each in list_transforms(Catalog.of(workspace))]
    _remove_all_but(names, workspace)
    return tuple(_put_one(name, workspace) for name in names)


def set_schedule(
    name: str, active: bool, cron: str | None = None, output: str | None = None, home: str | None = None
) -> str:
    """Turn the nightly runs of a transform on or off, and return their times as cron, in UTC.

    `cron` are other times, Glue's way or the usual five fields; `output` is where the matches go.
    """
    workspace = Workspace.at(home)
    transform = get_transform(Catalog.of(workspace), name)
    if output:
        check_output_format(output)
    times = standard_cron(cron) if cron else None
    full_name = f"{NIGHTLY}/{deployment_name(transform.name)}"
    found = find_deployment(full_name)
    if found is None or output:
        make_work_pool()
        _put_one(transform.name, workspace, output)
        found = cast("UUID", find_deployment(full_name))
    return _changed(found, active, times)


def _put_one(name: str, workspace: Workspace, output: str | None = None) -> str:
    """Put the deployment on the server; an output that was given before stays."""
    known = _parameters_of(f"{NIGHTLY}/{deployment_name(name)}")
    given = {"name": name, "home": str(workspace.home)} | ({"output": output} if output else {})
    return put(described_deployments()[NIGHTLY], deployment_name(name), known | given)


def _parameters_of(full_name: str) -> dict[str, object]:
    found = find_deployment(full_name)
    if found is None:
        return {}
    with get_client(sync_client=True) as client:
        return dict(client.read_deployment(found).parameters)


def _changed(deployment_id: UUID, active: bool, times: str | None) -> str:
    """Turn all schedules of the deployment on or off, the first to other times, and return its times."""
    with get_client(sync_client=True) as client:
        first, *others = client.read_deployment_schedules(deployment_id) or [_added(deployment_id)]
        schedule = CronSchedule(cron=times, timezone="UTC") if times else first.schedule
        client.update_deployment_schedule(deployment_id, first.id, active, schedule)
        for other in others:
            client.update_deployment_schedule(deployment_id, other.id, active, other.schedule)
    return str(getattr(schedule, "cron", schedule))


def _added(deployment_id: UUID) -> DeploymentSchedule:
    """Return the schedule that is described, added anew where a person took it away."""
    (described,) = described_deployments()[NIGHTLY]["schedules"]
    schedule = CronSchedule(cron=described["cron"], timezone=described["timezone"])
    wanted = DeploymentScheduleCreate(schedule=schedule, active=False)
    with get_client(sync_client=True) as client:
        return client.create_deployment_schedules(deployment_id, [wanted])[0]


def _remove_all_but(names: list[str], workspace: Workspace) -> None:
    """Delete the nightly deployments of this workspace whose transform is no more."""
    with get_client(sync_client=True) as client:
        for each in client.read_deployments(flow_filter=FlowFilter(name=FlowFilterName(any_=[NIGHTLY]))):
            told = each.parameters
            if told.get("home") == str(workspace.home) and told.get("name") not in names:
                client.delete_deployment(each.id)
