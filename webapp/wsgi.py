"""What the web server serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from webapp import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
env.require_secret_key()
application = get_wsgi_application()

from webapp.celery import app as queue  # noqa: E402  (needs the settings)

# An upload does not wait for a queue that is down: the sweep enqueues it later. Workers do wait, so only here.
queue.conf.broker_transport_options = {**queue.conf.broker_transport_options, "max_retries": 0}
