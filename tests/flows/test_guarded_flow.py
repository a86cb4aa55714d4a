"""No flow is run, and no deployed run is made, with a password in a URL among its parameters."""

from importlib import import_module
from typing import Any

import pytest

from errors import InvalidInputError
from tests.flows.test_deployments import DEPLOYMENTS

URL = "postgresql://reader:hunter2@db.example.org/shop"
BUCKET = "s3://AKIAEXAMPLE:hunter2@lake/people.csv"
FLOWS = [each["name"].replace("-", "_") for each in DEPLOYMENTS]


def flow_called(name: str):
    return getattr(import_module(f"flows.{name}"), name)


@pytest.mark.slow
@pytest.mark.parametrize("name", FLOWS)
def test_every_text_of_every_flow_is_guarded(name: str) -> None:
    from flows.guarded_flow import GuardedFlow

    flow = flow_called(name)
    assert isinstance(flow, GuardedFlow)
    properties = flow.parameters.properties
    texts = [word for word, each in properties.items() if "string" in str(each.get("type", each.get("anyOf")))]
    assert "home" in texts
    assert [word for word in texts if "pattern" not in properties[word]] == []
    assert not unguarded(flow.parameters.model_dump())


def unguarded(schema: Any) -> list[Any]:
    """What is a text, or a list of texts, and takes any."""
    if isinstance(schema, list):
        return [each for one in schema for each in unguarded(one)]
    if not isinstance(schema, dict) or schema.keys() & {"pattern", "enum"}:
        return []
    within = [each for one in schema.values() for each in unguarded(one)]
    return within + ([schema] if schema.get("type") == "string" else [])


def test_a_text_that_takes_anything_would_be_found() -> None:
    texts = {"type": "array", "items": {"type": "string"}}
    assert unguarded({"properties": {"a": texts, "b": {"type": "string", "pattern": "x"}}}) == [{"type": "string"}]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "arguments", "options"),
    [
        ("crawl", (URL,), {}),
        ("crawl", ("people.csv",), {"exclusions": ("*.tmp", URL)}),
        ("crawl_database", (URL, "shop/public/%"), {}),
        ("find_matches", ("people",), {"output": BUCKET}),
        ("pipeline", ("people.csv", "id", "x.csv"), {"settings": {"table": URL}}),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_flow_stops_before_a_server_is_told(name, arguments, options, monkeypatch) -> None:
    from prefect import flow_engine

    def told(*_: object, **__: object) -> None:
        raise AssertionError("the server was told")

    monkeypatch.setattr(flow_engine, "run_flow", told)
    with pytest.raises(InvalidInputError, match="There is a password or a key in the URL") as refused:
        flow_called(name)(*arguments, **options)
    assert "hunter2" not in str(refused.value)
    with pytest.raises(AssertionError, match="the server was told"):
        flow_called("train")("people")


@pytest.mark.slow
@pytest.mark.usefixtures("prefect_server")
def test_the_server_makes_no_run_with_a_secret() -> None:
    from prefect import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    from flows.pipeline import pipeline

    deployment_id = pipeline.to_deployment("guarded").apply()
    good = {"path": "s3://lake/people.csv", "primary_key": "id", "output": "s3://lake/matches.csv"}
    with get_client(sync_client=True) as client:
        for word in ("path", "output", "labels_path", "home", "name"):
            for secret in (URL, BUCKET):
                with pytest.raises(PrefectHTTPStatusError, match="409"):
                    client.create_flow_run_from_deployment(deployment_id, parameters={**good, word: secret})
        with pytest.raises(PrefectHTTPStatusError, match="409"):
            client.create_flow_run_from_deployment(deployment_id, parameters={**good, "settings": {"table": URL}})
        made = client.create_flow_run_from_deployment(deployment_id, parameters=good)
        runs = [run for run in client.read_flow_runs() if run.deployment_id == deployment_id]
    assert [run.id for run in runs] == [made.id]
