"""What runs: one Prefect flow per file, named as the file.

Importing this room sets the Prefect settings in `flows.settings`; that has to happen before `prefect` is imported.
"""

from flows import settings as settings
