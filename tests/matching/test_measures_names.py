import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching.measures_names import name_measures, nickname_groups
from matching.normalise import normalise_column
from matching.profile import profile_column
from matching.values import DistinctPairs

NAMES = ["john smith", "j smith", "alan doe", "mary jones", "bob miller", "robert miller", "kate o brien"]


def alike(*values: str) -> float:
    """How alike the first two are, in a column of names of persons."""
    return float(measured([*values, *NAMES])[0])


def measured(values: list[str]) -> np.ndarray:
    column = normalise_column("c", pa.chunked_array([pa.array(values, pa.string())]))
    measures = dict(name_measures(column, profile_column(column)))
    left, right = np.triu_indices(len(column.values), 1)
    return measures["name_words"](DistinctPairs(left, right)) if measures else np.zeros(0, dtype=np.float32)


@pytest.mark.parametrize(
    ("left", "right", "likeness"),
    [
        pytest.param("sam carter", "carter sam", 1, id="same words in another order"),
        pytest.param("s carter", "sam carter", 0.85, id="initial"),
        pytest.param("s j carter", "sam james carter", 0.8, id="two initials"),
        pytest.param("bill carter", "william carter", 0.95, id="nickname"),
        pytest.param("bill carter", "will carter", 0.95, id="two nicknames of one name"),
        pytest.param("sam carter", "sam karter", 0.5, id="another first letter sounds different"),
        pytest.param("sam carter", "sam cartar", 0.9, id="sounds the same"),
        pytest.param("carter", "sam carter", 1, id="part of the other"),
        pytest.param("t carter", "sam carter", 0.5, id="another initial"),
        pytest.param("sam carter", "otto lang", 0, id="nothing in common"),
        pytest.param("c carter", "carter otto", 0.5, id="an initial is not the other name again"),
    ],
)
def test_names_agree_word_by_word(left: str, right: str, likeness: float) -> None:
    assert alike(left, right) == pytest.approx(likeness)
    assert alike(right, left) == pytest.approx(likeness)


def test_letters_that_are_no_initials_of_each_other_do_not_agree() -> None:
    assert alike("a", "b") == 0


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([], id="empty"),
        pytest.param(["john"], id="one value"),
        pytest.param([f"{n} n main street" for n in range(20)], id="addresses"),
        pytest.param(["walnut desk", "oak chair", "pine bench", "glass lamp", "steel shelf"], id="things"),
        pytest.param([f"{w}@mail.example" for w in ("john", "mary", "bob", "kate", "alan")], id="e-mail addresses"),
        pytest.param(["john went to mary to see bob and kate and alan"] * 2 + ["a b c d e f g"], id="sentences"),
    ],
)
def test_what_is_no_column_of_names_is_not_measured(values: list[str]) -> None:
    assert measured(values).size == 0


def test_full_names_and_their_nicknames_share_a_group() -> None:
    groups = nickname_groups()
    assert set(groups["robert"]) & set(groups["bob"])
    assert not set(groups["robert"]) & set(groups["kate"])


@settings(deadline=None, max_examples=40)
@given(st.lists(st.sampled_from([*NAMES, "s", "smith", "smyth j", "rob t b miller jones"]), min_size=2, max_size=8))
def test_likeness_is_from_0_to_1_and_1_for_itself(values: list[str]) -> None:
    column = normalise_column("c", pa.chunked_array([pa.array([*values, *NAMES], pa.string())]))
    measure = dict(name_measures(column, profile_column(column)))["name_words"]
    every = np.arange(len(column.values))
    assert np.allclose(measure(DistinctPairs(every, every)), 1)
    left, right = np.triu_indices(len(every), 1)
    there, back = measure(DistinctPairs(left, right)), measure(DistinctPairs(right, left))
    assert np.array_equal(there, back)
    assert (there >= 0).all()
    assert (there <= 1).all()
