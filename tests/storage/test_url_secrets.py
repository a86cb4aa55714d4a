"""A URL with a password or a key in it is refused, whatever it leads to, and is repeated nowhere."""

import re

import pytest

from errors import InvalidInputError
from storage.allowed_paths import check_allowed
from storage.files import filesystem_of, list_files, reason_of
from storage.url_secrets import WITHOUT_SECRET, check_no_secret, without_logins

SECRET = "hunter2"
WITH_SECRET = [
    "postgresql://reader:hunter2@db.example.org/shop",
    "postgresql+pg8000://reader:hunter2@db.example.org:5432/shop",
    "postgresql://reader:hun/hunter2@db.example.org/shop",
    "postgresql://:hunter2@db.example.org/shop",
    "postgresql://reader:hun@hunter2@db.example.org/shop",
    "jdbc:mysql://reader:hunter2@db.example.org/shop",
    "shop=postgresql://reader:hunter2@db.example.org/shop",
    "--connection=postgresql://reader:hunter2@db.example.org/shop",
    "jdbc:postgresql://db.example.org/shop?user=reader&password=hunter2",
    "mysql://db.example.org/shop?PASSWORD=hunter2",
    "s3://AKIAEXAMPLE:hunter2@lake/people.csv",
    "s3://AKIAEXAMPLE:hun/hunter2@lake/people.csv",
    "S3A://AKIAEXAMPLE:hun ter/hunter2@lake/people.csv",
    "s3://hunter2@lake/people.csv",
    "simplecache::s3://AKIAEXAMPLE:hunter2@lake/people.csv",
    "https://hunter2@example.org/people.csv",
    "https://lake.example.org/people.csv?X-Amz-Expires=60&X-Amz-Signature=hunter2",
    "https://account.example.net/box/people.csv?sv=2024&sig=hunter2",
    "https://example.org/people.csv?access_token=hunter2",
    "  https://ada:hunter2@example.org\n/people.csv",
]
WITHOUT = [
    "s3://lake/people.csv",
    "s3://lake/a:b@c.csv",
    "s3://lake/people?token=1.csv",
    "s3://lake/postgresql://u:p@h.csv",
    "s3://arn:aws:s3:eu-west-1:123456789012:accesspoint/people/a@b.csv",
    "postgresql://reader@localhost:5432/shop",
    "sftp://reader@example.org/people.csv",
    "abfs://box@account.dfs.core.windows.net/people.csv",
    "https://example.org:9000/people.csv?version=2",
    "dynamodb://people",
    "/data/password=x/ada:secret@home.csv",
    "people.csv",
    "shop/public/%",
    "",
]


@pytest.mark.parametrize("text", WITH_SECRET)
def test_a_url_with_a_secret_is_refused_and_not_repeated(text: str) -> None:
    with pytest.raises(InvalidInputError, match="There is a password or a key in the URL") as refused:
        check_no_secret(text)
    assert SECRET not in str(refused.value)
    assert "\n" not in str(refused.value)
    assert "--password-env" in str(refused.value)
    assert "AWS_SECRET_ACCESS_KEY" in str(refused.value)


@pytest.mark.parametrize("text", WITHOUT)
def test_what_has_no_secret_is_let_pass(text: str) -> None:
    check_no_secret(text)


@pytest.mark.parametrize(
    ("text", "passes"), [(text, False) for text in WITH_SECRET] + [(text, True) for text in WITHOUT]
)
def test_the_pattern_of_forms_says_the_same(text: str, passes: bool) -> None:
    assert bool(re.search(WITHOUT_SECRET, text)) is passes


@pytest.mark.parametrize("use", [filesystem_of, list_files, lambda path: check_allowed(path, ["/data"])])
def test_a_path_with_a_secret_is_used_nowhere(use) -> None:
    with pytest.raises(InvalidInputError, match="There is a password") as refused:
        use("s3://AKIAEXAMPLE:hunter2@lake/people.csv")
    assert SECRET not in str(refused.value)


def test_an_allowed_place_with_a_secret_is_not_listed() -> None:
    with pytest.raises(InvalidInputError, match="There is a password") as refused:
        check_allowed("/etc/passwd", ["s3://AKIAEXAMPLE:hunter2@lake/"])
    assert SECRET not in str(refused.value)


def test_the_login_of_an_endpoint_or_proxy_is_blotted_out_of_what_storage_says() -> None:
    error = OSError('Could not connect to the endpoint URL: "http://ada:hunter2@example.org:9000/lake"')
    assert reason_of(error) == 'Could not connect to the endpoint URL: "http://***@example.org:9000/lake"'


def test_what_has_no_login_is_left_as_it_is() -> None:
    for text in ("Cannot read 's3://lake/a@b.csv': gone", "http://a.org/x, mail ada@a.org"):
        assert without_logins(text) == text
