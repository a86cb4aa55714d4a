"""Who is told of failures and of labels that are wanted: one webhook, kept by the Prefect server as a block.

The address is a secret: the server keeps it encrypted, and shows it to nobody.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit
from uuid import UUID

from prefect.blocks.webhook import Webhook
from prefect.client.orchestration import get_client
from prefect.exceptions import ObjectNotFound
from prefect.types import SecretDict
from pydantic import SecretStr

from errors import InvalidInputError

PLAIN, SLACK = "plain", "slack"
BLOCKS = {PLAIN: "findmatches-webhook", SLACK: "findmatches-slack"}


@dataclass(frozen=True)
class Receiver:
    """The block with the address, and how messages to it look: all facts, or the text that Slack shows."""

    block_id: UUID
    style: str


def find_receiver() -> Receiver | None:
    """Return who is told; None where nobody is."""
    with get_client(sync_client=True) as client:
        for style, name in BLOCKS.items():
            with suppress(ObjectNotFound):
                return Receiver(client.read_block_document_by_name(name, Webhook.get_block_type_slug()).id, style)
    return None


def save_receiver(url: str, style: str) -> None:
    """Keep the address that is told from now on; the one before is forgotten."""
    _check_address(url)
    forget_receiver(besides=style)
    headers = SecretDict({"Content-Type": "application/json"})
    made = Webhook(method="POST", url=SecretStr(url), headers=headers)
    cast("UUID", made.save(BLOCKS[style], overwrite=True))  # no coroutine, since no loop runs here


def forget_receiver(besides: str = "") -> None:
    """Forget the address; the server deletes it."""
    with get_client(sync_client=True) as client:
        for name in (name for style, name in BLOCKS.items() if style != besides):
            with suppress(ObjectNotFound):
                found = client.read_block_document_by_name(name, Webhook.get_block_type_slug())
                client.delete_block_document(found.id)


def _check_address(url: str) -> None:
    """Refuse what is no web address, without repeating it: it is a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or any(sign.isspace() for sign in url):
        raise InvalidInputError(
            "The address to notify is no web address. Give one that begins with https:// or http:// and holds no space."
        )
