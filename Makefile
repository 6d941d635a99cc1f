# The commands a person needs. `make demo` starts the shop, `make test` proves it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c

PYTHON_VERSION ?= 3.11
VENV := .venv
BIN := $(VENV)/bin
# NVIDIA machines take the second lock: `make demo LOCK=cuda`.
LOCK ?= $(shell command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L >/dev/null 2>&1 && echo cuda || echo cpu)
UV := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)
# A folder of wheels named by PIP_FIND_LINKS holds the CPU build of torch; elsewhere uv knows where it is.
FIND_LINKS := $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS),$(if $(filter cuda,$(LOCK)),,--torch-backend cpu))
TEST_HOME ?= $(CURDIR)/.test-home

help: ## Show this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(VENV)/.made:
	@python$(PYTHON_VERSION) -m venv $(VENV) 2>/dev/null || python3 -m venv $(VENV)
	command -v uv >/dev/null 2>&1 || $(BIN)/python -m pip install --quiet "uv>=0.9"
	touch $@

$(VENV)/.runtime: $(VENV)/.made locks/$(LOCK).lock
	@echo "Installing $$(wc -l < locks/$(LOCK).lock) packages from locks/$(LOCK).lock"
	VIRTUAL_ENV=$(VENV) $(UV) pip install --no-deps -r locks/$(LOCK).lock $(FIND_LINKS)
	touch $@

$(VENV)/.dev: $(VENV)/.made locks/dev.lock
	@echo "Installing $$(wc -l < locks/dev.lock) packages from locks/dev.lock"
	VIRTUAL_ENV=$(VENV) $(UV) pip install --no-deps -r locks/dev.lock $(FIND_LINKS)
	touch $@ $(VENV)/.runtime

setup: $(VENV)/.runtime ## Build the environment and prepare the default store
	@$(BIN)/python -m assistant prepare

demo: $(VENV)/.runtime ## Prepare what is missing, start the engine and the page
	@exec $(BIN)/python -m assistant demo

dev: $(VENV)/.dev ## Build the environment with tests and checks

check: $(VENV)/.dev ## Lint, types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fix: $(VENV)/.dev ## Format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test: $(VENV)/.dev browser postgres ## All tests: fast ones first, then the real engine and the browser
	$(BIN)/python -m pytest -m "not engine and not browser"
	ASSISTANT_HOME=$(TEST_HOME) $(BIN)/python -m assistant prepare
	ASSISTANT_HOME=$(TEST_HOME) $(BIN)/python -m pytest -m "engine or browser"

test-fast: $(VENV)/.dev ## Only the tests that need neither engine nor browser
	$(BIN)/python -m pytest -m "not engine and not browser"

browser: ## Find or install the browser that the tests drive
	@command -v chromium >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    apt-get update -qq && apt-get install -y -qq chromium >/dev/null; \
	  else echo "The page's tests need Chromium: apt-get install chromium" >&2; exit 1; fi; }

postgres: ## Find or install the server that the order tests run on besides SQLite
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    { apt-get update -qq && apt-get install -y -qq postgresql >/dev/null; } || true; \
	  else echo "Without PostgreSQL its tests are skipped: apt-get install postgresql" >&2; fi; }

bench: $(VENV)/.dev ## Benchmarks that end within an hour together
	$(BIN)/python -m tests.benchmarks.turns
	$(BIN)/python -m tests.benchmarks.recommend_offline
	$(BIN)/python -m tests.benchmarks.ranking_latency
	$(BIN)/python -m tests.benchmarks.serving

lock: ## Resolve the lock files again
	@for extra in "dev:--extra cpu --extra dev --extra bench" "cpu:--extra cpu -c locks/dev.lock" "cuda:--extra cuda"; do
	  $(UV) pip compile --quiet pyproject.toml --python-version 3.11 \
	    --python-platform x86_64-manylinux_2_28 --override locks/overrides.txt --no-header --no-annotate \
	    --no-emit-find-links --no-emit-index-url $(if $(PIP_FIND_LINKS),--find-links $(PIP_FIND_LINKS)) \
	    $${extra#*:} -o locks/$${extra%%:*}.lock
	done

clean: ## Remove the environment and test data
	rm -rf $(VENV) $(TEST_HOME) .mypy_cache .ruff_cache .pytest_cache

.PHONY: help setup demo dev check fix test test-fast browser postgres bench lock clean
