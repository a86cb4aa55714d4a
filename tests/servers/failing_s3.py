"""A server that speaks a little of S3 and fails on purpose: it throttles, forbids, forgets, hangs or cuts off."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

_ERROR = "<?xml version='1.0'?><Error><Code>{0}</Code><Message>{1}</Message></Error>"


@dataclass
class FailingS3:
    """The bucket `lake` with its objects. What fails is told by key; "" stands for listings.

    `throttled` is how often a request is answered with 503 SlowDown before it succeeds; `hangs` are never answered,
    `forbidden` with 403, `gone` with 404.
    """

    objects: dict[str, bytes]
    throttled: dict[str, int] = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    hangs: set[str] = field(default_factory=set)
    requests: Counter[str] = field(default_factory=Counter)
    port: int = 0

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead there."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": "any",
            "AWS_SECRET_ACCESS_KEY": "any",
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @contextmanager
    def running(self) -> Iterator["FailingS3"]:
        """Answer until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        server.daemon_threads = True
        self.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
        """The status and the body of the answer to one request."""
        key = unquote(path).removeprefix("/lake").lstrip("/")
        self.requests[key] += 1
        if key in self.hangs:
            time.sleep(30)
        if self.throttled.get(key, 0) > 0:
            self.throttled[key] -= 1
            return 503, _ERROR.format("SlowDown", "Please reduce your request rate.").encode()
        if key in self.forbidden:
            return 403, _ERROR.format("AccessDenied", "Access Denied").encode()
        if key == "":
            return 200, self._listing(query.get("prefix", [""])[0]).encode()
        if key in self.gone or key not in self.objects:
            return 404, _ERROR.format("NoSuchKey", "The specified key does not exist.").encode()
        return 200, self.objects[key]

    def _listing(self, prefix: str) -> str:
        entries = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(body)}</Size><ETag>&quot;{hash(body):x}&quot;</ETag>"
            "<LastModified>2024-01-01T00:00:00.000Z</LastModified></Contents>"
            for key, body in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return (
            "<?xml version='1.0'?><ListBucketResult xmlns='http://s3.amazonaws.com/doc/2006-03-01/'><Name>lake</Name>"
            f"<IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        )


def _handler(s3: FailingS3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            status, body = s3.answer(parts.path, parse_qs(parts.query))
            if status == 200 and (wanted := self.headers.get("Range")):
                first, _, last = wanted.removeprefix("bytes=").partition("-")
                status, body = 206, body[int(first) : int(last) + 1 if last else None]
            self._send(status, body)

        def do_HEAD(self) -> None:
            status, body = s3.answer(urlsplit(self.path).path, {})
            self._send(status, body, with_body=False)

        def _send(self, status: int, body: bytes, *, with_body: bool = True) -> None:
            try:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.send_header("ETag", '"x"')
                self.end_headers()
                if with_body:
                    self.wfile.write(body)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    return Handler
