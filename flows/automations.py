"""What the Prefect server does by itself; deployments/automations.yaml says it."""

import json
from typing import Any, cast

import yaml
from prefect import get_client
from prefect.automations import Automation
from prefect.client.schemas.filters import (
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import StateType
from prefect.events import emit_event

from flows.deploying import DEPLOYMENTS
from flows.notifications import PLAIN, Receiver, find_receiver

TAG = "findmatches"

Described = dict[str, Any]


def put_automations() -> tuple[str, ...]:
    """Put the automations on the server, and return their names; those that notify only where a receiver is known.

    Twice is as once. One that a person switched off stays off.
    """
    receiver = find_receiver()
    known = [each for each in described_automations() if receiver or "payload" not in each]
    names = tuple(_put(_with_action(each, receiver)) for each in known)
    _tell_of_runs()
    return names


def _tell_of_runs() -> None:
    """Tell the automations of the runs that go on by what the server knows: those that are dead cannot do so.

    An automation waits for a sign of life after another one; what it waited for it forgets when it is put anew, and
    the end of a server is the end of many runs.
    """
    signs = {StateType.RUNNING: "heartbeat", StateType.CANCELLING: "heartbeat", StateType.PENDING: "Pending"}
    of_findmatches = FlowRunFilter(
        tags=FlowRunFilterTags(all_=[TAG]),
        state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(signs))),
    )
    with get_client(sync_client=True) as client:
        runs = client.read_flow_runs(flow_run_filter=of_findmatches)
    tag = {"prefect.resource.id": f"prefect.tag.{TAG}", "prefect.resource.role": "tag"}
    for run in runs:
        if run.state_type:
            resource = {"prefect.resource.id": f"prefect.flow-run.{run.id}"}
            emit_event(f"prefect.flow-run.{signs[run.state_type]}", resource, related=[tag])


def remove_notifying_automations() -> None:
    """Take from the server the automations that notify somebody."""
    for each in described_automations():
        if "payload" in each and (found := _find(each["name"])):
            found.delete()


def described_automations() -> list[Described]:
    """Return what deployments/automations.yaml says."""
    text = (DEPLOYMENTS / "automations.yaml").read_text(encoding="utf-8")
    described: list[Described] = yaml.safe_load(text)["automations"]
    return described


def message(payload: dict[str, str], style: str) -> str:
    r"""Return the template of a message as JSON whose values stay whole whatever signs the values of a run hold.

    Names that are set begin with told_: one that Prefect has, as `event`, would be empty in all of the template.

    >>> message({"run": "{{ flow_run.name }}", "text": "Run {{ flow_run.name }} failed."}, "slack")
    '{"text": {% set told_text %}Run {{ flow_run.name }} failed.{% endset %}{{ told_text | string | tojson }}}'
    """
    wanted = payload if style == PLAIN else {"text": payload["text"]}
    parts = (
        f"{json.dumps(name)}: {{% set told_{name} %}}{value}{{% endset %}}{{{{ told_{name} | string | tojson }}}}"
        for name, value in wanted.items()
    )
    return f"{{{', '.join(parts)}}}"


def _with_action(described: Described, receiver: Receiver | None) -> Described:
    if receiver is None or "payload" not in described:
        return described
    action = {
        "type": "call-webhook",
        "block_document_id": receiver.block_id,
        "payload": message(described["payload"], receiver.style),
    }
    return {name: value for name, value in described.items() if name != "payload"} | {"actions": [action]}


def _put(described: Described) -> str:
    automation = Automation.model_validate(described)
    if known := _find(automation.name):
        automation.id, automation.enabled = known.id, known.enabled
        automation.update()
    else:
        automation.create()
    return automation.name


def _find(name: str) -> Automation | None:
    try:
        return cast("Automation", Automation.read(name=name))  # no coroutine, since no loop runs here
    except ValueError:
        return None
