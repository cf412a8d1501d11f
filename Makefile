# `make help` lists the targets; README.md gives the plain lines behind them.
PYTHON ?= python3
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --upgrade

.DEFAULT_GOAL := help
.PHONY: help up demo agent test bench messages lock install install-dev

help: ## What there is
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-16s%s\n' "$$name" "$$text"; done
	@echo
	@echo '  make up reads PORT=8000 BIND=127.0.0.1 LAUNCHSCOPE_HOME=./var DEMO=0, make bench ONLY=figure; README.md has all.'

up: install ## Start Launchscope here, database and queue included; Ctrl-C stops it
	@exec $(BIN)/python -m webapp.up

demo: install ## Record 12 real launches of a small program and send them to the running Launchscope
	@exec $(BIN)/python -m webapp.demo

agent: ## Pack the agent into dist/agent.pyz, one file for any Python from 3.9 on
	@$(PYTHON) -m diagnostics.agent.packing dist/agent.pyz

test: install-dev ## The whole gate: format, lint, types, import contracts, migrations, all tests
	@$(BIN)/python -m tests.chromium
	@echo '== format'
	@$(BIN)/ruff format --check .
	@echo '== lint'
	@$(BIN)/ruff check .
	@echo '== types'
	@$(BIN)/mypy
	@echo '== import contracts'
	@$(BIN)/lint-imports
	@echo '== migrations'
	@$(BIN)/python -m pytest -q tests/webapp/test_migrations.py
	@echo '== migrations, and all tests'
	@exec $(BIN)/python -m pytest -n 2 --dist loadgroup

bench: install-dev ## Measure each figure beside its limit; ONLY=name for one
	@exec $(BIN)/python -m benchmarks

messages: install-dev ## Collect the texts to translate, and compile the Chinese ones
	@$(BIN)/python requirements/messages.py

lock: install-dev ## Pin and hash the requirements anew from pyproject.toml
	@$(COMPILE) --extra server pyproject.toml -o requirements/server.txt
	@$(COMPILE) --extra server --group dev pyproject.toml -o requirements/dev.txt

install:
	@command -v $(PYTHON) >/dev/null || { echo 'Launchscope cannot be installed. There is no $(PYTHON): install Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) requirements/install.py server

install-dev:
	@command -v $(PYTHON) >/dev/null || { echo 'Launchscope cannot be tested. There is no $(PYTHON): install Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) requirements/install.py dev
