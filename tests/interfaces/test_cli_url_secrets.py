"""A password in a URL among the words of a command: refused in one line, without it, and nothing is kept."""

import pytest

URL = "postgresql://reader:hunter2@db.example.org/shop"
BUCKET = "s3://AKIAEXAMPLE:hunter2@lake/people.csv"
COMMANDS = [
    ("crawl", URL),
    ("crawl", BUCKET),
    ("-v", "crawl", BUCKET),
    ("crawl", "--connection", URL, "shop/public/%"),
    ("crawl", f"--connection={URL}", "shop/public/%"),
    ("crawler", "create", "nightly", "--connection", f"{URL}=shop/public/%"),
    ("crawler", "create", "nightly", BUCKET),
    ("crawler", "create", URL, "people.csv"),
    ("transform", "create", URL, "--table", "default.people", "--primary-key", "id"),
    ("transform", "create", "people", "--table", "default.people", "--primary-key", "id", "--description", URL),
    ("labels", "generate", "people", "--output", BUCKET),
    ("labels", "import", "people", BUCKET),
    ("run", "people", "--output", BUCKET),
    ("tables", "--database", URL),
    ("connection", "show", URL),
    ("connection", "create", "shop", URL),
    ("connection", "create", URL, "shop"),
    ("connection", "create", "shop", "postgresql://reader@db.example.org/shop", "--description", URL),
    ("up", "--labels", BUCKET),
    ("watch", BUCKET),
    ("nonsense", URL),
]


@pytest.mark.parametrize("words", COMMANDS, ids=lambda words: " ".join(words[:3])[:30])
@pytest.mark.parametrize("server", ["", "http://127.0.0.1:9/api"], ids=["plain", "with a server"])
def test_a_password_in_a_url_is_refused_and_kept_nowhere(findmatches, workspace, monkeypatch, words, server):
    if server:
        monkeypatch.setenv("PREFECT_API_URL", server)
    done = findmatches(*words)
    assert done.exit_code == 1, done.output
    (line,) = done.stderr.splitlines()
    assert line.startswith(("Error: There is a password or a key in the URL", "Error: The URL has a password in it"))
    assert "--password-env" in line
    assert "hunter2" not in done.output
    assert not any(b"hunter2" in file.read_bytes() for file in workspace.rglob("*") if file.is_file())


def test_words_that_are_data_are_left_alone(findmatches, workspace):
    done = findmatches("query", f"SELECT '{URL}' AS url", "--json")
    assert done.exit_code == 0, done.output
    assert URL in done.stdout
