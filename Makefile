# `make` lists the targets. The first one that needs it installs the project into .venv, with the versions of
# constraints.txt; installing is skipped until pyproject.toml or constraints.txt change.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt
PORT ?= 8501
# The first of these that is new enough and can make environments. constraints.txt was tried on 3.11 and 3.13.
PYTHONS := $(or $(PYTHON),python3 python3.11 python3.12 python3.13 python3.14)
# Looked up when it is used: `browser` may just have installed it.
BROWSER = $(or $(BROWSER_PATH),$(shell command -v chromium || command -v chromium-browser || command -v google-chrome))

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test check format bench verify install install-dev browser

help: ## List the targets
	@echo 'Usage: make TARGET'
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

demo: install ## Build the sample organisation, ingest it and serve the dashboard (PORT=8501)
	$(BIN)/twinledger sample data/demo
	$(BIN)/twinledger ingest --settings data/demo/settings.toml
	$(BIN)/twinledger serve --settings data/demo/settings.toml --port $(PORT)

test: install-dev browser ## Run every test
	$(if $(BROWSER),BROWSER_PATH='$(BROWSER)') $(BIN)/python -m pytest --numprocesses auto --dist loadfile

check: install-dev ## Check style, types and who imports whom
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

format: install-dev ## Format the code
	$(BIN)/ruff format

bench: install ## Hold the replay against git and others (REPOS="path path", TABLES, EVERY, JSCPD, PEERS, ORACLE, SCALE)
	@[ -n '$(REPOS)$(TABLES)' ] || { echo 'Name repositories on this machine: make bench REPOS="path path"' >&2; exit 1; }
	@PYTHONPATH=. $(BIN)/python tests/bench $(REPOS) $(if $(TABLES),--tables $(TABLES)) $(if $(EVERY),--every $(EVERY)) \
	  $(if $(JSCPD),--jscpd $(JSCPD)) $(if $(PEERS),--peers $(PEERS)) $(if $(ORACLE),--oracle $(ORACLE)) $(if $(SCALE),--scale $(SCALE))

verify: install ## Hold every number against 200 organisations of which everything is known (SIZE), for the page that says so
	$(BIN)/twinledger verify --seed 1 --size $(or $(SIZE),200) --out dashboard/proven.json

install: $(VENV)/.installed ## Install what twinledger needs into .venv

install-dev: $(VENV)/.installed-dev ## Install what the tests and checks need as well

browser: ## Install Chromium for the tests, where there is none and we may
	@if [ -n '$(BROWSER)' ]; then exit 0; fi; \
	become=; [ "$$(id -u)" = 0 ] || become='sudo -n'; \
	if command -v apt-get >/dev/null && $$become true 2>/dev/null; then \
	  echo 'Installing Chromium from the packages of this system.'; \
	  $$become apt-get update -qq; \
	  $$become env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends chromium >/dev/null \
	    && exit 0; \
	fi; \
	echo 'There is no Chromium, and it cannot be installed from here. Install it with the packages of your system,' >&2; \
	echo 'or set BROWSER_PATH to one: without it the browser tests fail.' >&2

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/.made
	@echo 'Installing twinledger into $(VENV): about a minute the first time.'
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/.made
	@echo 'Installing twinledger and what its tests need into $(VENV): about two minutes the first time.'
	@$(PIP) --editable '.[dev]'
	@touch $(VENV)/.installed $@

$(VENV)/.made:
	@for python in $(PYTHONS); do \
	  if "$$python" -c 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
	    echo "Making $(VENV) with $$("$$python" --version)."; \
	    "$$python" -m venv $(VENV) && touch $@; exit; \
	  fi; \
	done; \
	echo 'No Python from 3.11 on that can make environments was found; looked for: $(PYTHONS).' >&2; \
	echo 'Install one (on Debian and Ubuntu with python3-venv), or name yours: make PYTHON=/path/to/python3' >&2; \
	exit 1
