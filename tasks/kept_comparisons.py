"""The comparisons that a workspace keeps for one transform, so that what was compared once is not compared again.

Each lies under a fingerprint of all it depends on, DATA-REACH: DATA is everything that a similarity depends on, REACH
how many neighbours each record was compared with.  Those of the same DATA have the same similarities.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from storage.workspace import Workspace
from tasks.compared_file import load_compared, load_known, remove_compared, save_compared

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from matching.known import KnownSimilarities
    from matching.matcher import ComparedPairs

MOST_KEPT = 3


@dataclass(frozen=True)
class KeptComparisons:
    """The comparisons of the transform with this id; at most MOST_KEPT, those made last."""

    workspace: Workspace
    transform_id: str

    def load(self, fingerprint: str, sources: "NDArray[np.int64] | None") -> "ComparedPairs | None":
        """Return the comparison of this fingerprint, or None; `sources` as the records have them."""
        return load_compared(self._path(fingerprint), sources)

    def save(self, fingerprint: str, compared: "ComparedPairs") -> None:
        """Keep a comparison, and let go of those that are too many."""
        save_compared(self._path(fingerprint), compared)
        for path in self._latest_first("*")[MOST_KEPT:]:
            remove_compared(path)

    def known(self, fingerprint: str) -> "KnownSimilarities | None":
        """Return the similarities of the same data that there are most of, found with whatever reach."""
        paths = self._latest_first(f"{fingerprint.rpartition('-')[0]}-*")
        return load_known(max(paths, key=_size)) if paths else None

    def forget(self) -> None:
        """Let go of all."""
        for path in self._latest_first("*"):
            remove_compared(path)

    def _path(self, fingerprint: str) -> Path:
        return self.workspace.artifacts / "compared" / f"{self.transform_id}-{fingerprint}.npz"

    def _latest_first(self, fingerprints: str) -> list[Path]:
        path = self._path(fingerprints)
        return sorted(path.parent.glob(path.name), key=_made_at, reverse=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _made_at(path: Path) -> float:
    return path.stat().st_mtime if path.exists() else 0
