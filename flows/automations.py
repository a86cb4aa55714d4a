"""What the Prefect server does by itself; deployments/automations.yaml says it."""

import json
from typing import Any, cast

import yaml
from prefect.automations import Automation

from flows.deploying import DEPLOYMENTS
from flows.notifications import PLAIN, Receiver, find_receiver

Described = dict[str, Any]


def put_automations() -> tuple[str, ...]:
    """Put the automations on the server, and return their names; those that notify only where a receiver is known.

    Twice is as once. One that a person switched off stays off.
    """
    receiver = find_receiver()
    known = [each for each in described_automations() if receiver or "payload" not in each]
    return tuple(_put(_with_action(each, receiver)) for each in known)


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
