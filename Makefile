# `make lab` and `make test` set up a .venv in this folder; both are safe to repeat.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.neuroloom-user
DEV_STAMP := $(VENV)/.neuroloom-dev
SOURCES := pyproject.toml hatch_build.py widgets/frontend/package-lock.json \
	$(shell find widgets/frontend/src -type f 2>/dev/null)

.PHONY: lab demo test dev clean

lab: $(STAMP)
	$(BIN)/neuroloom lab

demo: $(STAMP)
	$(BIN)/neuroloom demo

test: $(DEV_STAMP)
	PATH="$(abspath $(BIN)):$$PATH" bash .ci/checks

dev: $(DEV_STAMP)

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade pip

$(STAMP): $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --editable .
	touch $(STAMP)

$(DEV_STAMP): $(BIN)/python $(SOURCES)
	$(BIN)/python -m pip install --quiet --editable ".[dev]"
	bash .ci/browser
	touch $(STAMP) $(DEV_STAMP)

clean:
	rm -rf $(VENV) widgets/static widgets/frontend/node_modules
