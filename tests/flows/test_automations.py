"""Automations and who is told, on a Prefect server: applied again and again, switched off, forgotten."""

from collections.abc import Iterator
from typing import Any

import pytest

from errors import InvalidInputError
from tests.interfaces.conftest import Command, findmatches, workspace

__all__ = ["findmatches", "workspace"]  # fixtures of the command line
pytestmark = pytest.mark.slow
SECRET = "https://hooks.example.org/T0/s3cret"
ALONE = ("findmatches-crash-dead-runs", "findmatches-start-stuck-runs")
ALL = (*ALONE, "findmatches-notify-failure", "findmatches-notify-labels-wanted")


@pytest.fixture
def told(prefect_server: str, findmatches: Command, monkeypatch: pytest.MonkeyPatch) -> Iterator[Command]:
    """Commands that know the server; nobody is told when the test begins, nor after it."""
    monkeypatch.setenv("PREFECT_API_URL", prefect_server)
    yield findmatches
    findmatches("notify", "--off")


def automations() -> dict[str, Any]:
    from prefect import get_client

    with get_client(sync_client=True) as client:
        found = client.request("POST", "/automations/filter", json={}).json()
    assert len({each["name"] for each in found}) == len(found)
    return {each["name"]: each for each in found}


def payload(name: str) -> str:
    ((action,),) = (automations()[name]["actions"],)
    return str(action["payload"])


def test_without_a_receiver_only_dead_and_stuck_runs_are_looked_after(told: Command) -> None:
    from flows.automations import put_automations

    assert put_automations() == ALONE
    assert "findmatches-notify-failure" not in automations()


def test_a_run_that_waits_is_not_taken_for_a_dead_one(told: Command) -> None:
    from flows.automations import put_automations

    put_automations()
    trigger = automations()[ALONE[0]]["trigger"]
    assert {"prefect.flow-run.Paused", "prefect.flow-run.Suspended"} <= set(trigger["expect"])
    assert 3 * 30 <= trigger["within"] <= 120


def test_twice_is_as_once_and_what_was_switched_off_stays_off(told: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from prefect.automations import Automation

    from flows.automations import put_automations

    monkeypatch.setenv("FINDMATCHES_NOTIFY_URL", SECRET)
    assert told("notify").exit_code == 0
    before = automations()
    Automation.read(name="findmatches-notify-failure").disable()
    assert put_automations() == put_automations() == ALL
    after = automations()
    assert {name: after[name]["id"] for name in ALL} == {name: before[name]["id"] for name in ALL}
    assert [name for name in ALL if not after[name]["enabled"]] == ["findmatches-notify-failure"]


def test_the_address_is_read_from_a_file_and_never_shown(told: Command, workspace: Any) -> None:
    from prefect.blocks.webhook import Webhook

    (workspace / "hook.txt").write_text(f"{SECRET}\n")
    done = told("notify", "--url-file", "hook.txt")
    assert (done.exit_code, "s3cret" in done.output) == (0, False)
    assert Webhook.load("findmatches-webhook").url.get_secret_value() == SECRET


def test_slack_gets_the_text_alone_and_the_address_before_is_forgotten(
    told: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.notifications import SLACK, find_receiver

    monkeypatch.setenv("FINDMATCHES_NOTIFY_URL", SECRET)
    told("notify")
    assert '"error"' in payload("findmatches-notify-failure")
    told("notify", "--slack")
    receiver = find_receiver()
    assert receiver is not None
    assert receiver.style == SLACK
    assert '"error"' not in payload("findmatches-notify-failure")
    assert payload("findmatches-notify-failure").startswith('{"text": ')


def test_off_takes_the_address_and_what_used_it(told: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from flows.notifications import find_receiver

    monkeypatch.setenv("FINDMATCHES_NOTIFY_URL", SECRET)
    told("notify")
    assert "Nobody is told any more" in told("notify", "--off").output
    assert find_receiver() is None
    assert not {"findmatches-notify-failure", "findmatches-notify-labels-wanted"} & set(automations())


@pytest.mark.parametrize("address", ["ftp://s3cret", "s3cret", "https://", "https://a/s3 cret", "https://[s3cret"])
def test_what_is_no_web_address_is_refused_and_not_repeated(address: str) -> None:
    from flows.notifications import PLAIN, save_receiver

    with pytest.raises(InvalidInputError, match="is no web address") as refused:
        save_receiver(address, PLAIN)
    assert "s3" not in str(refused.value)


def test_nobody_to_tell_is_said(told: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FINDMATCHES_NOTIFY_URL", raising=False)
    assert "Error: Nobody said whom to tell. Set FINDMATCHES_NOTIFY_URL" in told("notify").output
    assert "Error: The file 'no.txt' cannot be read." in told("notify", "--url-file", "no.txt").output
