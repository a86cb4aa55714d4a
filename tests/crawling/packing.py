"""How tests pack a text."""

import bz2
import gzip
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def zipped(content: bytes, *more: bytes, name: str = "part") -> bytes:
    """A zip archive with one file, or several."""
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as members:
        for number, text in enumerate((content, *more)):
            members.writestr(f"{name}{number}.csv", text)
    return archive.getvalue()


PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "zstd": zstd.compress,
    "zip": zipped,
}
