"""The product's settings, pointed at servers of the test run's own (started by conftest), never at anybody's data."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from webapp.embedded import servers
from webapp.home import Home

if "PYTEST_XDIST_WORKER" not in os.environ:
    _home = Home.open(Path(tempfile.mkdtemp(prefix="launchscope-tests-")))
    atexit.register(shutil.rmtree, _home.path, ignore_errors=True)
    _database, _queue = servers(_home)
    os.environ.update(
        LAUNCHSCOPE_HOME=str(_home.path),
        DATABASE_URL=_database.url,
        REDIS_URL=_queue.url,
        SECRET_KEY="only-for-tests-" + "0123456789" * 4,
    )
elif os.environ["REDIS_URL"].startswith("unix://"):
    # Workers share the servers; each has a database of its own (pytest-django's) and a numbered space in the queue.
    _number = int(os.environ["PYTEST_XDIST_WORKER"].removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = f"{os.environ['REDIS_URL'].partition('?')[0]}?db={_number}"

from webapp.settings import *  # noqa: F403

# Hashing passwords slowly is the point in production and waste here.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# The manifest needs collectstatic first; the tests of `make up` cover that.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Nothing is collected for tests either.
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # noqa: F405
