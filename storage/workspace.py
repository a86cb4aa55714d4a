"""The workspace: one folder that holds everything findmatches remembers.

.findmatches/
├── catalog.duckdb   what is known: tables, transforms, labels, task runs
├── models/          what was learned from labels
├── artifacts/       what steps leave for the next step, and the reports people read
└── runs/            what a run writes while it works
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workspace:
    """The folder `home`; nothing in it exists before something is written.

    >>> Workspace(Path("/data/.findmatches")).catalog_path.as_posix()
    '/data/.findmatches/catalog.duckdb'
    """

    home: Path

    @classmethod
    def from_environment(cls) -> "Workspace":
        """The workspace that FINDMATCHES_HOME names, else `.findmatches` in the current folder."""
        return cls(Path(os.environ.get("FINDMATCHES_HOME") or ".findmatches").expanduser().absolute())

    @classmethod
    def at(cls, home: str | None) -> "Workspace":
        """The workspace in the folder `home`, with its whole path; the environment's when there is none."""
        return cls(Path(home).expanduser().absolute()) if home else cls.from_environment()

    @classmethod
    def of_copies(cls, folder: Path) -> "Workspace":
        """The workspace whose copies lie in `folder`."""
        return cls(folder.parents[1])

    @property
    def catalog_path(self) -> Path:
        """The one DuckDB file of the catalog."""
        return self.home / "catalog.duckdb"

    @property
    def models(self) -> Path:
        """Where models are kept, one folder each."""
        return self.home / "models"

    @property
    def artifacts(self) -> Path:
        """Where steps leave what the next step or a reader needs."""
        return self.home / "artifacts"

    @property
    def copies(self) -> Path:
        """Where copies are kept of files that DuckDB cannot read by itself."""
        return self.artifacts / "copies"

    @property
    def crawled(self) -> Path:
        """Where crawls remember what they found in files that may not have changed when they come again."""
        return self.artifacts / "crawled"

    @property
    def runs(self) -> Path:
        """Where a step keeps large arrays while it works, in files that are gone with it."""
        return self.home / "runs"
