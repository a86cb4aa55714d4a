"""What a Prefect server makes of the crawlers' schedules."""

from pathlib import Path

import pytest

from catalog.crawler import Crawler, S3Target
from catalog.crawlers import create_crawler
from catalog.database import Catalog
from storage.workspace import Workspace

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("prefect_server")]


def test_a_schedule_becomes_runs_of_its_crawler(home: Path) -> None:
    """With SQLAlchemy 2.1 the server of Prefect 3.8 makes none, and says so in its log only."""
    from prefect import get_client

    from flows.schedules import crawler_deployments

    create_crawler(Catalog.of(Workspace(home)), Crawler("nightly", (S3Target("/data"),), schedule="cron(15 3 * * ? *)"))
    (made,) = crawler_deployments(str(home))
    deployment_id = made.apply()
    with get_client(sync_client=True) as client:
        client.request("POST", "/deployments/{id}/schedule", path_params={"id": deployment_id}, json={"min_runs": 2})
        runs = [run for run in client.read_flow_runs() if run.deployment_id == deployment_id]
    assert len(runs) >= 2
    assert {run.expected_start_time.strftime("%H:%M %Z") for run in runs} == {"03:15 UTC"}
    assert {run.parameters["name"] for run in runs} == {"nightly"}


def test_a_run_of_the_schedule_crawls(home: Path, tmp_path: Path) -> None:
    from flows.run_on_schedule import run_on_schedule

    (tmp_path / "lake").mkdir()
    (tmp_path / "lake" / "a.csv").write_text("id,name\n1,Ada\n")
    crawler = Crawler("nightly", (S3Target(str(tmp_path / "lake")),), schedule="0 3 * * *")
    create_crawler(Catalog.of(Workspace(home)), crawler)
    done = run_on_schedule("nightly", home=str(home))
    assert done is not None
    assert [table.qualified_name for table in done.tables] == ["default.lake"]
