"""A web server in a thread that keeps what is posted to it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Receiver:
    """What came, oldest first, and the address it came to."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.bodies: list[dict[str, Any]] = []
        self.types: list[str] = []

    def wait_for(self, seconds: float = 60, **told: str) -> dict[str, Any]:
        """Return the first body with these values, once it came."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for body in list(self.bodies):
                if told.items() <= body.items():
                    return body
            time.sleep(0.1)
        raise AssertionError(f"nothing like {told} came, but {self.bodies}")


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Receive on a free port; the address ends with something that is to stay secret."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.types.append(self.headers["Content-Type"])
            receiver.bodies.append(json.loads(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *arguments: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook/s3cret-token-of-the-hook")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
