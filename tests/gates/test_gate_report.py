import pytest

from gates.report import GateResult, enumerated, shortened


@pytest.mark.parametrize(
    ("count", "end"), [(10, "line 9"), (11, "line 9; and 1 more"), (1010, "line 9; and 1,000 more")]
)
def test_ten_problems_are_named_and_the_others_counted(count: int, end: str) -> None:
    assert enumerated([f"line {line}" for line in range(count)]).endswith(end)


def test_no_problems_make_no_words() -> None:
    assert GateResult(passed=True, problems=(), checks=()).message == ""


def test_names_beyond_those_at_hand_are_counted() -> None:
    assert shortened(["a", "b"], count=1002, mark="'") == "'a', 'b' and 1,000 more"
