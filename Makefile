# `make` alone prints this menu. Everything runs in .venv, from the locked versions in uv.lock.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# Tests and the demo must never write to a Prefect server that happens to be set.
export PREFECT_API_URL =

SYSTEM_UV := $(shell uv --version >/dev/null 2>&1 && command -v uv)
UV := $(or $(SYSTEM_UV),.uv/bin/uv)
RUN := $(UV) run --no-sync

.PHONY: help install demo test check format golden server deploy

help: ## print this menu
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-8s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

.uv/bin/uv:
	@python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "findmatches needs Python 3.11 or newer; python3 is $$(python3 --version 2>&1)."; exit 1; }
	@python3 -m venv .uv || \
		{ rm -rf .uv; echo "python3 cannot make a virtual environment. Install uv (pip install uv), or on Debian: apt install python3-venv"; exit 1; }
	@.uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.9'

install: $(UV) ## install the locked dependencies into .venv (uv comes from PyPI when it is missing)
	@$(UV) sync --locked

demo: install ## run the whole chain on 2,000 made-up persons, about a minute
	@$(RUN) findmatches demo

test: install ## run all tests
	$(RUN) pytest -n 2 --dist loadfile

check: install ## what CI runs: format, lint, types, layers, tests
	$(RUN) ruff format --check
	$(RUN) ruff check
	$(RUN) mypy
	$(RUN) lint-imports
	$(RUN) pytest -n 2 --dist loadfile

format: install ## format the code and mend what ruff can
	$(RUN) ruff format
	$(RUN) ruff check --fix

golden: install ## rewrite tests/golden and the outputs shown in docs and README.md; read the diff afterwards
	FINDMATCHES_GOLDEN=rewrite $(RUN) pytest -q -m golden
	git --no-pager diff --stat -- tests/golden docs README.md

server: install ## start a Prefect server with all flows, a worker and the watcher; LABELS=FOLDER is where labels land
	@$(RUN) findmatches up $(if $(LABELS),--labels '$(LABELS)')

deploy: install ## put every flow on the Prefect server at SERVER=http://127.0.0.1:4200/api
	@test -n "$(SERVER)" || { echo "Say where: make deploy SERVER=http://127.0.0.1:4200/api"; exit 1; }
	@PREFECT_API_URL=$(SERVER) $(RUN) findmatches deploy
