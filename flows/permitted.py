"""Runs that are started from outside touch only the places they may."""

import os

from flows.runs import is_deployed
from storage.allowed_paths import SETTING, allowed_paths, check_allowed
from storage.workspace import Workspace

OWN_PLACES = ("FINDMATCHES_LABELS", "FINDMATCHES_OUTPUT")


def check_permitted(*paths: str | None) -> None:
    """Stop at a path outside of FINDMATCHES_ALLOWED_PATHS; None, a path that was left out, is none.

    Where that is not set, a deployed run is kept to the worker's folder, its workspace, and the folders for labels and
    matches that the environment names; a run by hand, of a person with a shell, is not limited.
    """
    setting = os.environ.get(SETTING)
    if setting is None and not is_deployed():
        return
    own = (os.environ[name] for name in OWN_PLACES if os.environ.get(name))
    allowed = (
        *(allowed_paths(setting) if setting is not None else (os.getcwd(),)),  # noqa: PTH109 - as texts
        str(Workspace.from_environment().home),
        *own,
    )
    for path in paths:
        if path is not None:
            check_allowed(path, allowed)
