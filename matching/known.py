"""Similarities that an earlier comparison of the same records found: they are taken over, only other pairs compared.

How alike two records are does not depend on the pairs beside them, so that what is taken over is what would be found.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from matching.compare import Similarities
from matching.memory import Spill, let_go
from matching.pairs import Pairs, positions_of

logger = logging.getLogger("findmatches.matching")


@dataclass(frozen=True)
class KnownSimilarities:
    """Pairs of records, and the similarities of each: `similarities.values` (pairs, features)."""

    pairs: Pairs
    similarities: Similarities

    def of(self, pairs: Pairs, compare: Callable[[Pairs], Similarities], records: int, spill: Spill) -> Similarities:
        """Return the similarities of the pairs; those that are not known, if any, are compared."""
        places = positions_of(pairs, self.pairs, records)
        is_known = places >= 0
        logger.info("compare: %s of %s pairs are known already", f"{int(is_known.sum()):,}", f"{len(pairs):,}")
        new = None if is_known.all() else compare(pairs.among(~is_known))
        earlier = self.similarities.values
        values = spill.empty((earlier.shape[1], len(pairs)), np.float32)
        for feature, row in enumerate(values):
            row[is_known] = earlier[places[is_known], feature]
            if new is not None:
                row[~is_known] = new.values[:, feature]
            let_go(values, earlier)
        return replace(self.similarities, values=values.T)
