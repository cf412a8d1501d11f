# `make help` lists the targets; README.md gives the plain lines behind them.
PYTHON ?= python3
SHELL := /bin/bash
.DEFAULT_GOAL := help
.PHONY: help up demo test bench lock install install-dev

help: ## What there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18
	@echo
	@echo '  PORT=8000 BIND=127.0.0.1 LAUNCHSCOPE_HOME=./var DEMO=0 … are read by make up; ONLY=name by make bench.'

up: install ## Start Launchscope here: database, queue, web, worker; Ctrl-C stops it
	@exec .venv/bin/python -m webapp.up

demo: install ## Record 12 real launches of a small program and send them to the running Launchscope
	@exec .venv/bin/python -m webapp.demo

test: install-dev ## The whole gate: format, lint, types, import contracts, migrations, all tests
	@exec .venv/bin/python -m webapp.gate

bench: install-dev ## Measure, each figure beside its limit
	@exec .venv/bin/python -m benchmarks

lock: install-dev ## Pin and hash the requirements anew from pyproject.toml
	@.venv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --upgrade --extra server pyproject.toml -o requirements/server.txt
	@.venv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 \
	  --upgrade --extra server --group dev pyproject.toml -o requirements/dev.txt

install:
	@$(PYTHON) requirements/install.py server

install-dev:
	@$(PYTHON) requirements/install.py dev
