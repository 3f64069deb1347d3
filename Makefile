# Two commands do everything:
#   make lab    opens the course in JupyterLab  (make lab ARGS="--no-browser --port 9999" passes options on)
#   make test   runs every test
# Both make .venv if it is missing and install what they need into it.

PYTHON ?= python3
# a container runs as root, and JupyterLab wants to be told
ROOT := $(if $(filter 0,$(shell id -u)),--allow-root)
VENV := .venv
BIN := $(VENV)/bin

.PHONY: lab test notebooks site format clean

lab: $(VENV)/.lab
	$(BIN)/jupyter lab $(ROOT) $(ARGS) notebooks/index.ipynb

test: $(VENV)/.dev
	PATH="$(abspath $(BIN)):$$PATH" tests/run $(ARGS)

notebooks: $(VENV)/.dev
	$(BIN)/python tests/notebooks/store.py

site: $(VENV)/.dev
	$(BIN)/python .ci/site.py

format: $(VENV)/.dev
	$(BIN)/ruff check --fix wclab tests
	$(BIN)/ruff format wclab tests

$(VENV)/.lab: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[lab]"
	touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	touch $@

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

clean:
	rm -rf $(VENV) build dist site .pytest_cache .mypy_cache .ruff_cache .hypothesis
