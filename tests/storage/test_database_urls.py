"""Addresses of databases: none with a secret in it gets through, and none is repeated in an error."""

import pytest

from errors import InvalidInputError
from storage.database_urls import Login, checked_url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://reader:hunter2@localhost/shop",
        "mysql://reader:hunter2@localhost:3306/shop",
        "postgresql://reader:@localhost/shop",
        "postgresql://reader@localhost/shop?password=hunter2",
        "postgresql://reader@localhost/shop?sslpassword=hunter2",
        "postgresql://reader:hunter2/@localhost",
        "reader:hunter2@localhost",
        "hunter2",
        "",
    ],
)
def test_a_url_with_a_secret_is_refused_and_not_repeated(url):
    with pytest.raises(InvalidInputError, match="URL") as refused:
        checked_url(url)
    assert "hunter2" not in str(refused.value)


def test_a_password_in_the_url_is_answered_with_where_it_belongs():
    with pytest.raises(InvalidInputError, match="--password-env VARIABLE or --password-file PATH"):
        checked_url("postgresql://reader:hunter2@localhost/shop")


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("oracle://reader@localhost/shop", "No database of the kind 'oracle' can be read"),
        ("postgres://reader@localhost/shop", "Did you mean 'postgresql'"),
        ("postgresql+psycopg2://reader@localhost/shop", "Write the URL as postgresql://"),
        ("mysql://localhost/shop", "names no user"),
        ("mysql://reader@/shop", "names no host"),
        ("mysql://reader@localhost", "names no database"),
        ("postgresql://reader@localhost:port/shop", "no URL of a database"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused(url, words):
    with pytest.raises(InvalidInputError, match=words):
        checked_url(url)


@pytest.mark.parametrize(
    "url", ["postgresql://reader@localhost/shop", "mariadb+pymysql://r%40x@[::1]:3307/shop", "MySQL://r@h/s"]
)
def test_a_url_without_a_password_is_kept_as_it_is(url):
    assert checked_url(url) == url


def test_the_password_is_in_no_text_of_a_login():
    login = Login("shop", "postgresql://reader@localhost/shop", "hunter2")
    assert "hunter2" not in f"{login!r} {login} {login.address('shop')} {login.address('shop')!r}"
