"""Passwords and keys that stand in a URL: refused before anybody keeps them, and blotted out of what others say."""

import re

from errors import InvalidInputError

# JSON Schema takes no flags, and browsers read these too: names are written in the cases that they come in
_NAMED = "[Pp]ass|PASS|[Pp]wd|PWD|[Ss]ecret|[Tt]oken|[Ss]ig|[Cc]redential"
_IN_A_BUCKET = r"[^/]*[sS]3[aA]?://(?!arn:)[^/]*[:@]"
_BEFORE_A_HOST = r"[^/]*://(?!arn:)[^/@]*:[\s\S]*@"
_FOR_THE_WEB = r"[^/]*[hH][tT][tT][pP][sS]?://[^/]*@"
_IN_OPTIONS = rf"(?![sS]3)[^/]*://[\s\S]*[?&][^=&]*(?:{_NAMED})[^=&]*="
WITH_SECRET = f"(?:{_IN_A_BUCKET}|{_BEFORE_A_HOST}|{_FOR_THE_WEB}|{_IN_OPTIONS})"
WITHOUT_SECRET = f"^(?!{WITH_SECRET})"

_LOGIN = re.compile(r"(://)[^/@\s'\"]+@")


def check_no_secret(text: str) -> None:
    """Stop at a URL with a password or a key in it, without repeating it.

    >>> check_no_secret("s3://lake/people.csv"), check_no_secret("postgresql://reader@localhost/shop")
    (None, None)
    """
    if re.match(WITH_SECRET, text):
        raise InvalidInputError(
            "There is a password or a key in the URL, and what runs are given is kept and shown. Leave it out: keys of "
            "S3 belong in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, the password of a database in a variable that "
            "a connection names (findmatches connection create NAME URL --password-env VARIABLE)."
        )


def without_logins(text: str) -> str:
    """Return a text of somebody else, such as a library's error, with the logins blotted out that its URLs hold.

    >>> without_logins('Cannot reach "http://ada:secret@proxy:3128"')
    'Cannot reach "http://***@proxy:3128"'
    """
    return _LOGIN.sub(r"\1***@", text)
