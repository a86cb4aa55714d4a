"""The check that a Prefect server answers, against what is none."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from errors import InvalidInputError

pytestmark = pytest.mark.slow


class WebPage(BaseHTTPRequestHandler):
    """Answers every address below /page with a page, and any other with 404."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path.startswith("/page") else 404)
        self.end_headers()
        self.wfile.write(b"<html></html>")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def web_server() -> Iterator[str]:
    """A server that knows nothing of Prefect; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), WebPage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("address", "message"),
    [
        pytest.param("http://{}/api", r"^PREFECT_API_URL is 'http://.*/api', and .*: Client error '404", id="404"),
        pytest.param("http://{}/page", r"^PREFECT_API_URL is 'http://.*/page', and .* Failed to reach", id="a page"),
        pytest.param("http://127.0.0.1:9/api", "refused", id="nobody"),
        pytest.param("localhost", "'localhost'.* missing an 'http://'", id="no address"),
    ],
)
def test_what_is_no_prefect_server_is_named(web_server: str, address: str, message: str) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.server import require_server

    url = address.format(web_server)
    with temporary_settings({PREFECT_API_URL: url}), pytest.raises(InvalidInputError, match=message):
        require_server()


def test_a_password_in_the_address_is_not_shown() -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows.server import require_server

    address = {PREFECT_API_URL: "http://me:secret@127.0.0.1:9/api"}
    with temporary_settings(address), pytest.raises(InvalidInputError, match=r"'http://127\.0\.0\.1:9/api'") as caught:
        require_server()
    assert "secret" not in str(caught.value)


@pytest.mark.usefixtures("prefect_server")
def test_a_prefect_server_is_let_pass() -> None:
    from flows.server import require_server

    require_server()
