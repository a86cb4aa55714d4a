"""Compared pairs as a file: plain arrays, no pickle."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from storage.publish import publishing

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from matching.matcher import ComparedPairs


logger = logging.getLogger("findmatches.tasks")


def save_compared(path: Path, compared: "ComparedPairs") -> None:
    """Write the pairs, their similarities and the first pass; a reader sees all of it or nothing."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    with publishing(str(path)) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            records=np.array(compared.records),
            left=compared.pairs.left,
            right=compared.pairs.right,
            columns=np.array(compared.similarities.columns),
            measures=np.array(compared.similarities.measures),
            similarities=compared.similarities.values,
            logit=compared.first.logit,
            probability=compared.first.probability,
            kinds=np.array(compared.kinds, dtype=str).reshape(-1, 2),
        )


def load_compared(path: Path, sources: "NDArray[np.int64] | None") -> "ComparedPairs | None":
    """Return what `save_compared` wrote, or None where there is no such file or it is damaged: it can be made anew.

    `sources` as the records have them.
    """
    import numpy as np

    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            return _compared(stored, sources)
    except (BadZipFile, EOFError, KeyError, OSError, ValueError) as error:
        logger.warning("compare: '%s' is damaged and is made anew (%s)", path, error)
        return None


def _compared(stored: "Mapping[str, NDArray[Any]]", sources: "NDArray[np.int64] | None") -> "ComparedPairs":
    from matching.compare import Similarities
    from matching.matcher import ComparedPairs
    from matching.pairs import Pairs
    from matching.score import FirstPass

    columns, measures = (tuple(stored[name].tolist()) for name in ("columns", "measures"))
    similarities = Similarities(columns, measures, stored["similarities"])
    pairs, first = Pairs(stored["left"], stored["right"]), FirstPass(stored["logit"], stored["probability"])
    kinds = tuple((name, kind) for name, kind in stored["kinds"].tolist())
    return ComparedPairs(int(stored["records"]), pairs, similarities, first, sources, kinds)
