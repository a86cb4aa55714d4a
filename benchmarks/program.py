"""The findmatches that is measured: a copy of the source, so that it may be changed meanwhile."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parents[1]
ROOMS = ("errors", "storage", "crawling", "catalog", "labeling", "gates", "matching", "tasks", "flows", "interfaces")


@dataclass(frozen=True)
class Program:
    """A copy of the rooms.  `code` changes with any of their files; `commit` ends in + where they differ from it."""

    folder: Path
    code: str
    commit: str

    @property
    def command(self) -> list[str]:
        """The words that start it, whatever folder they are typed in."""
        return [sys.executable, "-P", "-c", "from interfaces.cli import main; main()"]

    def environment(self, home: Path, seed: int) -> Mapping[str, str]:
        """Return the environment in which the command runs the copy, in a workspace of its own, without a server.

        Settings of findmatches in the caller's shell, such as FINDMATCHES_MEMORY_LIMIT, do not reach it.
        """
        own = {"PYTHONPATH": str(self.folder), "FINDMATCHES_HOME": str(home), "FINDMATCHES_SEED": str(seed)}
        settings = ("FINDMATCHES_", "PREFECT_")
        return {name: value for name, value in os.environ.items() if not name.startswith(settings)} | own


@contextmanager
def copied_program() -> Iterator[Program]:
    """Yield a copy of the program as it is now; it is removed afterwards."""
    with TemporaryDirectory(prefix="findmatches-program-") as place:
        folder, commit = Path(place), _commit()
        for room in ROOMS:
            shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__"))
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        code = sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:12]
        yield Program(folder, code, commit)


def _commit() -> str:
    found = _git("rev-parse", "--short=10", "HEAD") or "unknown"
    return found + ("+" if _git("status", "--porcelain", "--", *ROOMS) else "")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
