"""Compared pairs as two files of plain arrays, no pickle: the similarities, which are the bulk of it, and all else.

The similarities are mapped, not read: only those that are asked for come into memory.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from zipfile import BadZipFile

from storage.publish import publishing, remove_leftovers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from matching.known import KnownSimilarities
    from matching.matcher import ComparedPairs
    from matching.pairs import Pairs


R = TypeVar("R")

logger = logging.getLogger("findmatches.tasks")


def save_compared(path: Path, compared: "ComparedPairs") -> None:
    """Write the pairs, their similarities and the first pass; a reader sees all of it or nothing."""
    import numpy as np

    path.parent.mkdir(parents=True, exist_ok=True)
    remove_leftovers(path.parent)
    _save_by_feature(_similarities_at(path), compared.similarities.values)
    with publishing(str(path)) as temporary, temporary.open("wb") as file:
        np.savez(
            file,
            records=np.array(compared.records),
            left=compared.pairs.left,
            right=compared.pairs.right,
            columns=np.array(compared.similarities.columns),
            measures=np.array(compared.similarities.measures),
            beside=compared.features.beside,
            logit=compared.first.logit,
            probability=compared.first.probability,
            kinds=np.array(compared.kinds, dtype=str).reshape(-1, 2),
        )


def load_compared(path: Path, sources: "NDArray[np.int64] | None") -> "ComparedPairs | None":
    """Return what `save_compared` wrote, or None where there is no such file or it is damaged: it can be made anew.

    `sources` as the records have them.
    """
    return _loaded(path, lambda stored, values: _compared(stored, values, sources))


def load_known(path: Path) -> "KnownSimilarities | None":
    """Return the similarities that `save_compared` wrote; None as `load_compared`."""
    return _loaded(path, _known)


def remove_compared(path: Path) -> None:
    """Remove what `save_compared` wrote; who has it loaded keeps it."""
    for part in (path, _similarities_at(path)):
        part.unlink(missing_ok=True)


def save_opinion(path: Path, pairs: "Pairs", probability: "NDArray[np.float64]") -> None:
    """Write what a classifier says of each of these pairs; a reader sees all of it or nothing."""
    import numpy as np

    with publishing(str(path)) as temporary, temporary.open("wb") as file:
        np.savez(file, of=np.array(_name_of(pairs)), probability=probability)


def load_opinion(path: Path, pairs: "Pairs") -> "NDArray[np.float64] | None":
    """Return what `save_opinion` wrote, or None where there is nothing whole about just these pairs."""
    import numpy as np

    if not path.exists():
        return None
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            found = stored["probability"] if str(stored["of"]) == _name_of(pairs) else None
    except (BadZipFile, EOFError, KeyError, OSError, ValueError) as error:
        logger.warning("train: '%s' is damaged and is made anew (%s)", path, error)
        return None
    return found if found is not None and len(found) == len(pairs) else None


def _name_of(pairs: "Pairs") -> str:
    """Return a text that other pairs do not have."""
    digest = hashlib.sha256(pairs.left.tobytes())
    digest.update(pairs.right.tobytes())
    return digest.hexdigest()


def _loaded(path: Path, made: "Callable[[Mapping[str, NDArray[Any]], NDArray[np.float32]], R]") -> R | None:
    """Return what is made of the arrays that are stored and the similarities, None where they are not all there."""
    import numpy as np

    if not path.exists():
        return None
    try:
        similarities = np.load(_similarities_at(path), mmap_mode="r", allow_pickle=False)
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return made(stored, similarities)
    except (BadZipFile, EOFError, KeyError, OSError, ValueError) as error:
        logger.warning("compare: '%s' is damaged and is made anew (%s)", path, error)
        return None


def _similarities_at(path: Path) -> Path:
    return path.with_suffix(".npy")


def _save_by_feature(path: Path, values: "NDArray[np.float32]") -> None:
    """Write (pairs, features) feature by feature, as they lie in memory."""
    import numpy as np

    from matching.memory import let_go

    header = {"descr": np.lib.format.dtype_to_descr(values.dtype), "fortran_order": True, "shape": values.shape}
    with publishing(str(path)) as temporary, temporary.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for feature in values.T:
            file.write(np.ascontiguousarray(feature).data)
            let_go(values)


def _known(stored: "Mapping[str, NDArray[Any]]", values: "NDArray[np.float32]") -> "KnownSimilarities":
    from matching.compare import Similarities
    from matching.known import KnownSimilarities
    from matching.pairs import Pairs

    columns, measures = (tuple(stored[name].tolist()) for name in ("columns", "measures"))
    pairs = Pairs(stored["left"], stored["right"])
    if values.shape != (len(pairs), len(columns)):
        raise ValueError(f"similarities are of {len(values)} pairs, not of {len(pairs)}")
    return KnownSimilarities(pairs, Similarities(columns, measures, values))


def _compared(
    stored: "Mapping[str, NDArray[Any]]", values: "NDArray[np.float32]", sources: "NDArray[np.int64] | None"
) -> "ComparedPairs":
    from matching.matcher import ComparedPairs
    from matching.score import FirstPass

    known = _known(stored, values)
    first = FirstPass(stored["logit"], stored["probability"])
    kinds = tuple((name, kind) for name, kind in stored["kinds"].tolist())
    records = int(stored["records"])
    return ComparedPairs(records, known.pairs, known.similarities, first, sources, kinds, stored["beside"])
