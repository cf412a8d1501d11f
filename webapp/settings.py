"""Django settings. Whatever may differ between installations is an environment variable, described where it is read."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF

from webapp import env

# Where `make up` keeps database, queue, logs, secret key and credentials.json (LAUNCHSCOPE_HOME, default ./var).
LAUNCHSCOPE_HOME = env.home()
# PostgreSQL 15 or newer, postgresql://user:password@host:port/name; unset: the one that `make up` runs itself.
DATABASE_URL = env.address("DATABASE_URL", "database")
# Redis or Valkey: redis://, rediss:// or unix:///path; it only carries ids, so losing it loses no data.
REDIS_URL = env.address("REDIS_URL", "queue")
# Signs sessions. No default: `make up` makes one in the home, anything else must bring one of 32 characters or more.
SECRET_KEY = env.secret_key()
# Keys of before, separated by commas, while a key is changed: what they encrypted and signed is still read.
SECRET_KEY_FALLBACKS = env.listed("SECRET_KEY_FALLBACKS", [])
# Host names that browsers and agents may use, separated by commas; `make up` adds this machine's own.
# This machine's loopback always works: health checks use it.
ALLOWED_HOSTS = [*env.listed("ALLOWED_HOSTS", []), "localhost", "127.0.0.1", "[::1]"]
# Where people reach this installation, e.g. https://launchscope.example.com; https:// turns on secure cookies and HSTS.
SITE_URL = env.text("SITE_URL").rstrip("/")
# Django's debug pages; never on a machine that others reach.
DEBUG = env.flag("DEBUG")

# Uploads: bytes as sent, and after decompression.
MAX_BODY_BYTES = env.integer("MAX_BODY_BYTES", 32 * 1024**2, least=1)
MAX_DECOMPRESSED_BYTES = env.integer("MAX_DECOMPRESSED_BYTES", 256 * 1024**2, least=1)
# The least effect worth a flag; both must be exceeded.
FLOOR_RATIO = env.decimal("FLOOR_RATIO", 0.02)
FLOOR_NS = env.integer("FLOOR_NS", 10_000_000)
# A launch is judged against this many successful launches before it, if there are at least so many.
BASELINE_LAUNCHES = env.integer("BASELINE_LAUNCHES", 20, least=1)
BASELINE_LEAST = env.integer("BASELINE_LEAST", 5, least=2)
# Which method looks for change points: ours, or the rule of Mozilla's Perfherder.
CHANGE_POINTS = env.choice("CHANGE_POINTS", ["own", "perfherder"])
# A regression resolves itself after so many good launches in a row back at its baseline.
RESOLVE_AFTER = env.integer("RESOLVE_AFTER", 5, least=2)
# Seconds between two looks for artifacts whose message was lost, and the age in seconds from which one counts as lost.
SWEEP_INTERVAL = env.integer("SWEEP_INTERVAL", 30, least=1)
SWEEP_AGE = env.integer("SWEEP_AGE", 60, least=1)
SWEEP_BATCH = env.integer("SWEEP_BATCH", 5000, least=1)
# An artifact whose parsing did not finish this many times (lost worker, time limit) is rejected, not tried for ever.
PARSE_ATTEMPTS = env.integer("PARSE_ATTEMPTS", 5, least=1)
# A file of a host (kernel log, sar) that arrives has this many of the launches it tells of judged again, newest first.
EVIDENCE_LAUNCHES = env.integer("EVIDENCE_LAUNCHES", 20, least=1)
# OTLP: bytes of a request, as sent and after decompression; seconds without new spans after which a trace is judged.
OTLP_MAX_BYTES = env.integer("OTLP_MAX_BYTES", 20 * 1024**2, least=1)
OTLP_QUIET = env.decimal("OTLP_QUIET", 10.0)
# Seconds between two looks for traces that have become quiet.
OTLP_LOOK = min(max(OTLP_QUIET / 4, 0.5), 5.0)
# Senders of spans are told to come later (429) while so many uploads wait to be parsed.
OTLP_MOST_WAITING = env.integer("OTLP_MOST_WAITING", 5000, least=1)
# Every launch goes on to this OTLP/HTTP endpoint (http://collector:4318), with these headers (name=value,name=value);
# at most so many launches wait for it.
FORWARD_OTLP_ENDPOINT = env.endpoint("FORWARD_OTLP_ENDPOINT")
FORWARD_OTLP_HEADERS = env.listed("FORWARD_OTLP_HEADERS", [])
FORWARD_MOST = env.integer("FORWARD_MOST", 1000, least=1)
# Traces of requests are kept for so many days, and never more than so many.
REQUEST_TRACE_DAYS = env.integer("REQUEST_TRACE_DAYS", 7, least=1)
REQUEST_TRACES_MOST = env.integer("REQUEST_TRACES_MOST", 100_000, least=1)
# Seconds one task may run before it is ended, whatever it does.
TASK_TIME_LIMIT = env.integer("TASK_TIME_LIMIT", 300, least=10)
# Networks and hosts that are not public and that monitors and webhooks may ask all the same, separated by commas.
OUTBOUND_ALLOW = env.places("OUTBOUND_ALLOW")
# Seconds between two looks into the outbox, and how long a message of a group waits there for others of it.
DELIVERY_INTERVAL = env.integer("DELIVERY_INTERVAL", 10, least=1)
DELIVERY_GATHER = env.integer("DELIVERY_GATHER", 10)
# A message that could not be delivered this often is dead. It is tried again after DELIVERY_BACKOFF seconds, then after
# three times as long, and so on, at most an hour.
DELIVERY_ATTEMPTS = env.integer("DELIVERY_ATTEMPTS", 8, least=1)
DELIVERY_BACKOFF = env.integer("DELIVERY_BACKOFF", 10, least=1)
# Seconds one attempt may take.
DELIVERY_TIMEOUT = env.integer("DELIVERY_TIMEOUT", 15, least=1)
# Messages that were sent, or are dead, are kept for so many days.
DELIVERY_DAYS = env.integer("DELIVERY_DAYS", 90, least=1)
# Who may read /metrics without a token, and how much of each service it tells.
METRICS_ALLOW = env.networks("METRICS_ALLOW")
METRICS_INTERVAL = env.integer("METRICS_INTERVAL", 10, least=1)
METRICS_SERVICES = env.integer("METRICS_SERVICES", 200, least=1)
METRICS_VERSIONS = env.integer("METRICS_VERSIONS", 5, least=1)
METRICS_PHASES = env.integer("METRICS_PHASES", 20)

# Seconds between two looks for monitors that are due; and how many of them one worker asks at once.
MONITOR_TICK = env.integer("MONITOR_TICK", 5, least=1)
MONITOR_BATCH = env.integer("MONITOR_BATCH", 20, least=1)
# Days that single checks, and outages, are kept.
MONITOR_CHECK_DAYS = env.integer("MONITOR_CHECK_DAYS", 30, least=1)
MONITOR_OUTAGE_DAYS = env.integer("MONITOR_OUTAGE_DAYS", 400, least=1)
# A launch that starts so many seconds after a monitor failed was "restarted after" it.
MONITOR_RESTART_WINDOW = env.integer("MONITOR_RESTART_WINDOW", 600)
# Most database connections one process keeps.
DATABASE_POOL_SIZE = env.integer("DATABASE_POOL_SIZE", 10, least=1)

INSTALLED_APPS = [
    "webapp",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "ninja",  # for the documentation page's scripts: no CDN
    "diagnostics",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.login.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [env.ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

_database = env.database(DATABASE_URL)
# The pool checks a connection before lending it, so that a restarted database costs nobody an error page.
_database["CONN_HEALTH_CHECKS"] = True
_database["OPTIONS"]["pool"] = {"min_size": 1, "max_size": DATABASE_POOL_SIZE, "timeout": 4}
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGIN_URL = "/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/login/"
# Paths that serve without a session: the API checks tokens itself, the others say nothing about anybody's data.
OPEN_PATHS = ("/api/", "/v1/", "/healthz", "/readyz", "/metrics", "/login/", "/agent.pyz")
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
# For what is read as a whole, forms and JSON; files are read with a cap of their own, after the token was looked at.
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_BODY_BYTES

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
if SITE_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SECURE_HSTS_SECONDS = 365 * 86400
if SITE_URL:
    # TLS usually ends at a proxy in front; the browser's Origin is this URL, not what the proxy connects to.
    CSRF_TRUSTED_ORIGINS = [SITE_URL]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [env.ROOT / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [env.ROOT / "static"]
# In the home, not in the checkout: two instances from one checkout must not rewrite each other's manifest.
STATIC_ROOT = LAUNCHSCOPE_HOME / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "webapp.static_storage.HashedModules"},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    # It tells of every message that goes out; the outbox does that.
    "loggers": {"apprise": {"level": "WARNING"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
}
