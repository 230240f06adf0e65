# One path: a virtual environment in .venv, filled from pinned requirements with hashes. The stamps make it instant.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Byte-compile always: importing from source would cost every start several seconds.
PIP := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pip --disable-pip-version-check -q
# Here, so that no start has to.
COMPILE := $(BIN)/python -c "from analytics.rolling import prepare_compiled; prepare_compiled()"
CODE := app.py settings.py analytics ingest storage services api layouts callbacks tests benchmarks

.DEFAULT_GOAL := help
.PHONY: help run setup fast alerts dev test check lint format types contracts bench soak lock screens docs clean

help: ## list what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 18

run: setup ## set up if needed, then open the dashboard on http://127.0.0.1:8050 (ARGS="--source demo")
	$(BIN)/python app.py $(ARGS)

setup: $(VENV)/.ready ## only set up .venv

fast: $(VENV)/.fast-ready ## set up .venv with numba too (200 MB): the live numbers by compiled loops, three times faster

alerts: $(VENV)/.alerts-ready ## set up .venv with apprise too: alerts by Telegram, Discord, Slack, e-mail, ntfy

dev: $(VENV)/.dev-ready ## set up .venv with the developers' tools

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Pairwatch needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: requirements.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.fast-ready: requirements-fast.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-fast.txt
	$(COMPILE)
	@touch $@ $(VENV)/.ready

$(VENV)/.alerts-ready: requirements-alerts.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-alerts.txt
	@touch $@ $(VENV)/.ready

$(VENV)/.dev-ready: requirements-dev.txt | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-dev.txt
	$(COMPILE)
	@touch $@ $(VENV)/.ready

# Byte-compiled too: the tests start the product a hundred times.
test: dev ## run every test, three at a time (ARGS="-k zscore", ARGS="-x --pdb": one at a time)
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto $(ARGS)

check: lint ## format, lint, types, import contracts, house rules
	$(BIN)/python -m pytest -q tests/test_house.py tests/test_docs.py

# Without the house rules, which are tests: whoever runs all tests has them.
lint: dev
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(CODE)
	$(BIN)/lint-imports

format: dev ## rewrite the code in the house format
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

bench: dev ## run the benchmarks; ratios are taken within one run
	$(BIN)/python -m benchmarks

soak: dev ## a compressed day under random faults (ARGS="--minutes 120", "--kills 200"); what grows, what is lost
	$(BIN)/python -m tests.reliability.soak $(ARGS)

screens: dev ## take the screenshots of docs/screens anew
	$(BIN)/python -m tests.e2e.screens

docs: dev ## write the parts of docs/ that are made of the code
	$(BIN)/python -m tests.write_docs

lock: ## (maintainers, needs uv) compile pyproject.toml into pinned requirements without addresses
	uv pip compile -q pyproject.toml --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements.txt
	uv pip compile -q pyproject.toml --extra fast --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-fast.txt
	uv pip compile -q pyproject.toml --extra alerts --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-alerts.txt
	uv pip compile -q pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" -o requirements-dev.txt

clean: ## remove .venv and caches (never data/)
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
