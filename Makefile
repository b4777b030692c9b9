# One entry for everything; each target sets up what it needs with only Python (>= 3.10) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip
DEMO := fixtures/three_layer_wrong_weight.py

.DEFAULT_GOAL := help
.PHONY: help demo test lint format golden docs bench mutation clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1	\2/p' Makefile | expand -t 16

demo: $(VENV)/.ready-demo ## Find the wrong line of a three-layer network, then confirm it with autograd
	@printf '\n$$ gradlint --no-run %s\n\n' $(DEMO)
	@$(BIN)/gradlint --no-run $(DEMO); test $$? -eq 1
	@printf '\n$$ gradlint %s\n\n' $(DEMO)
	@$(BIN)/gradlint $(DEMO); test $$? -eq 1

test: $(VENV)/.ready-dev ## Run the tests, on all cores
	$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

lint: $(VENV)/.ready-dev ## Check style and types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.ready-dev ## Put the code into the house style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

golden: $(VENV)/.ready-dev ## Renew the golden outputs; read the difference like code
	$(BIN)/python -m pytest tests/reports --golden

docs: $(VENV)/.ready-dev ## Renew the outputs that the documents show, and the gallery
	$(BIN)/python -m pytest tests/documents --golden

bench: $(VENV)/.ready-dev ## Measure start-up, run and growth, side by side
	$(BIN)/python benchmarks/run.py

mutation: $(VENV)/.ready-dev ## Break right scripts by one edit each and count what is found
	$(BIN)/python benchmarks/mutation/run.py $(ARGS)

clean: ## Remove what was built, the virtual environment included
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "gradlint needs Python 3.10 or newer: make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.ready-demo: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --disable-pip-version-check -c constraints.txt -e '.[torch]'
	@$(BIN)/python -m compileall -q src/gradlint
	@touch $@

$(VENV)/.ready-dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@$(BIN)/python -m compileall -q src/gradlint
	@touch $@
