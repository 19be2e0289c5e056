# The two commands of the README are `make demo` and `make test`; `make help` lists the rest.
# Needs only Python 3.11+, make and Terraform >= 1.9 (or OpenTofu): all else is set up here.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMPS := build/stamps
# The cdktf command line and jsii run on the Node.js that the lock file brings.
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/node_modules/.bin:$(PATH)
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
export PIPENV_VERBOSITY := -1
export DISABLE_VERSION_CHECK := 1
.DEFAULT_GOAL := help
.SUFFIXES:
.DELETE_ON_ERROR:

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: setup
setup: $(STAMPS)/python $(STAMPS)/node $(STAMPS)/lambda ## Install everything the project needs, into this folder

$(STAMPS)/python: Pipfile.lock bootstrap.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "setup: Python 3.11 or newer is needed; '$(PYTHON)' is missing or older. Try: make PYTHON=python3.12 ..." >&2; exit 2; }
	@mkdir -p $(STAMPS)
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes -r bootstrap.txt
	$(BIN)/pipenv sync --dev
	@touch $@

$(STAMPS)/node: $(STAMPS)/python package-lock.json
	npm ci --ignore-scripts --no-progress
	@touch $@

$(STAMPS)/lambda: $(STAMPS)/python Pipfile.lock tools/vendor.py
	$(BIN)/python -m tools.vendor
	@touch $@

.PHONY: lock
lock: $(STAMPS)/python ## Resolve the dependencies anew and write the lock files, hashes in, registry hosts out
	$(BIN)/pipenv lock
	$(BIN)/python -m tools.lock
	npm install --package-lock-only --ignore-scripts

.PHONY: clean
clean: ## Remove all that the other targets made, except Terraform state
	rm -rf build cdktf.out .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	rm -rf node_modules $(VENV)
