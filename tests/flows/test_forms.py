"""The forms behind the buttons explain themselves, and the server keeps to them."""

import pytest

from catalog.workers import WORKER_SIZES
from tests.flows.test_guarded_flow import FLOWS, flow_called

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", FLOWS)
def test_every_field_has_a_title_in_words_and_says_what_it_is_for(name: str) -> None:
    from flows.forms import form_of

    form = form_of(flow_called(name).parameters)
    fields = [each for part in (form, *form["definitions"].values()) for each in part["properties"].items()]
    assert [name for name, each in fields if "_" in each["title"] or not each["title"][0].isupper()] == []
    assert [name for name, each in fields if not each.get("description")] == []


@pytest.mark.parametrize("name", FLOWS)
def test_a_text_or_number_that_may_be_left_out_is_an_empty_field(name: str) -> None:
    from flows.forms import form_of

    form = form_of(flow_called(name).parameters)
    assert form["properties"]["home"].get("type") == "string"
    assert "default" not in form["properties"]["home"]
    choices = [each["anyOf"] for each in form["properties"].values() if "anyOf" in each]
    assert all(kinds[0].get("type") in {None, "boolean"} for kinds in choices)


def test_the_settings_of_the_pipeline_are_choices_and_bounds() -> None:
    from flows.forms import form_of

    form = form_of(flow_called("pipeline").parameters)
    settings = form["definitions"]["PipelineSettings"]["properties"]
    assert settings["worker_type"]["enum"] == list(WORKER_SIZES)
    assert settings["worker_type"]["default"] == "G.1X"
    tradeoff = settings["precision_recall_tradeoff"]
    assert (tradeoff["minimum"], tradeoff["maximum"], tradeoff["default"]) == (0, 1, 0.5)


@pytest.mark.usefixtures("prefect_server")
def test_the_server_takes_what_the_form_gives_and_no_value_outside_of_its_bounds() -> None:
    from prefect import get_client
    from prefect.exceptions import PrefectHTTPStatusError

    from flows.deploying import described_deployments, find_deployment, make_work_pool, put

    make_work_pool()
    deployment = find_deployment(put(described_deployments()["tune"], "form"))
    assert deployment
    with get_client(sync_client=True) as client:
        for wrong in ({"accuracy_cost_tradeoff": 2}, {"precision_recall_tradeoff": -0.5}, {"output": 3}, {"scores": 2}):
            with pytest.raises(PrefectHTTPStatusError, match="409"):
                client.create_flow_run_from_deployment(deployment, parameters={"name": "people", **wrong})
        for right in ({}, {"output": None, "accuracy_cost_tradeoff": None}, {"accuracy_cost_tradeoff": 1}):
            made = client.create_flow_run_from_deployment(deployment, parameters={"name": "people", **right})
            assert made.parameters == {"name": "people", **right}
