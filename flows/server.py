"""The Prefect server that is set, and whether it answers."""

import re

from prefect import get_client
from prefect.settings import PREFECT_API_URL

from errors import InvalidInputError


def require_server() -> None:
    """Stop when no Prefect server of a version that fits answers at PREFECT_API_URL; costs two small requests."""
    with get_client(sync_client=True) as client:
        if problem := client.api_healthcheck():
            raise _no_server(problem)
        try:
            client.raise_for_api_version_mismatch_once()
        except RuntimeError as error:
            raise _no_server(error) from error


def _no_server(problem: Exception) -> InvalidInputError:
    """Return the error that says where no server answers and what to do, without a password the address may hold."""
    reason = re.split(r"\n|\s+-?\s*For more information", str(problem))[0].rstrip(".") or type(problem).__name__
    text = (
        f"PREFECT_API_URL is '{PREFECT_API_URL.value()}', and no Prefect server answers there: {reason}. Start it "
        "(findmatches up), mend the address (it mostly ends with /api), or unset PREFECT_API_URL to run without "
        "a server."
    )
    return InvalidInputError(re.sub(r"//[^/@\s]*@", "//", text))
