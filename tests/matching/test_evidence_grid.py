import numpy as np
import pytest

from matching import evidence_grid
from matching.evidence_grid import MOST_CELLS, EvidenceGrid

PAIRS = 700
SIZES = [6, 9, 11, 9, 9, 2, 1, 9, 9, 9, 3, 9]


def random_levels(sizes: list[int], pairs: int = PAIRS) -> list[np.ndarray]:
    generator = np.random.default_rng(len(sizes))
    return [generator.integers(0, size, pairs).astype(np.uint8) for size in sizes]


def probabilities(pairs: int = PAIRS) -> np.ndarray:
    return np.random.default_rng(7).random(pairs)


def assert_counts_like_one_by_one(sizes: list[int], pairs: int = PAIRS) -> None:
    levels, probability = random_levels(sizes, pairs), probabilities(pairs)
    counted = EvidenceGrid(levels, sizes).shares(probability)
    assert len(counted) == len(sizes)
    for piece, size, (matches, others) in zip(levels, sizes, counted, strict=True):
        assert matches == pytest.approx(np.bincount(piece, probability, size))
        assert others == pytest.approx(np.bincount(piece, 1 - probability, size))


def assert_totals_like_one_by_one(sizes: list[int], pairs: int = PAIRS) -> None:
    levels = random_levels(sizes, pairs)
    weights = [np.random.default_rng(place).normal(size=size) for place, size in enumerate(sizes)]
    wanted = -2.5 + sum(weight[piece] for weight, piece in zip(weights, levels, strict=True))
    assert EvidenceGrid(levels, sizes).total(weights, start=-2.5) == pytest.approx(wanted)


@pytest.mark.parametrize("cells", [MOST_CELLS, 100, 1], ids=["as it is", "two at a time", "one by one"])
@pytest.mark.parametrize(
    "sizes",
    [
        pytest.param(SIZES, id="many pieces"),
        pytest.param([9], id="one piece"),
        pytest.param([1, 1, 1], id="pieces of one level"),
        pytest.param([256, 32, 2], id="a part that is just full"),
    ],
)
def test_pieces_together_say_what_they_say_one_by_one(
    sizes: list[int], cells: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence_grid, "MOST_CELLS", cells)
    assert_counts_like_one_by_one(sizes)
    assert_totals_like_one_by_one(sizes)


def test_several_pieces_share_a_grid_and_no_grid_has_too_many_cells() -> None:
    """No public way shows how the pieces are put together."""
    shapes = [part.shape for part in EvidenceGrid(random_levels(SIZES), SIZES)._parts]
    assert [size for shape in shapes for size in shape] == SIZES
    assert 1 < len(shapes) < len(SIZES)
    assert all(np.prod(shape) <= MOST_CELLS for shape in shapes)


def test_a_piece_of_more_levels_than_a_grid_has_cells_is_counted_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_grid, "MOST_CELLS", 50)
    assert_counts_like_one_by_one([4, 200, 5, 256])
    assert_totals_like_one_by_one([4, 200, 5, 256])


def test_without_pairs_every_level_is_counted_as_none() -> None:
    assert_totals_like_one_by_one(SIZES, pairs=0)
    counted = EvidenceGrid(random_levels(SIZES, 0), SIZES).shares(np.zeros(0))
    assert [(matches.tolist(), others.tolist()) for matches, others in counted] == [([0] * n, [0] * n) for n in SIZES]


def test_levels_that_no_pair_shows_are_counted_too() -> None:
    [(matches, others)] = EvidenceGrid([np.array([1, 1], np.uint8)], [4]).shares(np.array([0.25, 1.0]))
    assert (matches.tolist(), others.tolist()) == ([0, 1.25, 0, 0], [0, 0.75, 0, 0])
