"""`findmatches explain`: what it prints for people and for programs."""

import json

import pytest

KEYS = {
    "summary",
    "transform",
    "relation",
    "same_cluster",
    "probability",
    "threshold",
    "model",
    "labels_enforced",
    "labels",
    "left",
    "right",
    "columns",
    "waterfall",
    "before_labels",
    "chain",
    "between",
    "kept_apart_by",
    "blocking",
    "similarities",
}


@pytest.fixture
def people(findmatches, people_csv):
    """Commands in a workspace with the transform `people`, without labels."""
    for words in (
        ("crawl", people_csv, "--table", "people"),
        ("transform", "create", "people", "--table", "default.people", "--primary-key", "id"),
    ):
        done = findmatches(*words)
        assert done.exit_code == 0, done.output
    return findmatches


@pytest.fixture
def terminal(monkeypatch):
    """A terminal of 80 columns that knows no colours."""
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "80")


def block(text, first_word):
    """The lines of the block whose first line begins with a word, without that line."""
    return next(part.splitlines()[1:] for part in text.split("\n\n") if part.startswith(first_word))


def test_the_answer_comes_first_and_the_rows_stand_side_by_side(people):
    shown = people("explain", "people", "p07b", "p07a").stdout
    assert shown.startswith("Rows p07b and p07a match: the probability of this pair, ")
    rows = block(shown, "column")
    assert [line.split() for line in rows[:2]] == [
        ["id", "p07b", "p07a"],
        ["name", "helga", "abernaty", "helga", "abernathy"],
    ]
    assert rows[2].split()[-1] == "="
    assert [line.split()[0] for line in rows[-3:]] == ["match_id", "confidence", "cluster"]


def test_in_a_pipe_the_waterfall_is_plain_text_that_adds_up(people):
    shown = people("explain", "people", "p07a", "p07b").stdout
    assert shown.isascii()
    first, *steps = [line.split() for line in block(shown, "what ")]
    assert first[0] == "start"
    assert first[-1] == "|"
    assert all(set(step[-1]) <= {"+"} if step[-3].startswith("+") else set(step[-1]) <= {"-", "|"} for step in steps)
    found = json.loads(people("explain", "people", "p07a", "p07b", "--json").stdout)
    assert float(steps[-1][-2]) == pytest.approx(found["probability"], abs=0.0005)


@pytest.mark.usefixtures("terminal")
def test_on_a_terminal_of_80_columns_no_line_is_broken_or_cut(people):
    lines = people("explain", "people", "p07a", "p07b").stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert any("█" in line for line in lines)
    assert not any("…" in line for line in lines)


@pytest.mark.usefixtures("terminal")
def test_long_values_stay_side_by_side_on_a_terminal(findmatches, workspace):
    text = "chair of oak with a high back and a seat of leather by the old maker in the harbour"
    (workspace / "chairs.csv").write_text(f"id,text,maker\n1,{text},moe\n2,{text}s,moe\n3,a lamp,jo\n")
    findmatches("crawl", "chairs.csv", "--table", "chairs", "--header")
    findmatches("transform", "create", "chairs", "--table", "default.chairs", "--primary-key", "id")
    shown = findmatches("explain", "chairs", "1", "2").stdout
    assert max(map(len, shown.splitlines())) <= 80
    of_text = [line for line in shown.splitlines() if "chair of oak" in line]
    assert [line.count("chair of oak") for line in of_text] == [2]


def test_a_pair_that_was_not_compared_has_no_waterfall_and_says_why(people):
    keys = [f"p{number:02d}a" for number in range(60)]
    found = (json.loads(people("explain", "people", "p00a", key, "--json").stdout) for key in keys[1:])
    key = next(each["right"]["primary_key"] for each in found if each["relation"] == "not compared")
    shown = people("explain", "people", "p00a", key).stdout
    assert "the two were not compared, as no search proposed the pair." in shown
    assert "what " not in [line[:5] for line in shown.splitlines()]
    assert "probability  " not in shown
    assert [line.split()[-1] for line in block(shown, "search by")[:2]] == ["no", "no"]


def test_json_has_the_same_keys_whatever_the_pair(people):
    shown = [json.loads(people("explain", "people", "p07a", key, "--json").stdout) for key in ("p07b", "p00a", "p41a")]
    assert [each.keys() for each in shown] == [KEYS] * 3
    compared = shown[0]
    assert compared["left"].keys() == {
        "primary_key",
        "source",
        "match_id",
        "match_confidence_score",
        "cluster_rows",
        "cluster_keys",
    }
    assert compared["waterfall"].keys() == {
        "unit",
        "start",
        "start_probability",
        "steps",
        "end",
        "probability",
        "contributions",
    }
    assert compared["similarities"][0].keys() == {"column", "measure", "value", "contribution"}
    total = compared["waterfall"]["start"] + sum(step["contribution"] for step in compared["waterfall"]["steps"])
    assert total == pytest.approx(compared["waterfall"]["end"])


def test_with_labels_the_model_is_named_and_the_label_told(labelled_transform):
    found = json.loads(labelled_transform("explain", "people", "p07a", "p07b", "--json").stdout)
    assert found["model"].startswith("mdl-")
    shown = labelled_transform("explain", "people", "p07a", "p07b").stdout
    assert f"model           {found['model']}" in shown
    assert shown.count("A person labelled them as the same") == len(found["labels"])
    assert block(shown, "what ")[0].split() == ["start", f"{found['waterfall']['start']:.3f}", "|"]


def test_keys_that_begin_with_a_dash_go_after_two_dashes(findmatches, workspace):
    (workspace / "things.csv").write_text("id,name\n-5,anna berg\n-7,ana berg\n8,otto kahn\n")
    findmatches("crawl", "things.csv", "--table", "things")
    findmatches("transform", "create", "things", "--table", "default.things", "--primary-key", "id")
    assert findmatches("explain", "things", "--", "-5", "-7").stdout.startswith("Rows -5 and -7 ")


@pytest.mark.parametrize(
    ("words", "error"),
    [
        pytest.param(("peopel", "p07a", "p07b"), "Did you mean 'people'?", id="transform"),
        pytest.param(("people", "p07a", "p07x"), "no row with 'p07x' as its id. Did you mean", id="key"),
        pytest.param(("people", "p07a", "p07a"), "'p07a' is named twice.", id="one row"),
    ],
)
def test_what_is_wrong_is_one_line(people, words, error):
    done = people("explain", *words)
    assert (done.exit_code, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert error in done.stderr
