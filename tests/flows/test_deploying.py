"""findmatches deploy, on a Prefect server: what is there afterwards, and what a person changed meanwhile."""

from pathlib import Path
from typing import Any

import pytest

from catalog.database import Catalog
from catalog.transforms import FindMatchesParameters, create_transform, delete_transform
from errors import EntityNotFoundError, InvalidInputError
from storage.workspace import Workspace
from tasks.crawl import crawl

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


@pytest.fixture
def people(home: Path, people_csv: Path) -> Catalog:
    """A catalog with the transform `people`."""
    table = crawl(Workspace(home), str(people_csv))
    create_transform(
        catalog := Catalog.of(Workspace(home)),
        name="people",
        table=table,
        parameters=FindMatchesParameters(primary_key_column_name="id"),
    )
    return catalog


def read(full_name: str) -> Any:
    from prefect import get_client

    with get_client(sync_client=True) as client:
        return client.read_deployment_by_name(full_name)


def planned_runs(full_name: str) -> list[Any]:
    """The runs of a deployment that the server's scheduler makes."""
    from prefect import get_client

    deployment_id = read(full_name).id
    with get_client(sync_client=True) as client:
        client.request("POST", "/deployments/{id}/schedule", path_params={"id": deployment_id}, json={"min_runs": 2})
        return [run for run in client.read_flow_runs() if run.deployment_id == deployment_id]


def test_every_flow_is_on_the_server_after_one_deploy_and_after_two() -> None:
    from flows.deploying import described_deployments, put_flows

    assert put_flows() == put_flows()
    for name, described in described_deployments().items():
        if name != "nightly":
            made = read(f"{name.replace('-', '_')}/{name}")
            assert (made.description, made.tags, made.schedules) == (described["description"], ["findmatches"], [])
            assert made.entrypoint == f"flows.{name.replace('-', '_')}.{name.replace('-', '_')}"
            assert (made.work_pool_name, made.job_variables["working_dir"]) == ("local", str(Path.cwd()))


def test_a_run_finds_its_flow_in_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.flows import load_flow_from_entrypoint

    from flows.deploying import put_flows

    monkeypatch.chdir(tmp_path)
    put_flows()
    assert load_flow_from_entrypoint(read("crawl/crawl").entrypoint).name == "crawl"


def test_a_transform_has_a_nightly_deployment_that_plans_nothing_until_it_is_turned_on(
    people: Catalog, home: Path
) -> None:
    from flows.nightly_deployments import put_nightly_deployments, set_schedule

    assert put_nightly_deployments(str(home)) == ("nightly/people",)
    assert read("nightly/people").parameters == {"name": "people", "home": str(home)}
    assert planned_runs("nightly/people") == []
    assert set_schedule("people", True, home=str(home)) == "0 3 * * *"
    runs = planned_runs("nightly/people")
    assert len(runs) >= 2
    assert {run.expected_start_time.strftime("%H:%M %Z") for run in runs} == {"03:00 UTC"}
    assert {run.parameters["name"] for run in runs} == {"people"}
    set_schedule("people", False, home=str(home))
    assert planned_runs("nightly/people") == []


def test_what_a_person_set_survives_the_next_deploy(people: Catalog, home: Path) -> None:
    from flows.nightly_deployments import put_nightly_deployments, set_schedule

    set_schedule("people", True, "cron(30 4 * * ? *)", "s3://out/people.csv", str(home))
    for _ in range(2):
        put_nightly_deployments(str(home))
    (schedule,) = read("nightly/people").schedules
    assert (schedule.active, schedule.schedule.cron, schedule.schedule.timezone) == (True, "30 4 * * *", "UTC")
    assert read("nightly/people").parameters["output"] == "s3://out/people.csv"


def test_the_nightly_deployment_goes_with_its_transform(people: Catalog, home: Path) -> None:
    from flows.deploying import find_deployment
    from flows.nightly_deployments import put_nightly_deployments

    put_nightly_deployments(str(home))
    delete_transform(people, "people")
    assert put_nightly_deployments(str(home)) == ()
    assert find_deployment("nightly/people") is None


def test_a_schedule_of_no_transform_is_an_error(home: Path) -> None:
    from flows.nightly_deployments import set_schedule

    with pytest.raises(EntityNotFoundError, match="nobody"):
        set_schedule("nobody", True, home=str(home))


def test_a_place_with_a_key_in_it_is_not_kept_with_a_schedule(people: Catalog, home: Path) -> None:
    from flows.nightly_deployments import set_schedule

    with pytest.raises(InvalidInputError, match="There is a password or a key in the URL"):
        set_schedule("people", True, output="s3://AKIAEXAMPLE:hunter2@out/people.csv", home=str(home))
    with pytest.raises(InvalidInputError, match="Cannot tell the format"):
        set_schedule("people", True, output="s3://out/people.xlsx", home=str(home))
    set_schedule("people", True, output="s3://out/people.csv", home=str(home))
    assert read("nightly/people").parameters["output"] == "s3://out/people.csv"


def test_a_second_run_of_a_transform_is_cancelled_while_the_first_runs(people: Catalog, home: Path) -> None:
    from prefect import get_client
    from prefect.client.schemas.objects import StateType
    from prefect.states import Pending

    from flows.nightly_deployments import put_nightly_deployments

    put_nightly_deployments(str(home))
    deployment_id = read("nightly/people").id
    with get_client(sync_client=True) as client:
        first, second = (client.create_flow_run_from_deployment(deployment_id) for _ in range(2))
        client.set_flow_run_state(first.id, Pending())
        refused = client.set_flow_run_state(second.id, Pending())
        assert refused.state is not None
        assert refused.state.type == StateType.CANCELLED
        first_state = client.read_flow_run(first.id).state
    assert first_state is not None
    assert first_state.type == StateType.PENDING


def test_the_command_turns_a_transform_on_and_off(
    people: Catalog, home: Path, prefect_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from interfaces.cli import app

    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    monkeypatch.setenv("FINDMATCHES_HOME", str(home))
    words = ["transform", "schedule", "people"]
    assert "runs by itself at '0 3 * * *' UTC" in CliRunner().invoke(app, words).output
    assert [each.active for each in read("nightly/people").schedules] == [True]
    assert "does not run by itself now" in CliRunner().invoke(app, [*words, "--stop"]).output
    assert [each.active for each in read("nightly/people").schedules] == [False]
    done = CliRunner().invoke(app, ["deploy", "--json"])
    assert '"nightly/people"' in done.output
    refused = CliRunner().invoke(app, [*words, "--cron", "at night"])
    assert (refused.exit_code, "at night" in refused.output) == (1, True)


def test_a_schedule_that_was_taken_away_comes_back_when_it_is_turned_on(people: Catalog, home: Path) -> None:
    from prefect import get_client

    from flows.nightly_deployments import put_nightly_deployments, set_schedule

    put_nightly_deployments(str(home))
    found = read("nightly/people")
    with get_client(sync_client=True) as client:
        client.delete_deployment_schedule(found.id, found.schedules[0].id)
    put_nightly_deployments(str(home))
    assert read("nightly/people").schedules == []
    assert set_schedule("people", True, home=str(home)) == "0 3 * * *"
    assert [each.active for each in read("nightly/people").schedules] == [True]
