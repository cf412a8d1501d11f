"""What the web server serves."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from webapp import env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
env.require_secret_key()
application = get_wsgi_application()
